import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { example, program, run } from './lib/angod.mjs';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-config-'));
after(() => fs.rmSync(dir, { recursive: true, force: true }));

const secret = 'very-secret-secret';
const plugin = (change = {}) => ({ name: 'p', id: 'i', secret, module: 'echo', ...change });
/** Runs angod with a configuration (text or object) until it ends, which takes a moment. */
async function check(config, ...words) {
    const file = path.join(dir, 'angod.json');
    fs.writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config, null, 1), { mode: 0o600 });
    return run(program('angod'), ['--config', file, ...words], true, { timeout: 10000 });
}
const base = {
    state_dir: path.join(dir, 'state'),
    admin: { socket: path.join(dir, 'admin.sock') },
    module_dirs: [path.dirname(example('echo'))],
    plugins: [],
};

test('all mistakes are reported at once with file, line and key, with code 2, and nothing is started', async () => {
    const { code, stderr } = await check(`{
  // a comment
  "hub": { "url": "http://hub.example", "api_url": "nonsense", "colour": "red" },
  "state_dir": "${base.state_dir}",
  "drain_s": "soon",
  "retention_days": 0,
  "durability": "eternal",
  "log": { "level": "loud", },
  "plugins": [
    { "name": "a b", "id": "1", "secret": "${secret}", "module": "m", "concurrency": 100000 },
    { "name": "c", "id": "1", "module": "m", "kind": "dance" },
    { "id": "2", "secret": "${secret}", "secret_env": "X", "module": 5 },
  ],
  "unknown": 1,
}`);
    assert.equal(code, 2);
    const lines = stderr.trim().split('\n');
    const expected = {
        'hub.url': 3,
        'hub.api_url': 3,
        'hub.colour': 3,
        drain_s: 5,
        retention_days: 6,
        durability: 7,
        'log.level': 8,
        'plugins[0].name': 10,
        'plugins[0].concurrency': 10,
        'plugins[1].secret': 11,
        'plugins[1].kind': 11,
        'plugins[1].id': 11,
        'plugins[2]: "name" is missing': 12,
        'plugins[2].secret': 12,
        'plugins[2].module': 12,
        unknown: 14,
    };
    for (const [key, line] of Object.entries(expected))
        assert.ok(
            lines.some((text) => text.startsWith(`error: ${path.join(dir, 'angod.json')}:${line}: ${key}`)),
            `${key} in line ${line}:\n${stderr}`,
        );
    assert.match(lines.at(-1), /^\d+ problems in the configuration; nothing was started$/);
    assert.ok(!stderr.includes(secret));
    assert.deepEqual(fs.readdirSync(dir), ['angod.json']);
});

for (const [what, text] of [
    ['no JSON', '{"plugins": [}'],
    ['an empty file', ''],
    ['a list', '[]'],
    ['a binary file', '\u0000\u0001'],
    ['a deep file', '['.repeat(100000)],
])
    test(`${what} is no configuration: code 2 and a sentence`, async () => {
        const { code, stderr } = await check(text);
        assert.equal(code, 2);
        assert.match(stderr, /^error: .*angod\.json/);
    });

test('a file that is not there and a command line without one end with code 2', async () => {
    const missing = await run(program('angod'), ['--config', path.join(dir, 'nothing.json')], true);
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /nothing\.json/);
    assert.equal((await run(program('angod'), [], true)).code, 2);
    assert.equal((await run(program('angod'), ['--dance'], true)).code, 2);
});

for (const [url, insecure, ok] of [
    ['http://hub.example', false, false],
    ['ws://hub.example:80', false, false],
    ['http://127.0.0.1.example', false, false],
    ['http://10.0.0.1', false, false],
    ['http://hub.example', true, true],
    ['https://hub.example', false, true],
    ['wss://hub.example', false, true],
    ['http://localhost:1', false, true],
    ['http://127.0.0.1:1', false, true],
    ['http://127.9.9.9', false, true],
    ['http://[::1]:1', false, true],
    ['ftp://localhost', true, false],
])
    test(`plaintext goes to loopback only: ${url}${insecure ? ' with "insecure"' : ''} is ${ok ? 'taken' : 'refused'}`, async () => {
        for (const config of [
            { ...base, hub: { url, insecure } },
            ...(url.startsWith('ws') ? [] : [{ ...base, hub: { api_url: url, insecure } }]),
            { ...base, plugins: [plugin({ hub: { url, insecure } })] },
        ]) {
            const { code, stderr } = await check(config, '--check-config');
            assert.equal(/^error: /m.test(stderr), !ok, stderr);
            if (!ok) assert.equal(code, 2);
        }
    });

