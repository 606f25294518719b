// A module folder with good modules beside files of all other sorts.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startHub } from '../hub/hub.mjs';
import { Angod, example, module_, until } from './lib/angod.mjs';
import { broken, compile, damaged, deadly } from './lib/broken.mjs';

const isRoot = process.getuid() === 0;
const fileOf = (what) => `${what.replace(/\W/g, '_')}.so`;

let hub, angod, plugins;
const isLookedAt = (name) => name.endsWith('.so') && !name.startsWith('.');
const good = new Set(['echo.so', 'export_lines_c.so', 'export_coco.so']);
before(async () => {
    hub = await startHub({});
    plugins = Object.fromEntries(
        ['echo', 'lines', 'missing', 'kind', 'settings'].map((name) => [
            name,
            hub.createPlugin({ name, type: name === 'echo' ? 'Input' : 'Export' }),
        ]),
    );
    angod = new Angod(hub, {
        modules: [example('echo'), example('export_lines_c'), module_('export_coco')],
        plugins: [
            { plugin: plugins.echo, name: 'echo', module: 'echo' },
            { plugin: plugins.lines, name: 'lines', module: 'export-lines-c' },
            { plugin: plugins.missing, name: 'missing', module: 'not-there' },
            { plugin: plugins.kind, name: 'kind', module: 'echo', kind: 'export' },
            { plugin: plugins.settings, name: 'settings', module: 'export-coco', settings: { holes: 'fill' } },
        ],
    });
    await fill(angod.moduleDir);
    expectRefusals();
    await angod.start();
    await Promise.all(['echo', 'lines'].map((name) => hub.waitForLight(plugins[name].id, 'green')));
});
after(async () => {
    try {
        await angod.close();
    } finally {
        await hub.close();
    }
});

async function fill(folder) {
    const file = (name) => path.join(folder, name);
    for (const [how, [defines]] of Object.entries(broken)) await compile(file(fileOf(how)), defines);
    for (const [how, defines] of Object.entries(deadly)) await compile(file(fileOf(how)), defines);
    for (const [what, bytes] of Object.entries(damaged)) fs.writeFileSync(file(fileOf(what)), bytes(), { mode: 0o644 });
    const copies = { 'writable_by_group.so': 0o775, 'writable_by_all.so': 0o757 };
    if (isRoot) copies['of_another_user.so'] = 0o755;
    for (const [name, mode] of Object.entries(copies)) {
        await compile(file(name), [`-DID="${name.replace(/_|\.so/g, '-')}"`]);
        fs.chmodSync(file(name), mode);
    }
    if (isRoot) fs.chownSync(file('of_another_user.so'), 4321, 4321);
    fs.copyFileSync(example('echo'), file('zz_echo_again.so'));
    fs.mkdirSync(file('a_folder.so'));
    fs.symlinkSync('/nonexistent', file('a_dangling_link.so'));
    // angod ignores all of these.
    fs.copyFileSync(example('export_lines_cpp'), file('.hidden.so'));
    fs.copyFileSync(example('export_lines_cpp'), file('export_lines_cpp.so.part'));
    fs.writeFileSync(file('README.md'), 'modules');
}

/** The files that are not good modules, by name, with the error if it depends on the file. */
function expectRefusals() {
    const refused = (name, sentence = '') => new RegExp(`^module refused: .*\\b${name.replaceAll('.', '\\.')}\\b.*${sentence}`);
    const others = [
        'writable_by_group.so',
        'writable_by_all.so',
        'zz_echo_again.so',
        'a_folder.so',
        'a_dangling_link.so',
        ...(isRoot ? ['of_another_user.so'] : []),
    ];
    angod.expect(
        ...Object.entries(broken).map(([how, [, sentence]]) => refused(fileOf(how), sentence.source)),
        ...[...Object.keys(damaged), ...Object.keys(deadly)].map((what) => refused(fileOf(what))),
        ...others.map((name) => refused(name)),
        new RegExp(
            `^not connected: no module "not-there" in the module folders is ready; ${fs.readdirSync(angod.moduleDir).filter(isLookedAt).length - good.size} files there were refused, as the log says$`,
        ),
        /^not connected: the module echo does not serve the kind export; it serves input$/,
        /^not connected: the module refused the plugin: Option "holes" is "fill", but must be one of/,
    );
}

