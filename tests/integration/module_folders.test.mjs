// Two module folders, the later one inside state_dir, as in a default installation. Their files change, disappear, cannot
// be used or cannot be read, and the right version serves. Cases that wait for the next scan are in module_retries.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Angod, run, until } from './lib/angod.mjs';
import { compile } from './lib/broken.mjs';
import { System } from './lib/system.mjs';

let system, angod, dir, vendor, own;

const build = async (version, ...defines) => {
    const file = path.join(dir, 'versions', `${version}.so`);
    if (!fs.existsSync(file)) await compile(file, ['-DID="swap"', `-DVERSION="${version}"`, ...defines], 'versioned_module.c');
    return file;
};
const put = (file, to) => {
    fs.copyFileSync(file, `${to}.part`);
    fs.chmodSync(`${to}.part`, 0o755);
    fs.renameSync(`${to}.part`, to);
};
const putBroken = (to) => {
    fs.writeFileSync(`${to}.part`, 'no library at all', { mode: 0o755 });
    fs.renameSync(`${to}.part`, to);
};
const module = async () => (await angod.get('/v1/modules')).modules.find(({ id }) => id === 'swap');
const plugin = () => angod.plugin('swap');
const serves = (version, timeoutMs) =>
    until(
        async () => (await module())?.version === version && (await plugin()).module_version === version,
        `version ${version} to serve`,
        timeoutMs,
    );
const answered = async () => {
    await until(async () => (await plugin()).state === 'live', 'the plugin to be live', 30000);
    return (await system.settled(system.run('swap'))).answers[0].message.response;
};
const stateOf = async (file) => (await module())?.files.find((one) => one.file === file)?.state;
const isIn = (file, state) => until(async () => (await stateOf(file)) === state, `${file} to be ${state}`);
const copies = () => fs.readdirSync(path.join(angod.stateDir, 'staged')).filter((name) => /^[0-9a-f]{64}$/.test(name));
const said = (pattern, from) => angod.log.slice(from).filter(({ msg }) => pattern.test(msg));
const hear = (pattern, from, timeoutMs) => until(() => said(pattern, from).length > 0, `${pattern} in the log`, timeoutMs);

/** Empties both folders, then puts these files there: a case begins with it. */
const begin = async (files) => {
    for (const folder of [vendor, own])
        for (const name of fs.readdirSync(folder)) if (name.endsWith('.so')) fs.unlinkSync(path.join(folder, name));
    angod.allow(/no longer serves: its file .* is gone/, /^not connected: no module "swap"/);
    await until(async () => !(await module()), 'the files of the previous case to be given up', 20000);
    for (const [to, version] of files) put(await build(version), to);
};

before(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-folders-'));
    [vendor, own] = [path.join(dir, 'vendor'), path.join(dir, 'state', 'modules')];
    for (const folder of [vendor, own, path.join(dir, 'versions')]) fs.mkdirSync(folder, { recursive: true });
    put(await build('1'), path.join(own, 'swap.so'));
    system = await System.start({
        modules: [],
        plugins: { swap: { module: 'swap', kind: 'input' } },
        stateDir: path.join(dir, 'state'),
        config: { module_dirs: [vendor, own] },
    });
    ({ angod } = system);
});
after(async () => {
    try {
        await system.close();
    } finally {
        fs.rmSync(dir, { recursive: true, force: true });
    }
});

test('the folder of the copies cannot be a module folder', async () => {
    const file = path.join(dir, 'wrong.json');
    fs.writeFileSync(file, JSON.stringify({ ...angod.config, module_dirs: [vendor, path.join(angod.stateDir, 'staged')] }), {
        mode: 0o600,
    });
    const { code, stderr } = await run(path.join(angod.bin, 'angod'), ['--config', file, '--check-config'], true);
    assert.notEqual(code, 0);
    assert.match(stderr, /module_dirs: \S+\/staged is where angod keeps its own copies of modules; name another folder/);
});

test('a broken file in the later folder does not let the earlier one take over, not even at a restart', async () => {
    await begin([[path.join(vendor, 'swap.so'), '1']]);
    await serves('1');
    put(await build('2'), path.join(own, 'swap.so'));
    await serves('2');
    angod.expect(/^module refused: \S+state\/modules\/swap\.so: /, /^module swap: version 2 that served last goes on serving/);
    putBroken(path.join(own, 'swap.so'));
    await isIn(path.join(own, 'swap.so'), 'rejected');
    put(await build('3'), path.join(vendor, 'swap.so')); // an update of the overridden file
    await isIn(path.join(vendor, 'swap.so'), 'ready');
    await until(async () => (await module()).files.length === 2, 'both files');
    const before = await module();
    assert.equal(before.version, '2');
    await angod.stop();
    await angod.start();
    await serves('2');
    assert.equal(await answered(), '2');
    const { generation, generations } = await module();
    assert.deepEqual([generation, generations], [before.generation, before.generations], 'the generation goes on with its number');
    put(await build('4'), path.join(own, 'swap.so'));
    await serves('4');
});

