// A network that really disappears: angod runs in a network namespace whose only cable is pulled. The file runs itself again
// inside of namespaces, in which it may pull cables.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startHub } from '../hub/hub.mjs';
import { Angod, fixture, run, until } from './lib/angod.mjs';
import { withoutNamespaces } from './lib/namespaces.mjs';
import { Relay } from './lib/relay.mjs';

const { NODE_TEST_CONTEXT: _outer, ...env } = process.env;
if (!env.ANGOD_INSIDE) {
    test('a pulled cable', { skip: withoutNamespaces }, async () => {
        const inside = await run('unshare', ['-Urn', process.execPath, '--test', fileURLToPath(import.meta.url)], true, {
            env: { ...env, ANGOD_INSIDE: '1' },
            timeout: 120000,
        });
        assert.equal(inside.code, 0, inside.stdout);
        assert.match(inside.stdout, /pass 2\n/);
    });
} else {
    const ip = (...words) => execFileSync('ip', words);
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-cable-'));
    const waits = path.join(dir, 'waits');
    let hub, relay, angod, plugin;
    before(async () => {
        ip('link', 'set', 'lo', 'up');
        ip('link', 'add', 'ours', 'type', 'veth', 'peer', 'name', 'theirs');
        ip('addr', 'add', '192.0.2.1/24', 'dev', 'ours');
        ip('link', 'set', 'ours', 'up');
        hub = await startHub({ socketOptions: { pingInterval: 300, pingTimeout: 700 } });
        relay = await Relay.start({ port: Number(new URL(hub.url).port) }, '192.0.2.1');
        plugin = hub.createPlugin({ name: 'cut', type: 'Input' });
        const script = [
            `: > ${waits}`,
            'until ip link show theirs >/dev/null 2>&1; do sleep 0.02; done',
            'ip link set lo up',
            'ip addr add 192.0.2.2/24 dev theirs',
            'ip link set theirs up',
            'exec "$@"',
        ];
        angod = new Angod(hub, {
            modules: [fixture('witness')],
            plugins: [{ name: 'cut', module: 'witness', kind: 'input', plugin }],
            launcher: ['unshare', '-n', 'sh', '-c', script.join('\n'), 'sh'],
        });
        angod.config.hub = { url: relay.url, api_url: relay.url, insecure: true };
        const starting = angod.start();
        await until(() => fs.existsSync(waits), 'the other network');
        ip('link', 'set', 'theirs', 'netns', String(angod.pid));
        await starting;
        await hub.waitForLight(plugin.id, 'green', 20000);
    });
    after(async () => {
        try {
            await angod?.close();
        } finally {
            await relay?.close();
            await hub?.close();
            fs.rmSync(dir, { recursive: true, force: true });
        }
    });
    const dead =
        /^192\.0\.2\.1:\d+: nothing received for longer than the server's ping interval and time-out; the link is dead; trying again, next in \d+ ms$/;
    const lines = (text) => angod.log.filter((line) => line.msg.includes(text)).length;

    test('is noticed without an error from TCP, and answers arrive when it is back', async () => {
        angod.expect(dead);
        const gate = path.join(dir, 'gate'),
            diary = path.join(dir, 'diary');
        const session = hub.run(plugin.id, { extra: { gate, diary } });
        await until(() => fs.existsSync(diary), 'the run to start');
        ip('link', 'set', 'ours', 'down');
        await until(() => lines('the link is dead') === 1, 'the end of the dead link');
        fs.writeFileSync(gate, '');
        await until(async () => (await angod.jobs())[0]?.state === 'answering', 'the answer to be recorded');
        ip('link', 'set', 'ours', 'up');
        await hub.waitFor(() => hub.plugin(plugin.id).connectionsTotal >= 2, 60000, 'the reconnect');
        const record = await hub.waitForSession(session, 20000);
        await until(async () => (await angod.get('/v1/status')).jobs.answering === 0, 'the answer to be confirmed');
        assert.deepEqual(
            record.answers.map(({ message }) => message.response),
            ['attempt 1'],
        );
    });

    test('does not hold up a stop', async () => {
        angod.expect(dead);
        ip('link', 'set', 'ours', 'down');
        await until(async () => (await angod.plugin('cut')).state === 'connecting', 'an attempt to connect');
        assert.deepEqual(await angod.stop(10000), { code: 0, signal: null });
    });
}
