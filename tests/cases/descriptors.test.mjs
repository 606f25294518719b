// More plugins than the soft limit of open files allows: angod raises the limit as far as it may, and says where it ends.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fs from 'node:fs';
import { startHub } from '../hub/hub.mjs';
import { Angod, example, until } from '../integration/lib/angod.mjs';
import { escape } from '../integration/lib/lines.mjs';

const MANY = 90;
const SENTENCE =
    'all 64 file descriptors that the system allows angod are in use: plugins cannot connect and hosts cannot start. Raise the limit (LimitNOFILE= in the systemd unit, or ulimit -n) and restart angod';
let hub, plugins;
before(async () => {
    hub = await startHub();
    plugins = Array.from({ length: MANY }, (_, i) => hub.createPlugin({ type: 'Input', name: `p${i}` }));
});
after(() => hub?.close());

const live = () => plugins.filter(({ id }) => hub.plugin(id).live > 0).length;
const limitOf = (pid) => Number(/^Max open files +(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/limits`, 'utf8'))[1]);

async function withLimits(soft, hard, use, allow = []) {
    const launcher = ['bash', '-c', `ulimit -Sn ${soft}; ulimit -Hn ${hard}; exec "$@"`, '-'];
    const angod = new Angod(hub, {
        modules: [example('echo')],
        plugins: plugins.map((plugin, i) => ({ plugin, name: `p${i}`, module: 'echo' })),
        launcher,
        allow,
    });
    try {
        await angod.start();
        await use(angod);
    } catch (failed) {
        await angod.kill(); // it may not answer any more, and the first error says more
        await angod.close().catch(() => {});
        throw failed;
    }
    await angod.close();
}

describe('with a soft limit of 64 open files', () => {
    it('all plugins live if the hard limit is higher', () =>
        withLimits(64, 4096, async (angod) => {
            assert.equal(limitOf(angod.pid), 4096);
            await until(() => live() === MANY, 'all plugins to live');
            assert.equal((await hub.waitForSession(hub.run(plugins[MANY - 1].id), 10000)).state, 'answered');
        }));

    it('and a hard one of 64 the limit is named, and the admin socket answers all the time', () =>
        withLimits(
            64,
            64,
            async (angod) => {
                await until(() => angod.log.some(({ msg }) => msg === SENTENCE), 'the limit to be named');
                for (let i = 0; i < 20; i += 1) assert.equal((await angod.get('/v1/status')).state, 'running');
                assert.ok(live() > 20, `${live()} plugins live`);
                const warnings = angod.log.filter(({ level }) => /^(warning|error)$/.test(level));
                assert.ok(warnings.length < 3 * MANY, `${warnings.length} warnings`);
            },
            [
                new RegExp(`^${escape(SENTENCE)}$`),
                /^cannot connect to 127\.0\.0\.1:\d+: Too many open files; trying again, next in \d+ (ms|s)$/,
            ],
        ));
});