test('a version that was rolled back does not let the earlier folder take over either', async () => {
    await begin([
        [path.join(vendor, 'swap.so'), '1'],
        [path.join(own, 'swap.so'), '2'],
    ]);
    await serves('2');
    put(await build('3'), path.join(own, 'swap.so'));
    await serves('3');
    angod.expect(/is quarantined and version 2 serves again: rolled back by the operator/, /^module refused: .*not used any more/);
    angod.allow(/^module swap: version 2 that served last goes on serving/);
    assert.equal((await angod.ctl('module', 'swap', 'rollback')).code, 0);
    await serves('2');
    put(await build('4'), path.join(vendor, 'swap.so'));
    await isIn(path.join(vendor, 'swap.so'), 'ready');
    await angod.stop();
    await angod.start();
    await serves('2');
    assert.equal(await answered(), '2');
    // Once the file is gone, the earlier folder's version serves.
    fs.unlinkSync(path.join(own, 'swap.so'));
    await serves('4', 20000);
    assert.equal(await answered(), '4');
});

test('an overridden file and a duplicate can serve as soon as they have to', async () => {
    await begin([
        [path.join(vendor, 'swap.so'), '1'],
        [path.join(own, 'swap.so'), '2'],
    ]);
    await serves('2');
    angod.expect(/in the same folder has the id "swap" already/);
    put(await build('3'), path.join(own, 'swap_too.so'));
    await isIn(path.join(own, 'swap_too.so'), 'rejected');
    fs.unlinkSync(path.join(own, 'swap.so'));
    await serves('3', 20000);
    assert.equal(await answered(), '3');
    fs.unlinkSync(path.join(own, 'swap_too.so'));
    await serves('1', 20000);
    assert.equal(await answered(), '1');
});

test('a folder that cannot be read for a while has lost nothing', async () => {
    await begin([
        [path.join(vendor, 'swap.so'), '1'],
        [path.join(vendor, 'gone.so'), '1'],
        [path.join(own, 'swap.so'), '2'],
    ]);
    angod.allow(/in the same folder has the id "swap" already/);
    await serves('2');
    const { generation } = await module();
    angod.expect(
        /^cannot read the module folder \S+state\/modules: Too many levels of symbolic links; its modules stay as they are until it can be read$/,
        /^module swap: version 2 that served last goes on serving/,
    );
    const from = angod.log.length;
    fs.renameSync(own, `${own}.away`);
    fs.symlinkSync(own, own); // a loop: the folder exists and cannot be read
    let later;
    try {
        await hear(/^cannot read the module folder/, from);
        fs.unlinkSync(path.join(vendor, 'gone.so'));
        await hear(/gone\.so is gone/, from, 20000); // so angod has scanned the folders since then
        assert.equal((await module()).generation, generation);
        assert.equal(said(/no longer serves/, from).length, 0);
        assert.equal(said(/^cannot read the module folder/, from).length, 1);
        await angod.stop();
        await angod.start();
        await serves('2');
        assert.equal(await answered(), '2');
    } finally {
        later = angod.log.length;
        fs.unlinkSync(own);
        fs.renameSync(`${own}.away`, own);
    }
    await hear(/^the module folder \S+ can be read again$/, later);
    put(await build('3'), path.join(own, 'swap.so'));
    await serves('3');
});

const isMissing = (folder) =>
    new RegExp(`^the module folder ${folder} does not exist; make it, or correct module_dirs in the configuration$`);

test('a folder that no longer exists counts as empty, and a warning names it', async () => {
    await begin([
        [path.join(vendor, 'swap.so'), '1'],
        [path.join(own, 'swap.so'), '2'],
    ]);
    await serves('2');
    angod.expect(isMissing(own));
    fs.renameSync(own, `${own}.away`);
    await serves('1', 20000);
    fs.renameSync(`${own}.away`, own);
    await serves('2', 20000);
});