const refusals = () => angod.log.filter(({ msg }) => msg.startsWith('module refused: ')).map(({ msg }) => msg);
const refusalOf = (name) => refusals().filter((msg) => msg.includes(`${name}:`) || msg.includes(`${name} `));

test('the good modules work', async () => {
    const echo = await hub.waitForSession(hub.run(plugins.echo.id));
    assert.deepEqual(echo.answers[0].message.response, { echo: echo.event });
    const lines = await hub.waitForSession(hub.run(plugins.lines.id, { projectId: hub.createProject({ assets: 3 }).id }));
    assert.equal(lines.state, 'answered');
});

test('the status counts the good ones and the refused ones', async () => {
    const looked = fs.readdirSync(angod.moduleDir).filter(isLookedAt);
    assert.deepEqual((await angod.get('/v1/status')).modules, { ready: good.size, rejected: looked.length - good.size });
});

test('each refused file is named in the log once, with the reason', async () => {
    for (const [how, [, sentence]] of Object.entries(broken)) {
        const said = refusalOf(fileOf(how));
        assert.equal(said.length, 1, how);
        assert.match(said[0], sentence);
    }
    for (const what of [...Object.keys(damaged), ...Object.keys(deadly)])
        assert.equal(refusalOf(fileOf(what)).length, 1, `${what}: ${refusalOf(fileOf(what))}`);
});

test('a module that others than its owner can write is refused', () => {
    for (const name of ['writable_by_group.so', 'writable_by_all.so'])
        assert.match(refusalOf(name)[0], /can be written by others than its owner; run chmod go-w on it/);
});

test('a module that belongs to another user is refused', { skip: !isRoot && 'only root can give a file away' }, () => {
    assert.match(refusalOf('of_another_user.so')[0], /belongs to another user/);
});

test('of two modules with one id in a folder the second is refused, and the first is named', () => {
    assert.match(refusalOf('zz_echo_again.so')[0], /echo\.so in the same folder has the id "echo" already/);
});

test('a folder and a link to nowhere are refused', () => {
    assert.match(refusalOf('a_folder.so')[0], /is no regular file/);
    assert.match(refusalOf('a_dangling_link.so')[0], /cannot look at .*No such file/);
});

test('a plugin whose module is not there has no light, and says why', async () => {
    const { state, reason } = await angod.plugin('missing');
    assert.deepEqual([state, hub.plugin(plugins.missing.id).light], ['no-module', 'red']);
    assert.match(reason, /no module "not-there" in the module folders is ready/);
});

test('a plugin of a kind that its module does not serve has no light, and says why', async () => {
    const { state, reason } = await angod.plugin('kind');
    assert.deepEqual([state, hub.plugin(plugins.kind.id).light], ['no-module', 'red']);
    assert.match(reason, /the module echo does not serve the kind export/);
});

test('a plugin whose settings the module refuses has no light, and says why in the words of the module', async () => {
    await until(async () => (await angod.plugin('settings')).reason !== '', 'the reason');
    const { state, reason } = await angod.plugin('settings');
    assert.deepEqual([state, hub.plugin(plugins.settings.id).light], ['settings-refused', 'red']);
    assert.match(reason, /Option "holes" is "fill", but must be one of "rle", "bridge" or "drop"\./);
});

test('only copies of modules in use are kept', () => {
    const staged = fs.readdirSync(path.join(angod.stateDir, 'staged'));
    assert.equal(staged.length, good.size);
});
