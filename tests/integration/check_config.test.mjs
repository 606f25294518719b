// angod --check-config looks at what a start would need, and reports all findings at once.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { once } from 'node:events';
import { test } from 'node:test';
import { startHub } from '../hub/hub.mjs';
import { Angod, example, module_, run } from './lib/angod.mjs';
import { System } from './lib/system.mjs';

const check = (angod) => run(path.join(angod.bin, 'angod'), ['--config', angod.writeConfig(), '--check-config'], true);
const linesOf = (text) => text.trimEnd().split('\n').filter(Boolean);

/** An angod that is not started, with these plugins. */
async function configured(plugins, use, config = {}) {
    const hub = await startHub({});
    const entries = plugins.map((entry, i) => ({ plugin: hub.createPlugin({ name: `p${i}`, type: 'Input' }), name: `p${i}`, ...entry }));
    const angod = new Angod(hub, { modules: [example('echo'), module_('detect_fixed')], plugins: entries, config });
    try {
        await use(angod);
    } finally {
        fs.rmSync(angod.dir, { recursive: true, force: true });
        await hub.close();
    }
}

test('a configuration with which angod can start is in order, and nothing stays of the check', () =>
    configured([{ module: 'echo' }], async (angod) => {
        const before = fs.readdirSync(angod.dir);
        const { code, stdout, stderr } = await check(angod);
        assert.deepEqual([code, stdout, stderr], [0, `${path.join(angod.dir, 'angod.json')} is in order: 1 plugin\n`, '']);
        assert.deepEqual(fs.readdirSync(angod.dir), [...before, 'angod.json'].sort());
    }));

test('all that a start would meet is reported at once, with code 2', () =>
    configured(
        [
            { module: 'echo', secret: 'changeme' },
            { module: 'nowhere' },
            { module: 'detect-fixed', kind: 'model', settings: { nonsense: 1 } },
            { module: 'broken' },
            { module: 'echo', connector: 'rest', id: 'your-id' },
        ],
        async (angod) => {
            const server = net.createServer().listen(0, '127.0.0.1');
            await once(server, 'listening');
            const { port } = server.address();
            angod.config.connector = { listen: `127.0.0.1:${port}` };
            angod.config.admin.group = 'no-such-group';
            fs.writeFileSync(path.join(angod.moduleDir, 'broken.so'), 'no library', { mode: 0o755 });
            fs.mkdirSync(angod.stateDir);
            fs.writeFileSync(path.join(angod.stateDir, 'jobs.db'), 'no database'.repeat(20));
            const { code, stdout, stderr } = await check(angod);
            server.close();
            assert.deepEqual([code, stdout], [2, '']);
            const lines = linesOf(stderr);
            for (const expected of [
                /^problem: plugin p0: the secret is a placeholder; enter the one that Hub shows for the plugin$/,
                /^problem: plugin p1: there is no module "nowhere" in \S+$/,
                /^problem: plugin p2: .*nonsense/,
                /^problem: plugin p3: its module is refused: \S+\/broken\.so: /,
                /^problem: plugin p4: the id is a placeholder; enter the one that Hub shows for the plugin$/,
                new RegExp(`^problem: connector\\.listen: cannot listen on port ${port} of 127\\.0\\.0\\.1: Address already in use$`),
                /^problem: admin\.socket: .*there is no group "no-such-group"/,
                /^problem: the job store \S+\/jobs\.db is damaged: it is no SQLite database, or its beginning is overwritten\. /,
                /^a start would meet 8 problems; nothing was started$/,
            ])
                assert.ok(
                    lines.some((line) => expected.test(line)),
                    `${expected} is not in:\n${stderr}`,
                );
            assert.equal(lines.filter((line) => line.startsWith('problem: ')).length, 8, stderr);
            assert.ok(!stderr.includes('changeme'), 'a secret is never shown');
            assert.deepEqual(fs.readdirSync(angod.dir).sort(), ['angod.json', 'modules', 'state'], 'no socket stays');
        },
    ));

test('with a running angod its own files and listeners are left alone, and that is said', async () => {
    await System.use({ plugins: { input: {} } }, async (system) => {
        const { angod } = system;
        const { code, stdout, stderr } = await check(angod);
        assert.equal(code, 0, stderr);
        assert.match(stdout, /is in order: 1 plugin/);
        assert.equal(
            stderr,
            `note: angod is running with the state_dir ${angod.stateDir}; the store, the admin socket and the listener are its own, and were not tried\n`,
        );
        assert.equal((await system.settled(system.run('input'))).state, 'answered');
    });
});

test('a secret in a configuration that every user can read is warned of', () =>
    configured([{ module: 'echo' }], async (angod) => {
        const file = angod.writeConfig();
        fs.chmodSync(file, 0o644);
        const { code, stderr } = await run(path.join(angod.bin, 'angod'), ['--config', file, '--check-config'], true);
        assert.equal(code, 0, stderr);
        assert.match(
            stderr,
            /^warning: \S+\/angod\.json:\d+: plugins\[0\]\.secret: \S+\/angod\.json can be read by every user of this machine; give it the mode 0640 and angod's group, or 0600 if angod owns it$/m,
        );
    }));
