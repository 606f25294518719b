// A module harms its own process in many ways, and no other process is affected.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { build, fixture, processExists, until } from './lib/angod.mjs';
import { doesNotStop, escape, failed, hostDied, hostExited, timedOut } from './lib/lines.mjs';
import { assertWell } from './lib/neighbour.mjs';
import { System } from './lib/system.mjs';

const MODULES = ['witness', 'saboteur', 'saboteur_concurrent'].map(fixture);
const CRASHED = 'The plugin crashed while it was working on this run.';
const SEGV = 'was ended by signal 11 (Segmentation fault)',
    ABORT = 'was ended by signal 6 (Aborted)',
    KILL = 'was ended by signal 9 (Killed)';

let system, hub, angod;
before(async () => {
    const concurrent = { module: 'saboteur-concurrent', concurrency: 4 };
    system = await System.start({
        modules: MODULES,
        plugins: {
            neighbour: {},
            one: { module: 'saboteur', max_attempts: 1 },
            many: { ...concurrent, max_attempts: 1 },
            eager: { module: 'saboteur', start: 'eager' },
            hasty: { module: 'saboteur', max_attempts: 1, timeout_s: 1 },
        },
        config: { crash: { count: 1000 } },
    });
    ({ hub, angod } = system);
});
after(() => system.close());

const answerOf = async (session) => {
    const { answers } = await system.settled(session, 60000);
    assert.equal(answers.length, 1);
    return answers[0].message;
};
/** Lines at warning or above about the job of a session. */
const loudLines = async (session) => {
    const { id } = await system.job(session);
    return angod.log
        .filter(({ level, msg, job }) => ['warning', 'error'].includes(level) && (job === id || msg.includes(id)))
        .map(({ msg }) => msg);
};
/** Asserts that the run ends with the error answer and a line for its user. */
async function assertFails(session, sentence = CRASHED) {
    assert.deepEqual(await answerOf(session), { error: true, session });
    const { level, msg } = hub.session(session).logs.at(-1);
    assert.deepEqual([level, msg], ['ERROR', sentence]);
}

describe('a module that ends its process', () => {
    for (const [act, end, words = '', more = {}] of [
        ['segv', SEGV],
        ['abort', ABORT],
        ['overflow', SEGV],
        ['throw elsewhere', ABORT, 'nobody catches this'],
        ['exit', 'exited with code 0'],
        ['_exit', 'exited with code 7'],
        ['quick_exit', 'exited with code 9'],
        ['signal', 'was ended by signal 10 (User defined signal 1)', '', { signal: 10 }],
        ['signal', KILL, '', { signal: 9 }],
        ['signal', KILL, '', { signal: 15 }],
        ['signal group', 'was ended by signal 10 (User defined signal 1)'],
        // Without its descriptors the runtime of the thread sanitizer ends before the host can.
        ...(path.basename(build) === 'tsan' ? [] : [['close all', KILL]]),
    ])
        it(`by "${act}"${more.signal ? ` ${more.signal}` : ''} ends its own run, which its user is told, and its operator in one line`, async () => {
            angod.expect(hostDied(end));
            const session = system.run('one', { act, says: `before ${act}`, ...more });
            await assertFails(session);
            const { id, state, problem } = await system.job(session);
            assert.equal(state, 'failed');
            const [line, ...others] = await loudLines(session);
            assert.deepEqual(others, []);
            assert.match(
                line,
                new RegExp(
                    `^the host of module saboteur 1\\.0, generation 1, for the plugin one ${escape(end)} \\(process \\d+\\) with job ${id} running; it printed: .*before ${act}`,
                ),
            );
            assert.ok(line.includes(words), line);
            assert.ok(problem.startsWith(`${CRASHED} (the host ${end}; it printed: `), problem);
            await assertWell(hub, system.id('neighbour'));
        });

    it('charges, of several runs in it, only the one that does it alone too', async () => {
        angod.expect(hostDied(SEGV));
        const gate = system.gate(),
            fatal = system.gate();
        const good = [1, 2, 3].map(() => system.run('many', { gate }));
        const bad = system.run('many', { gate: fatal, act: 'segv' });
        for (const session of [...good, bad]) await system.running(session);
        system.open(fatal);
        await until(() => good.some((session) => system.runs(session).length > 1) || system.runs(bad).length > 1, 'the first repetition');
        system.open(gate);
        for (const session of good) assert.equal((await answerOf(session)).response, 'attempt 1');
        await assertFails(bad);
        const [together, alone, ...others] = await loudLines(bad);
        assert.deepEqual(others, []);
        for (const session of good) assert.ok(together.includes((await system.job(session)).id), together);
        assert.match(alone, / with job \S+ running/);
        for (const session of [...good, bad]) assert.equal((await system.job(session)).retries, 0);
    });

    it('while it is idle is in the log, and the next run has a new one', async () => {
        const idle =
            /^the host of module saboteur 1\.0, generation 1, for the plugin one exited with code 5 \(process \d+\) while it was idle/;
        angod.expect(idle);
        assert.equal((await answerOf(system.run('one', { act: 'die later' }))).response, 'attempt 1');
        await until(() => angod.log.some(({ msg }) => idle.test(msg)), 'the end of the host');
        assert.equal((await answerOf(system.run('one'))).response, 'attempt 1');
    });
});

