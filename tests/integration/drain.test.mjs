// Runs that last longer than they may while newer versions of their module take over, and a version that never takes over.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { processExists, until } from './lib/angod.mjs';
import { childrenOf, commandLineOf } from './lib/processes.mjs';
import { swapping } from './lib/swap.mjs';
import { System } from './lib/system.mjs';

const tooLong = (number, drain_s) =>
    new RegExp(`^generation ${number} did not end its runs within ${drain_s} s; its host is ended and they restart$`);
const tooMany = (number) =>
    new RegExp(`^generation ${number} still drains while two newer ones do; its host is ended and its runs restart$`);
const cannot = (number, before) =>
    new RegExp(
        `^generation ${number} of module swap cannot do the work of this plugin, generation ${before} goes on: the module's create did not return within 20 s$`,
    );
const logged = (angod, pattern) => angod.log.some(({ msg }) => pattern.test(msg));

/**
 * Starts a system on version 1, and closes it. Runs have one attempt, so a run that was charged for the end of its host would
 * fail.
 */
function withSwap(drain_s, use) {
    const swap = { module: 'swap', kind: 'input', concurrency: 5, max_attempts: 1 };
    return System.use(
        { modules: [], plugins: { swap }, config: { drain_s }, allow: [/no module "swap" in the module folders is ready/] },
        async (system) => {
            const does = swapping(system);
            does.put(await does.build('1'));
            await does.serves('1');
            await system.connected();
            await use(system, does);
        },
        false,
    );
}

const uncharged = async (system, session) => {
    const { answers } = await system.settled(session);
    assert.equal(answers.length, 1);
    assert.equal((await system.job(session)).retries, 0);
};

test('a run that outlasts drain_s is stopped and restarts on the new version without losing an attempt', () =>
    withSwap(1, async (system, { build, put, serves, answerOf, gated }) => {
        const { angod } = system;
        angod.expect(tooLong(1, 1));
        const { session, gate, host } = await gated();
        put(await build('2'));
        await serves('2');
        await until(() => logged(angod, tooLong(1, 1)), 'the end of the host');
        await until(() => !processExists(host), 'its process to go');
        system.open(gate);
        assert.equal(await answerOf(session), '2');
        await uncharged(system, session);
    }));

test('a run whose host is still being started when another version takes over has drain_s, too', () =>
    withSwap(1, async (system, { build, put, serves, answerOf, gated }) => {
        const { angod } = system;
        angod.expect(tooLong(2, 1));
        const ready = system.gate(),
            away = `${ready}.away`;
        system.open(ready);
        put(await build('2', `-DCREATE_WAITS="${ready}"`));
        await serves('2');
        const hosts = (count) => until(() => childrenOf(angod.pid).length === count, `${count} hosts`);
        await hosts(1);
        const first = await gated();
        fs.renameSync(ready, away);
        const gate = system.gate();
        const session = system.run('swap', { gate });
        await hosts(2);
        system.open(first.gate);
        assert.equal(await answerOf(first.session), '2');
        put(await build('3'));
        await serves('3');
        fs.renameSync(away, ready);
        await until(() => logged(angod, tooLong(2, 1)), 'the end of the late host');
        system.open(gate);
        assert.equal(await answerOf(session), '3');
        await uncharged(system, session);
    }));

test('at most two generations drain: runs of a third restart on the new version without losing an attempt', () =>
    withSwap(60, async (system, { build, put, serves, answerOf, gated }) => {
        const { angod } = system;
        angod.expect(tooMany(1));
        const runs = [];
        for (const version of ['1', '2', '3']) {
            put(await build(version));
            await serves(version);
            runs.push(await gated());
        }
        assert.ok(
            runs.every(({ host }) => processExists(host)),
            'two drain beside the one that serves',
        );
        put(await build('4'));
        await serves('4');
        await until(() => !processExists(runs[0].host), 'the oldest to end');
        assert.deepEqual(
            runs.map(({ host }) => processExists(host)),
            [false, true, true],
        );
        for (const { gate } of runs) system.open(gate);
        for (const [place, version] of ['4', '2', '3'].entries()) {
            assert.equal(await answerOf(runs[place].session), version);
            await uncharged(system, runs[place].session);
        }
    }));

test('generations without runs do not count among those that drain', () =>
    withSwap(60, async (system, { build, put, serves, answerOf, gated }) => {
        const runs = [await gated()];
        put(await build('2'));
        await serves('2');
        runs.push(await gated());
        for (const version of ['3', '4', '5']) {
            // each with the host in which it was checked
            put(await build(version));
            await serves(version);
        }
        for (const [place, { session, gate }] of runs.entries()) {
            system.open(gate);
            assert.equal(await answerOf(session), ['1', '2'][place]);
        }
    }));

test('while the create of a new version hangs, and after it was given up, the previous version serves', () =>
    withSwap(10, async (system, { build, put, serves, serving, answered }) => {
        const { angod } = system;
        angod.expect(cannot(2, 1));
        put(await build('2', `-DCREATE_WAITS="${system.gate()}"`));
        await until(async () => (await serving()).version === '2', 'the new version to be tried');
        let meanwhile = 0;
        await until(
            async () => {
                assert.equal(await answered(), '1');
                ++meanwhile;
                await new Promise((resolve) => setTimeout(resolve, 200)); // the pace of the users
                return logged(angod, cannot(2, 1));
            },
            'the new version to be given up',
            60000,
        );
        assert.ok(meanwhile > 1);
        const { module_version, reason } = await angod.plugin('swap');
        assert.equal(module_version, '1');
        assert.match(reason, /^a newer version of the module was refused: the module's create did not return within 20 s$/);
        assert.equal(await answered(), '1');
        put(await build('3'));
        await serves('3');
        assert.equal(await answered(), '3');
    }));

test('a version whose create hangs does not delay the next one', () =>
    withSwap(10, async (system, { build, put, serves, answered }) => {
        const { angod } = system;
        assert.equal(await answered(), '1');
        put(await build('2', `-DCREATE_WAITS="${system.gate()}"`));
        await until(
            () => childrenOf(angod.pid).filter((pid) => commandLineOf(pid)?.startsWith('angod-host: swap')).length === 2,
            'the new version to be tried',
        );
        put(await build('3'));
        await serves('3');
        assert.equal(await answered(), '3');
        assert.ok(!logged(angod, cannot(2, 1)) && !logged(angod, cannot(3, 1)));
    }));