test('a file that gets another name goes on serving under it, with its hosts', async () => {
    await begin([[path.join(own, 'swap.so'), '1']]);
    await serves('1');
    assert.equal(await answered(), '1');
    const [
        { generation },
        {
            hosts: [{ pid }],
        },
    ] = [await module(), await plugin()];
    const from = angod.log.length,
        renamed = path.join(own, 'a_swap.so');
    fs.renameSync(path.join(own, 'swap.so'), renamed);
    await until(async () => (await module()).file === renamed, 'the new name');
    await hear(/swap\.so is gone/, from, 20000);
    assert.equal(await answered(), '1');
    assert.deepEqual([(await module()).generation, (await plugin()).hosts[0].pid], [generation, pid]);
    assert.deepEqual(said(/^module refused/, from), []);
    assert.equal((await module()).files.length, 1);
    putBroken(renamed);
    angod.expect(/^module refused: \S+a_swap\.so: /);
    await isIn(renamed, 'rejected');
    assert.equal(await answered(), '1');
});

test('after a restart the duplicate that served before serves, not the first', async () => {
    await begin([[path.join(own, 'swap.so'), '1']]);
    await serves('1');
    angod.expect(/a_swap\.so: swap\.so in the same folder has the id "swap" already/);
    put(await build('2'), path.join(own, 'a_swap.so'));
    await isIn(path.join(own, 'a_swap.so'), 'rejected');
    const from = angod.log.length;
    await angod.stop();
    await angod.start();
    await serves('1');
    await isIn(path.join(own, 'a_swap.so'), 'rejected');
    assert.deepEqual(
        (await module()).generations.slice(-2).map(({ version }) => version),
        ['1', '1'],
    );
    assert.equal(said(/^module refused: \S+\/swap\.so/, from).length, 0);
});

test('a reload decides after all files of the module were checked', async () => {
    const gate = system.gate();
    system.open(gate);
    await build('gated', `-DLOADS_AFTER="${gate}"`);
    await begin([
        [path.join(vendor, 'swap.so'), '1'],
        [path.join(own, 'swap.so'), 'gated'],
    ]);
    await serves('gated');
    const { generation } = await module(),
        from = angod.log.length;
    fs.unlinkSync(gate);
    assert.equal((await angod.ctl('module', 'swap', 'reload')).code, 0);
    await hear(/^module swap 1 found/, from);
    await until(async () => (await module()).generation > generation, 'new hosts');
    assert.equal((await module()).version, 'gated');
    system.open(gate);
    await hear(/^module swap gated found/, from);
    await serves('gated');
    assert.deepEqual(
        (await module()).generations.filter(({ number }) => number > generation).map(({ version }) => version),
        ['gated'],
    );
});

test('a file that is still being written while it is checked is not copied again and again', async () => {
    const gate = system.gate();
    await build('slow', `-DLOADS_AFTER="${gate}"`);
    await begin([[path.join(own, 'swap.so'), '1']]);
    await serves('1');
    const staged = path.join(angod.stateDir, 'staged'),
        seen = new Set();
    const watcher = fs.watch(staged, (what, name) => /^[0-9a-f]{64}$/.test(name) && seen.add(name));
    put(await build('slow'), path.join(own, 'swap.so'));
    await until(() => seen.size > 0, 'it to be looked at');
    const out = fs.openSync(path.join(own, 'swap.so'), 'a');
    for (let i = 0; i < 40; ++i) {
        fs.writeSync(out, 'more'); // bytes behind an ELF file have no meaning
        if (i === 0) system.open(gate);
        await new Promise((resolve) => setTimeout(resolve, 50)); // the writer's own pace
        assert.equal((await module()).version, '1');
    }
    fs.closeSync(out);
    await serves('slow');
    watcher.close();
    assert.ok(seen.size <= 4, `${seen.size} copies`);
    await until(() => copies().length <= 2, 'copies of what was not final to go');
});

test('a module folder that does not exist is a warning with the remedy, and a folder that is made later is used', async () => {
    const folder = path.join(dir, 'later');
    const hub = { url: 'http://127.0.0.1:1', apiUrl: 'http://127.0.0.1:1' };
    const other = new Angod(hub, { plugins: [], config: { module_dirs: [vendor, folder] } });
    other.expect(isMissing(folder));
    await other.start();
    fs.mkdirSync(folder);
    put(await build('1'), path.join(folder, 'swap.so'));
    fs.writeFileSync(path.join(vendor, 'news'), ''); // a change in a folder that is watched begins a scan of all
    await until(
        async () => (await other.get('/v1/modules')).modules.some(({ id, state }) => id === 'swap' && state === 'ready'),
        'the module',
    );
    assert.ok(other.log.some(({ msg }) => msg === `the module folder ${folder} is there now`));
    await other.close();
});