describe('an eager plugin', () => {
    it('has a new host before the next run comes, ever later if that ends too', async () => {
        const host = async () => (await angod.plugin('eager')).hosts[0]?.pid;
        let pid = await until(host, 'the first host');
        angod.expect(/for the plugin eager exited with code 5 \(process \d+\) while it was idle/);
        for (let i = 0; i < 2; ++i) {
            const before = pid;
            assert.equal((await answerOf(system.run('eager', { act: 'die later' }))).response, 'attempt 1');
            pid = await until(async () => (await host()) !== before && host(), 'the next host');
            assert.ok(processExists(pid));
        }
        const session = system.run('eager');
        assert.equal((await answerOf(session)).response, 'attempt 1');
        assert.equal(system.runs(session)[0].pid, pid);
    });
});

describe('a module that hangs', () => {
    for (const [act, more] of [
        ['hang', {}],
        ['signal', { signal: 19 }],
    ])
        it(`by "${act}" and does not listen is ended some seconds after its time-out`, async () => {
            const sentence = 'The plugin did not finish within its limit of 1 second and was stopped.';
            angod.expect(timedOut, doesNotStop, failed(sentence));
            const session = system.run('hasty', { act, ...more });
            const [{ pid }] = await system.running(session);
            await assertWell(hub, system.id('neighbour'));
            await assertFails(session, sentence);
            assert.ok(!processExists(pid));
            assert.equal(system.runs(session).length, 1);
        });
});

describe('what a module leaves behind', () => {
    for (const act of ['copy', 'escaped copy'])
        it(`(${act}) outlives its run but not its host, and delays neither`, async () => {
            const session = system.run('one', { act });
            assert.equal((await answerOf(session)).response, 'attempt 1');
            const [child] = await until(() => system.children(session).length > 0 && system.children(session), 'the child');
            assert.ok(processExists(child));
            angod.expect(hostDied(SEGV));
            await assertFails(system.run('one', { act: 'segv' }));
            await until(() => !processExists(child), 'the child to end', 5000);
            assert.equal((await answerOf(system.run('one'))).response, 'attempt 1');
        });

    it('(threads) does not disturb the runs that follow', async () => {
        const first = system.run('one', { act: 'threads' });
        assert.equal((await answerOf(first)).response, 'attempt 1');
        const sessions = Array.from({ length: 20 }, () => system.run('one'));
        for (const session of sessions) assert.equal((await answerOf(session)).response, 'attempt 1');
        assert.deepEqual([...new Set(sessions.map((session) => system.runs(session)[0].pid))], [system.runs(first)[0].pid]);
        angod.expect(hostDied(ABORT));
        await assertFails(system.run('one', { act: 'abort' }));
    });

    it('(folder, umask, limits of its process) is its own matter', async () => {
        assert.equal((await answerOf(system.run('one', { act: 'change the process' }))).response, 'attempt 1');
        for (let i = 0; i < 3; ++i) assert.equal((await answerOf(system.run('one'))).response, 'attempt 1');
        angod.expect(hostExited(7));
        await assertFails(system.run('one', { act: '_exit' }));
    });
});

