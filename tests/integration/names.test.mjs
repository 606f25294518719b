// Host names and addresses: names that change, that no server resolves, that have several addresses; IPv6.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it, test } from 'node:test';
import { startHub } from '../hub/hub.mjs';
import { example, until } from './lib/angod.mjs';
import { Exporting } from './lib/exporting.mjs';
import { linkLost } from './lib/lines.mjs';
import { SWALLOWING, launcherWith, withoutNamespaces } from './lib/namespaces.mjs';
import { System } from './lib/system.mjs';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-names-'));
const file = (name, text) => {
    fs.writeFileSync(path.join(dir, name), text);
    return path.join(dir, name);
};
const hubs = [];
const hubAt = async (options) => {
    const hub = await startHub(options);
    hubs.push(hub);
    return hub;
};
after(async () => {
    for (const hub of hubs) await hub.close();
    fs.rmSync(dir, { recursive: true, force: true });
});

/** Creates a plugin of this system in another Hub. */
function adopt(system, name, hub) {
    const { id, secret } = system.hub.plugins.get(system.id(name));
    hub.createPlugin({ id, secret, name, type: 'Input' });
    return id;
}
async function lives(hub, id) {
    hub.link('all').drop(); // connections from before the Hub knew the plugin
    await hub.waitForLight(id, 'green', 20000);
    assert.equal((await hub.waitForSession(hub.run(id), 20000)).answers[0].message.response, 'attempt 1');
}

test('an export goes over IPv6, its addresses given as such', async () => {
    const system = await Exporting.start({
        modules: [example('export_lines_cpp')],
        plugins: { lines: { module: 'export-lines-cpp' } },
        hub: { host: '::1' },
    });
    assert.match(system.hub.url, /^http:\/\/\[::1\]:\d+$/);
    assert.equal(system.result(await system.run('lines', system.project({ assets: 300 }))).records.length, 300);
    await system.close();
});

describe('names in a hosts file', { skip: withoutNamespaces }, () => {
    let system, first, second, six, four, port;
    const hosts = path.join(dir, 'hosts');
    before(async () => {
        first = await hubAt({ host: '127.0.0.1' });
        port = new URL(first.url).port;
        second = await hubAt({ host: '127.0.0.2', port: Number(port) });
        six = await hubAt({ host: '::1' });
        four = await hubAt({ host: '127.0.0.1' });
        file('hosts', '127.0.0.1 moving.example both.example\n::1 both.example\n');
        const at = (name, hub) => ({ hub: { url: `http://${name}:${new URL(hub.url).port}`, insecure: true } });
        system = await System.start(
            {
                plugins: {
                    moving: at('moving.example', first),
                    six: at('both.example', six),
                    four: at('both.example', four),
                    nowhere: { hub: { url: 'http://both.example:1', insecure: true } },
                },
                launcher: launcherWith({ '/etc/hosts': hosts }),
                // It keeps trying while the name cannot be resolved.
                allow: [
                    /^cannot connect to both\.example:1: (.*Connection refused|the host name both\.example cannot be resolved: [\w ]+); trying again, next in \d+ ms$/,
                ],
            },
            false,
        );
        system.angod.allow(linkLost);
    });
    after(() => system?.close());

    it('that stand for an IPv6 and an IPv4 address lead to the one that answers, whichever it is', async () => {
        system.angod.expect(linkLost);
        await lives(six, adopt(system, 'six', six));
        await lives(four, adopt(system, 'four', four));
    });

    it('whose addresses all refuse: the reason names each', async () => {
        const { reason } = await until(async () => {
            const view = await system.angod.plugin('nowhere');
            return view.reason && view;
        }, 'the reason');
        assert.match(
            reason,
            /^cannot connect to both\.example:1: (::1: Connection refused; 127\.0\.0\.1: Connection refused|127\.0\.0\.1: Connection refused; ::1: Connection refused)$/,
        );
    });

    it('that change: the next connection asks anew', async () => {
        system.angod.expect(
            linkLost,
            /^cannot connect to moving\.example:\d+: the host name moving\.example cannot be resolved: [\w ]+; trying again, next in \d+ ms$/,
        );
        const id = adopt(system, 'moving', first);
        adopt(system, 'moving', second);
        await lives(first, id);
        file('hosts', '127.0.0.2 moving.example\n');
        first.link(id).drop();
        await second.waitForLight(id, 'green', 20000);
        assert.equal((await second.waitForSession(second.run(id), 20000)).answers[0].message.response, 'attempt 1');
        file('hosts', '# gone\n');
        second.link(id).drop();
        await until(
            async () => /the host name moving\.example cannot be resolved: /.test((await system.angod.plugin('moving')).reason),
            'the name to be missed',
        );
        file('hosts', '127.0.0.1 moving.example\n');
        await first.waitFor(() => first.plugin(id).live === 1, 40000, 'the first Hub again');
    });
});

describe('a name server that says nothing', { skip: withoutNamespaces }, () => {
    // Without this the test would wait 5 minutes.
    const silent = () => ({
        launcher: launcherWith(
            { '/etc/resolv.conf': file('resolv.conf', 'nameserver 192.0.2.53\noptions timeout:30 attempts:5\n') },
            { network: SWALLOWING },
        ),
    });
    const waiting = (system) => until(async () => (await system.angod.plugin('p')).state === 'connecting', 'the question');

    it('does not hold up a stop, and takes one thread for a name however many plugins ask for it', async () => {
        const names = ['p', ...Array.from({ length: 20 }, (_, i) => `p${i}`)];
        const system = await System.start(
            { plugins: Object.fromEntries(names.map((name) => [name, { hub: { url: 'https://hub.example' } }])), ...silent() },
            false,
        );
        await waiting(system);
        assert.ok(fs.readdirSync(`/proc/${system.angod.pid}/task`).length < 10);
        assert.deepEqual(await system.angod.stop(10000), { code: 0, signal: null }, 'within less than the limit of a connection attempt');
        await system.close();
    });

    it('does not hold up the limit of a connection attempt, nor other plugins', async () => {
        const system = await System.start(
            { plugins: { p: { hub: { url: 'https://hub.example' } }, q: { hub: { url: 'http://localhost:1' } } }, ...silent() },
            false,
        );
        system.angod.expect(
            /^cannot connect to localhost:1: .*Connection refused; trying again, next in \d+ ms$/,
            /^cannot connect to hub\.example: the host name hub\.example was not resolved in time; trying again, next in \d+ ms$/,
        );
        await waiting(system);
        await until(async () => /Connection refused/.test((await system.angod.plugin('q')).reason), 'the other plugin to get its answer');
        await until(
            async () => /the host name hub\.example was not resolved in time/.test((await system.angod.plugin('p')).reason),
            'the limit',
            25000,
        );
        await system.close();
    });
});
