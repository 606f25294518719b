// angod scans its module folders every 30 s and then retries modules that it could not check. Each case waits for that, so the
// cases run side by side, each with an angod of its own.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { run, until } from './lib/angod.mjs';
import { swapping } from './lib/swap.mjs';
import { System } from './lib/system.mjs';

const RESCAN_MS = 45_000; // with some reserve
const plugins = { swap: { module: 'swap', kind: 'input' } };
const refused = (angod, pattern) => until(() => angod.log.some(({ msg }) => pattern.test(msg)), `${pattern} in the log`, 40_000);

/** A system without any module, to which the case adds its own. */
const useWithoutModule = (use) => System.use({ modules: [], plugins, allow: [/^not connected: no module "swap"/] }, use, false);

describe('with the next scan of the module folders', { concurrency: true, timeout: 120_000 }, () => {
    test('a module folder inside state_dir keeps the files of its owner, and unused copies are removed', async () => {
        await useWithoutModule(async (system) => {
            const { angod } = system;
            const { build, put, serves, answered } = swapping(system);
            const own = path.join(angod.stateDir, 'modules');
            const copies = () => fs.readdirSync(path.join(angod.stateDir, 'staged')).filter((name) => /^[0-9a-f]{64}$/.test(name));
            await angod.stop();
            fs.mkdirSync(path.join(own, 'sources'), { recursive: true });
            fs.writeFileSync(path.join(own, 'sources', 'main.c'), '');
            fs.mkdirSync(path.join(angod.stateDir, 'staged', 'not-a-copy'), { recursive: true });
            put(await build('1'), path.join(own, 'swap.so'));
            angod.config.module_dirs = [path.join(system.dir, 'vendor'), own];
            fs.mkdirSync(path.join(system.dir, 'vendor'));
            await angod.start();
            await serves('1');
            await system.connected();
            const first = copies();
            assert.equal(await answered(), '1');
            for (const version of ['2', '3']) {
                put(await build(version), path.join(own, 'swap.so'));
                await serves(version);
                assert.equal(await answered(), version);
            }
            await until(() => copies().every((name) => !first.includes(name)), 'the unused copy to be removed', RESCAN_MS);
            assert.deepEqual(fs.readdirSync(own).sort(), ['sources', 'swap.so']);
            assert.ok(fs.existsSync(path.join(own, 'sources', 'main.c')));
            assert.ok(fs.existsSync(path.join(angod.stateDir, 'staged', 'not-a-copy')));
        });
    });

    test('a module that could not be checked for want of descriptors is checked again', async () => {
        await useWithoutModule(async (system) => {
            const { angod } = system;
            const { build, put, serves, answered } = swapping(system);
            angod.expect(/^module refused: .*Too many open files/);
            angod.allow(/Too many open files/);
            /** The limit below which exactly so many descriptors are free. */
            const withFree = (free) => {
                const taken = new Set(fs.readdirSync(`/proc/${angod.pid}/fd`).map(Number));
                let number = 0;
                while (free > 0) if (!taken.has(number++)) --free;
                return number;
            };
            const limit = async (soft) => run('prlimit', ['--pid', `${angod.pid}`, `--nofile=${soft}:`]);
            const before = /Max open files\s+(\d+)/.exec(fs.readFileSync(`/proc/${angod.pid}/limits`, 'utf8'))[1];
            const version = await build('5');
            await limit(withFree(2)); // enough to read a folder and to copy a file
            try {
                put(version);
                await refused(angod, /^module refused: .*Too many open files/);
            } finally {
                await limit(before);
            }
            await serves('5', RESCAN_MS);
            await system.connected();
            assert.equal(await answered(), '5');
        });
    });

    test('a module that was not loaded in time is checked again', async () => {
        await useWithoutModule(async (system) => {
            const { angod } = system;
            const { build, put, serves, answered } = swapping(system);
            const gate = system.gate();
            angod.expect(/^module refused: .*swap\.so: the module was not loaded within 20 s/);
            put(await build('late', `-DLOADS_AFTER="${gate}"`));
            await until(
                async () => (await angod.get('/v1/modules')).modules.some(({ id, state }) => id === 'swap' && state === 'rejected'),
                'the refusal',
                40_000,
            );
            system.open(gate);
            await serves('late', 60_000);
            await system.connected();
            assert.equal(await answered(), 'late');
        });
    });
});