describe('a module that prints 100 MB', () => {
    for (const [act, fd] of [
        ['flood', 1],
        ['flood', 2],
        ['flood lines', 2],
    ])
        it(`(${act} on ${fd}) fills neither memory nor log, and its neighbour is answered meanwhile`, async () => {
            const before = angod.logText.length;
            const gate = system.gate();
            const session = system.run('many', { act, fd, bytes: 100 << 20, gate });
            await system.running(session);
            system.open(gate);
            await until(() => angod.logText.length > before, 'the first lines');
            const times = [];
            while (hub.session(session).state === 'running' || times.length < 5) {
                const { elapsedMs } = await hub.waitForSession(hub.run(system.id('neighbour')), 30000);
                times.push(elapsedMs);
            }
            times.sort((a, b) => a - b);
            process.stderr.write(
                `    a neighbour's round trip meanwhile: median ${times[times.length >> 1].toFixed(1)} ms, longest ${times.at(-1).toFixed(1)} ms\n`,
            );
            assert.equal((await answerOf(session)).response, 'attempt 1');
            assert.ok(angod.logText.length - before < 4 << 20, `${angod.logText.length - before} bytes of log`);
            await assertWell(hub, system.id('neighbour'));
        });

    it('before it crashes leaves its last words to the operator', async () => {
        angod.expect(hostDied(ABORT));
        const session = system.run('one', { act: 'flood lines', fd: 2, bytes: 1 << 20, says: 'the first words' });
        assert.equal((await answerOf(session)).response, 'attempt 1');
        const last = system.run('one', { act: 'abort', says: 'the last words' });
        await assertFails(last);
        const [line] = await loudLines(last);
        assert.match(line, /the last words/);
        assert.doesNotMatch(line, /the first words/);
    });
});

describe('a module that crashes too often', () => {
    it('pauses, which /v1/plugins and angoctl say, and goes on after that', async () => {
        const shaky = await System.start({
            modules: MODULES,
            plugins: { neighbour: {}, shaky: { module: 'saboteur', max_attempts: 1 } },
            config: { crash: { count: 3, within_s: 60 } },
        });
        try {
            shaky.angod.expect(hostDied(ABORT), /^hosts of this plugin crashed 3 times within 60 s; the next one starts in \d+ s$/);
            for (let i = 0; i < 3; ++i)
                assert.equal((await shaky.settled(shaky.run('shaky', { act: 'abort' }))).answers[0].message.error, true);
            const waiting = shaky.run('shaky');
            const { state, reason } = await until(async () => {
                const view = await shaky.angod.plugin('shaky');
                return view.queued === 1 && view;
            }, 'the run to wait');
            assert.equal(state, 'live');
            assert.match(reason, /^its module crashed too often; runs start again in \d+ s$/);
            assert.match((await shaky.angod.ctl('plugins')).stdout, /shaky +live .*its module crashed too often/);
            await assertWell(shaky.hub, shaky.id('neighbour'));
            assert.equal((await shaky.settled(waiting)).answers[0].message.response, 'attempt 1');
            assert.equal((await shaky.angod.plugin('shaky')).reason, '');
        } finally {
            await shaky.close();
        }
    });
});

// This case comes last, because the cases above count connections.
describe('a kill of angod', () => {
    it('also ends copies of the host that a module has moved out of its process group', async () => {
        const session = system.run('one', { act: 'escaped copy' });
        assert.equal((await answerOf(session)).response, 'attempt 1');
        const [child] = await until(() => system.children(session).length > 0 && system.children(session), 'the child');
        await angod.kill('SIGKILL');
        await until(() => !processExists(child), 'the child to end', 5000);
        await angod.start();
        await hub.waitFor(() => Object.values(system.plugins).every(({ id }) => hub.plugin(id).live === 1), 20000, 'all plugins');
    });
});
