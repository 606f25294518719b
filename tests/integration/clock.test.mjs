// The wall clock jumps while angod runs. libfaketime changes CLOCK_REALTIME alone.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { until } from './lib/angod.mjs';
import { FakeClock, withoutFakeClock as skip } from './lib/fake_clock.mjs';
import { hostAborted } from './lib/lines.mjs';
import { System } from './lib/system.mjs';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-clock-'));
process.once('exit', () => fs.rmSync(dir, { recursive: true, force: true })); // even if all cases are skipped
const clock = new FakeClock(dir);
const HOUR = 3600e3;

describe('when the clock of the machine is set', { skip }, () => {
    let system, hub;
    /** Sets the difference between angod's clock and the real one, and waits until angod uses it. */
    const setClock = async (ms) => {
        clock.set(ms);
        const { started, uptime_s } = await system.angod.get('/v1/status');
        assert.ok(uptime_s >= 0 && uptime_s < 600, `up for ${uptime_s} s since ${started}`);
    };
    /** The difference between now and the time that angod records for the arrival of a run. */
    const drift = async (session) => Date.parse((await system.job(session)).created) - Date.now();

    before(async () => {
        system = await System.start({
            hub: { socketOptions: { pingInterval: 300, pingTimeout: 700 } },
            plugins: { forward: { concurrency: 1 }, backward: { concurrency: 1, max_attempts: 2 } },
            env: clock.env,
        });
        ({ hub } = system);
    });
    after(() => system?.close());

    it('forward, no waiting run is too old, and no link is cut', async () => {
        const gate = system.gate();
        const [working, waiting] = [system.run('forward', { gate }), system.run('forward')];
        await system.running(working);
        await until(async () => (await system.job(waiting))?.state === 'queued', 'the second run to wait');
        await setClock(30 * HOUR);
        const later = system.run('forward');
        await until(async () => Math.abs((await drift(later).catch(() => 0)) - 30 * HOUR) < HOUR, 'angod to see the new time');
        const beats = Date.now();
        await until(() => Date.now() > beats + 2500, 'several ping intervals to pass');
        system.open(gate);
        for (const session of [working, waiting, later])
            assert.deepEqual(
                (await system.settled(session)).answers.map(({ message }) => message.response),
                ['attempt 1'],
            );
        assert.equal(hub.plugin(system.id('forward')).connectionsTotal, 1);
    });

    it('backward, a repetition does not wait until the clock is there again', async () => {
        system.angod.expect(hostAborted);
        const session = system.run('backward', { end: 'crash-once' });
        await until(
            () => system.angod.log.some((line) => line.plugin === 'backward' && line.msg.includes('attempt 1 of 2 failed')),
            'the crash',
        );
        await setClock(-30 * HOUR);
        assert.deepEqual(
            (await system.settled(session)).answers.map(({ message }) => message.response),
            ['attempt 2'],
        );
        const next = system.run('backward');
        assert.deepEqual(
            (await system.settled(next)).answers.map(({ message }) => message.response),
            ['attempt 1'],
        );
        assert.ok(Math.abs((await drift(next)) + 30 * HOUR) < HOUR, 'angod has seen the new time');
        assert.equal(hub.plugin(system.id('backward')).connectionsTotal, 1);
    });

    for (const [way, ms] of [
        ['forward', 60 * HOUR],
        ['backward', -60 * HOUR],
    ])
        it(`${way} while angod is down, no run that waited is too old`, async () => {
            const gate = system.gate();
            const [working, waiting] = [system.run('forward', { gate }), system.run('forward')];
            await system.running(working);
            await until(async () => (await system.job(waiting))?.state === 'queued', 'the second run to wait');
            const { pid } = system.angod;
            await system.angod.kill('SIGKILL');
            FakeClock.forget(pid);
            clock.set(ms);
            await system.angod.start(clock.env);
            system.open(gate);
            for (const session of [working, waiting])
                assert.deepEqual(
                    (await system.settled(session)).answers.map(({ message }) => message.response),
                    ['attempt 1'],
                );
        });
});