test('"insecure" of one plugin does not make another one\'s plaintext acceptable', async () => {
    const { code, stderr } = await check(
        {
            ...base,
            plugins: [
                plugin({ hub: { url: 'http://hub.example', insecure: true } }),
                plugin({ name: 'q', id: 'j', hub: { url: 'http://hub.example' } }),
            ],
        },
        '--check-config',
    );
    assert.equal(code, 2);
    assert.match(stderr, /plugins\[1\]\.hub\.url/);
    assert.doesNotMatch(stderr, /plugins\[0\]/);
});

test('secrets come from a file, the environment or a credential; a missing one is a mistake; none is ever printed', async () => {
    fs.writeFileSync(path.join(dir, 'secret'), `${secret}\n`, { mode: 0o600 });
    fs.writeFileSync(path.join(dir, 'empty'), '\n', { mode: 0o600 });
    fs.writeFileSync(path.join(dir, 'open'), secret, { mode: 0o644 });
    const env = { ...process.env, SECRET_OF_P: secret, CREDENTIALS_DIRECTORY: dir };
    const file = path.join(dir, 'angod.json');
    for (const [given, expected, text] of [
        [{ secret_file: path.join(dir, 'secret') }, 0],
        [{ secret_env: 'SECRET_OF_P' }, 0],
        [{ secret_credential: 'secret' }, 0],
        [{ secret_file: path.join(dir, 'open') }, 0, /warning: .*give it the mode 0640/],
        [{ secret_file: path.join(dir, 'nowhere') }, 2, /nowhere/],
        [{ secret_file: path.join(dir, 'empty') }, 2, /is empty/],
        [{ secret_env: 'NOT_SET_AT_ALL' }, 2, /NOT_SET_AT_ALL is not set/],
        [{ secret_credential: 'nowhere' }, 2, /nowhere/],
        [{}, 2, /exactly one of/],
    ]) {
        fs.writeFileSync(file, JSON.stringify({ ...base, plugins: [plugin({ secret: undefined, ...given })] }));
        const { code, stdout, stderr } = await run(program('angod'), ['--config', file, '--check-config'], true, { env });
        assert.equal(code, expected, stderr);
        if (text) assert.match(stderr, text);
        assert.ok(!(stdout + stderr).includes(secret));
    }
});

test('plugins may lie in files of their own; mistakes in them name that file', async () => {
    const folder = path.join(dir, 'plugins.d');
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, 'good.json'), JSON.stringify(plugin()));
    const ok = await check({ ...base, plugin_dir: folder }, '--check-config');
    assert.deepEqual([ok.code, ok.stdout.trim()], [0, `${path.join(dir, 'angod.json')} is in order: 1 plugin`]);
    fs.writeFileSync(path.join(folder, 'wrong.json'), JSON.stringify(plugin({ timeout_s: 0 }), null, 1));
    const wrong = await check({ ...base, plugin_dir: folder }, '--check-config');
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /wrong\.json:\d+: timeout_s/);
    assert.match(wrong.stderr, /wrong\.json:\d+: name.*"p" names another plugin/);
    fs.rmSync(folder, { recursive: true });
});

test('a ca_file that cannot be used is a mistake of the configuration or of the start, with its name', async () => {
    const missing = await check({ ...base, hub: { ca_file: path.join(dir, 'no-ca.pem') } });
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /hub\.ca_file.*no-ca\.pem/);
    fs.writeFileSync(path.join(dir, 'bad-ca.pem'), 'no certificate');
    const bad = await check({ ...base, hub: { ca_file: path.join(dir, 'bad-ca.pem') }, plugins: [plugin()] });
    assert.ok([1, 2].includes(bad.code));
    assert.match(bad.stderr, /bad-ca\.pem/);
});
