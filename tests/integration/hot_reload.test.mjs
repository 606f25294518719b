// The module folder changes while angod runs: files are added, replaced in every way, and removed.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { until } from './lib/angod.mjs';
import { compile } from './lib/broken.mjs';
import { swapping } from './lib/swap.mjs';
import { System } from './lib/system.mjs';

let system, hub, angod, build, target, put, serving, serves, answerOf, answered, busy, gated;

before(async () => {
    system = await System.start(
        {
            plugins: { swap: { module: 'swap', kind: 'input', concurrency: 2 }, neighbour: {} },
            allow: [/no module "swap" in the module folders is ready/],
        },
        false,
    );
    ({ hub, angod } = system);
    ({ build, target, put, serving, serves, answerOf, answered, busy, gated } = swapping(system));
});
after(() => system.close());

test('a module that is dropped into the folder makes its plugin live', async () => {
    assert.equal((await angod.plugin('swap')).state, 'no-module');
    put(await build('1'));
    await serves('1');
    await until(async () => (await angod.plugin('swap')).state === 'live', 'the plugin to be live');
    assert.equal(await answered(), '1');
});

test('a module that is replaced by rename serves from the next run on', async () => {
    put(await build('2'));
    await serves('2');
    assert.equal(await answered(), '2');
});

test('a module that is overwritten in place is taken too, and a running run is not affected', async () => {
    const bytes = fs.readFileSync(await build('3'));
    const { session, gate, host } = await gated();
    const file = fs.openSync(target(), 'r+');
    fs.ftruncateSync(file, 0);
    assert.equal(await answered(), '2', 'in a host that starts while there is nothing in the file');
    fs.writeSync(file, bytes);
    fs.closeSync(file);
    await serves('3');
    assert.equal(await answered(), '3');
    assert.deepEqual(await busy(), [host]);
    system.open(gate);
    assert.equal(await answerOf(session), '2');
    assert.ok(!angod.log.some(({ msg }) => /^the host of module/.test(msg)));
});

test('a writer that takes its time is waited for', async () => {
    const bytes = fs.readFileSync(await build('4'));
    const out = fs.openSync(target(), 'w', 0o755);
    const step = Math.ceil(bytes.length / 25);
    for (let at = 0; at < bytes.length; at += step) {
        fs.writeSync(out, bytes, at, Math.min(step, bytes.length - at), at);
        await new Promise((resolve) => setTimeout(resolve, 200)); // the pace of the writer
        assert.equal((await serving()).version, '3');
    }
    fs.closeSync(out);
    await serves('4');
    assert.ok(!angod.log.some(({ msg }) => /module refused/.test(msg)));
});

test('unlink and create, as package managers do it, is a replacement and no removal', async () => {
    const file = await build('5');
    const runs = angod.log.length;
    fs.unlinkSync(target());
    put(file);
    await serves('5');
    assert.ok(!angod.log.slice(runs).some(({ msg }) => /no longer serves|is gone/.test(msg)));
});

test('of two quick changes the last one wins', async () => {
    const [six, seven] = [await build('6'), await build('7')];
    put(six);
    put(seven);
    await serves('7');
    assert.equal(await answered(), '7');
});

test('a version that cannot be loaded is refused with its reason, and the previous one serves', async () => {
    angod.expect(/^module refused: .*swap\.so/);
    fs.writeFileSync(`${target()}.part`, 'no library at all', { mode: 0o755 });
    fs.renameSync(`${target()}.part`, target());
    await until(async () => (await serving()).files[0]?.state === 'rejected', 'the refusal');
    const { version, state, reason } = await serving();
    assert.deepEqual([version, state], ['7', 'ready']);
    assert.match(reason, /swap\.so: /);
    assert.equal(await answered(), '7');
});

test('a version whose create fails is refused with the words of the module, and the previous one serves', async () => {
    angod.expect(/cannot do the work of this plugin, generation \d+ goes on/);
    put(await build('8', '-DCREATE_FAILS'));
    await until(async () => /a newer version of the module was refused/.test((await angod.plugin('swap')).reason), 'the refusal');
    assert.equal((await angod.plugin('swap')).module_version, '7');
    assert.equal(await answered(), '7');
});

test('a running run ends on the version with which it began', async () => {
    put(await build('9'));
    await serves('9');
    const { session, gate } = await gated();
    put(await build('10'));
    await serves('10');
    assert.equal(await answered(), '10');
    system.open(gate);
    assert.equal(await answerOf(session), '9');
});

test('the generations are shown with why they ended', async () => {
    const { generations, generation } = await serving();
    assert.ok(generations.length >= 8 && generations.length <= 10, `${generations.length}`);
    assert.equal(generations.at(-1).number, generation);
    assert.equal(generations.at(-1).until, null);
    assert.ok(generations.slice(0, -1).every(({ ended, until: end }) => ended && end));
    const { stdout } = await angod.ctl('module', 'swap');
    assert.match(stdout, /GENERATION\s+VERSION/);
});

test('rollback returns to the previous version and quarantines the present one; reload takes it again', async () => {
    angod.expect(/is quarantined and version 9 serves again: rolled back by the operator/, /^module refused: .*not used any more/);
    assert.equal((await angod.ctl('module', 'swap', 'rollback')).code, 0);
    await serves('9');
    assert.equal((await serving()).files[0].state, 'quarantined');
    assert.equal((await angod.ctl('module', 'swap', 'rollback')).code, 1);
    assert.equal((await angod.ctl('module', 'swap', 'reload')).code, 0);
    await serves('10');
});

