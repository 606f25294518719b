// Mistakes in the configuration of a second angod while one is running, and secret files with wrong contents or rights.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startHub } from '../hub/hub.mjs';
import { Angod, example, program, run, until } from './lib/angod.mjs';
import { assertWell } from './lib/neighbour.mjs';

let hub, neighbour, angod;
before(async () => {
    hub = await startHub({});
    neighbour = hub.createPlugin({ name: 'neighbour', type: 'Input' });
    angod = await new Angod(hub, {
        modules: [example('echo')],
        plugins: [{ plugin: neighbour, name: 'neighbour', module: 'echo' }],
    }).start();
    await hub.waitForLight(neighbour.id, 'green');
});
after(async () => {
    try {
        await angod.close();
    } finally {
        await hub.close();
    }
});

const SECRET = 'a-secret-that-nobody-may-see';

it('five mistakes are reported at once with file, line and key, and the running angod goes on', async () => {
    const file = path.join(angod.dir, 'five.json');
    fs.writeFileSync(
        file,
        `{
  "hub": { "url": "https://hub.example", "api_url": "https://api.example", "retries": 3 },
  "state_dir": "${angod.dir}/other",
  "drain_s": "soon",
  "limits": { "spool_mb": -1 },
  "plugins": [
    { "name": "a", "id": "1", "secret": "${SECRET}", "module": "echo", "kind": "inputs" },
    { "name": "a", "id": "2", "secret": "${SECRET}", "module": "echo" }
  ]
}
`,
        { mode: 0o600 },
    );
    for (const words of [[], ['--check-config']]) {
        const { code, stdout, stderr } = await run(program('angod'), ['--config', file, ...words], true);
        assert.deepEqual([code, stdout], [2, '']);
        assert.deepEqual(
            stderr
                .trimEnd()
                .split('\n')
                .map((line) => line.replace(`${file}:`, 'FILE:').replace(/(known here: ).*/, '$1…'))
                .sort(),
            [
                '5 problems in the configuration; nothing was started',
                'error: FILE:2: hub.retries: unknown key; known here: …',
                'error: FILE:4: drain_s: must be a whole number from 0 to 3600',
                'error: FILE:5: limits.spool_mb: must be a whole number from 1 to 10000000',
                'error: FILE:7: plugins[0].kind: must be one of: export, model, batch-model, file-explorer, markdown, input',
                'error: FILE:8: plugins[1].name: "a" names another plugin already',
            ],
        );
    }
    assert.ok(!fs.existsSync(path.join(angod.dir, 'other')), 'nothing was started');
    angod.expect(/^the configuration was not taken, the present one goes on: /);
    const before = angod.log.length;
    fs.copyFileSync(file, path.join(angod.dir, 'angod.json'));
    angod.child.kill('SIGHUP');
    const answer = await until(() => angod.log.slice(before).find(({ level }) => level === 'error'), 'the answer to SIGHUP');
    for (const mistake of [
        'hub.retries: unknown key',
        'drain_s: must be',
        'limits.spool_mb: must be',
        'plugins[0].kind: must be one of',
        '"a" names another plugin already',
    ])
        assert.ok(answer.msg.includes(mistake), answer.msg);
    await assertWell(hub, neighbour.id);
});

describe('a secret file', () => {
    /** A configuration with a plugin like the neighbour and a plugin with this secret file. */
    function configWith(secretFile, name = 'secrets') {
        const file = path.join(angod.dir, `${name}.json`);
        fs.writeFileSync(
            file,
            JSON.stringify({
                state_dir: path.join(angod.dir, name),
                admin: { socket: path.join(angod.dir, `${name}.sock`) },
                plugins: [{ name: 'p', id: 'i', secret_file: secretFile, module: 'echo' }],
            }),
            { mode: 0o644 },
        );
        return file;
    }
    async function refused(secretFile, why, file = configWith(secretFile), command = [program('angod')]) {
        const [name, ...words] = [...command, '--config', file, '--check-config'];
        const { code, stderr } = await run(name, words, true);
        assert.equal(code, 2, stderr);
        assert.deepEqual(stderr.trimEnd().split('\n'), [
            `error: ${file}:1: plugins[0].secret_file: cannot read ${secretFile}: ${why}`,
            '1 problem in the configuration; nothing was started',
        ]);
        await assertWell(hub, neighbour.id);
    }

    it('that is not there is named', () => refused(path.join(angod.dir, 'nowhere'), 'No such file or directory'));

    it('that is a folder is named', () => refused(angod.moduleDir, 'Is a directory'));

    it('that angod may not read is named', { skip: process.getuid() !== 0 && 'only root can become somebody else' }, async (t) => {
        const open = fs.mkdtempSync('/tmp/angod-secret-');
        t.after(() => fs.rmSync(open, { recursive: true }));
        const secretFile = path.join(open, 'secret');
        fs.chmodSync(open, 0o755);
        fs.writeFileSync(secretFile, SECRET, { mode: 0o600 });
        const file = path.join(open, 'angod.json');
        fs.copyFileSync(configWith(secretFile), file);
        // Other users may not be able to read the build folder, so only the program is copied.
        const bin = path.join(open, 'angod');
        fs.copyFileSync(program('angod'), bin);
        await refused(secretFile, 'Permission denied', file, ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', bin]);
    });

    it('that everybody can read is warned of, and angod starts', async () => {
        const secretFile = path.join(angod.dir, 'open-secret');
        const plugins = ['open', 'beside'].map((name) => hub.createPlugin({ name, type: 'Input' }));
        fs.writeFileSync(secretFile, plugins[0].secret, { mode: 0o644 });
        const other = new Angod(hub, {
            modules: [example('echo')],
            plugins: plugins.map((plugin) => ({ plugin, name: plugin.name, module: 'echo' })),
        });
        Object.assign(other.config.plugins[0], { secret: undefined, secret_file: secretFile });
        other.expect(
            /^\S+\/angod\.json:\d+: plugins\[0\]\.secret_file: \S+\/open-secret can be read by every user of this machine; give it the mode 0640 and angod's group, or 0600 if angod owns it$/,
        );
        await other.start();
        try {
            for (const plugin of plugins) {
                await hub.waitForLight(plugin.id, 'green');
                await assertWell(hub, plugin.id);
            }
            const said = other.logText.split('\n').filter((line) => line.includes(secretFile));
            assert.equal(said.length, 1, other.logText);
            assert.match(
                said[0],
                /warning.*plugins\[0\]\.secret_file: \S+\/open-secret can be read by every user of this machine; give it the mode 0640 and angod's group, or 0600 if angod owns it/,
            );
            assert.ok(!other.logText.includes(plugins[0].secret));
        } finally {
            await other.close();
        }
        await assertWell(hub, neighbour.id);
    });
});