test('reload of a version that serves gives it new hosts', async () => {
    assert.equal(await answered(), '10');
    const before = await angod.plugin('swap');
    assert.equal((await angod.ctl('module', 'swap', 'reload')).code, 0);
    await until(async () => (await angod.plugin('swap')).generation > before.generation, 'a new generation');
    assert.equal(await answered(), '10');
    const [{ pid }] = (await angod.plugin('swap')).hosts.slice(-1);
    assert.notEqual(pid, before.hosts[0].pid);
});

test('a version that keeps crashing is rolled back, its runs restart, and its content is not used again', async () => {
    angod.expect(/is quarantined and version 10 serves again/, /^module refused: .*not used any more/, /^the host of module swap/);
    put(await build('11', '-DCRASHES'));
    await serves('11');
    const { generation } = await angod.plugin('swap');
    const sessions = Array.from({ length: 8 }, () => system.run('swap'));
    for (const session of sessions) assert.equal(await answerOf(session), '10');
    assert.equal((await serving()).files[0].state, 'quarantined');
    for (const session of sessions) assert.equal((await system.job(session)).retries, 0);
    const end = angod.log.findIndex(({ msg }) => /is quarantined and version 10 serves again/.test(msg));
    const begins = angod.log.map((line, at) => ({ ...line, at })).filter(({ msg }) => /^the run begins/.test(msg));
    const onBad = begins.filter((line) => line.generation === String(generation));
    assert.ok(onBad.length >= 3);
    assert.deepEqual(
        onBad.filter(({ at }) => at > end),
        [],
        'no run begins on the quarantined version',
    );
});

test('quarantine and what served last survive a restart', async () => {
    angod.expect(/goes on serving/, /^module refused: .*not used any more/);
    await angod.stop();
    await angod.start();
    await serves('10');
    assert.equal((await serving()).files[0].state, 'quarantined');
    assert.equal(await answered(), '10');
});

test('a good file ends the quarantine', async () => {
    put(await build('12'));
    await serves('12');
    assert.equal(await answered(), '12');
});

test('of two files with one id in one folder the serving one stays', async () => {
    angod.expect(/in the same folder has the id "swap" already/);
    const other = path.join(angod.moduleDir, 'a_swap.so');
    put(await build('13'), other);
    await until(async () => (await serving()).files.some(({ state }) => state === 'rejected'), 'the refusal');
    assert.equal((await serving()).version, '12');
    fs.unlinkSync(other);
    await until(async () => (await serving()).files.length === 1, 'the file to be forgotten');
});

test('a module that is taken away ends its plugin, and comes back with it', async () => {
    angod.expect(/no longer serves: its file .* is gone/);
    fs.unlinkSync(target());
    await until(async () => (await angod.plugin('swap')).state === 'no-module', 'the plugin to go', 20000);
    await hub.waitFor(() => hub.plugin(system.id('swap')).live === 0, 20000, 'its connection to end');
    put(await build('14'));
    await serves('14');
    await until(async () => (await angod.plugin('swap')).state === 'live', 'the plugin to be live again');
    assert.equal(await answered(), '14');
});

test('only the copies of the serving version and of its rollback target are kept', async () => {
    const kept = () => fs.readdirSync(path.join(angod.stateDir, 'staged')).length;
    await until(() => kept() <= 5, 'the copies to go'); // at most two of swap, and the two fixtures of the neighbour
});

test('a file that is touched, or written again as it was, is no new version', async () => {
    await answered(); // so it has a host
    const found = () => angod.log.filter(({ msg }) => /^module swap .* found: /.test(msg)).length;
    const look = async () => ({
        generation: (await serving()).generation,
        hosts: (await angod.plugin('swap')).hosts.map(({ pid }) => pid),
        found: found(),
    });
    /** Waits until angod has scanned the folder. */
    const seen = async (name) => {
        const file = path.join(system.dir, `${name}.so`);
        await compile(file, [`-DID="${name}"`]);
        put(file, path.join(angod.moduleDir, `${name}.so`));
        await until(
            () => angod.log.some(({ msg }) => msg.startsWith(`module ${name} `) && msg.includes(' found: ')),
            `the module ${name} to be found`,
        );
    };
    const before = await look();
    assert.equal(before.hosts.length, 1);
    const now = new Date();
    fs.utimesSync(target(), now, now);
    await seen('touched');
    assert.deepEqual(await look(), before);
    fs.writeFileSync(target(), fs.readFileSync(target()));
    await seen('in-place');
    assert.deepEqual(await look(), before);
    put(await build('14'));
    await seen('by-rename');
    assert.deepEqual(await look(), before);
    // angod checks one file after the other, so it has now checked all files of the folder.
    put(await build('15'));
    await serves('15');
    assert.deepEqual([(await serving()).generation, found()], [before.generation + 1, before.found + 1]);
});

test('a change that the system does not report is found by reload, or later by the regular scan', async () => {
    // angod does not watch the folder of a symbolic link's target.
    const elsewhere = path.join(system.dir, 'elsewhere.so');
    put(await build('16'), elsewhere);
    fs.symlinkSync(elsewhere, `${target()}.part`);
    fs.renameSync(`${target()}.part`, target());
    await serves('16');
    put(await build('17'), elsewhere);
    assert.equal(await answered(), '16');
    assert.equal((await angod.ctl('module', 'swap', 'reload')).code, 0);
    await serves('17');
    assert.equal(await answered(), '17');
    put(await build('18'), elsewhere);
    await until(() => angod.logText.includes('module swap 18 found: '), 'angod to look by itself, as it does every 30 s', 45000);
    await serves('18');
    assert.equal(await answered(), '18');
});
