import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fixture, until } from './lib/angod.mjs';
import { doesNotStop, failed, hostAborted, hostExited, hostKilled, timedOut } from './lib/lines.mjs';
import { System } from './lib/system.mjs';

let system, hub;
before(async () => {
    const shared = { module: 'witness-concurrent' };
    system = await System.start({
        modules: ['witness', 'witness_concurrent', 'tricks'].map(fixture),
        plugins: {
            three: { concurrency: 3 },
            single: {},
            five: { ...shared, concurrency: 5 },
            hasty: { timeout_s: 1 },
            crowded: { ...shared, concurrency: 3, timeout_s: 3 },
            short: { max_queued: 2 },
            aged: { max_age_s: 1 },
            'check-host': { max_attempts: 2 },
            'check-angod': { max_attempts: 1 },
            again: { max_attempts: 3 },
            tricks: { module: 'tricks', max_attempts: 1, env: { GREETING: 'hello "you"' } },
        },
    });
    hub = system.hub;
});
after(() => system.close());

/** The highest number of runs at a time. */
function peak(sessions) {
    let open = 0,
        most = 0;
    for (const line of system.diary().filter((entry) => sessions.includes(entry.session))) {
        open += line.what === 'start' ? 1 : line.what === 'end' ? -1 : 0;
        most = Math.max(most, open);
    }
    return most;
}

async function answerOf(session) {
    const { answers } = await system.settled(session);
    assert.equal(answers.length, 1);
    return answers[0].message;
}

for (const [name, concurrency, processes] of [
    ['three', 3, 3],
    ['single', 1, 1],
    ['five', 5, 1],
])
    test(`plugin "${name}" runs ${concurrency} at a time and no more, in ${processes} processes`, async () => {
        const gate = system.gate();
        const sessions = Array.from({ length: 3 * concurrency }, () => system.run(name, { gate }));
        await until(
            () => system.diary().filter((line) => sessions.includes(line.session)).length === concurrency,
            `${concurrency} runs at a time`,
        );
        assert.deepEqual(
            await until(async () => {
                const { running, queued } = await system.angod.plugin(name);
                return running + queued === sessions.length && [running, queued];
            }, 'all to be known'),
            [concurrency, 2 * concurrency],
        );
        system.open(gate);
        for (const session of sessions) await answerOf(session);
        assert.equal(peak(sessions), concurrency);
        assert.equal(new Set(sessions.map((session) => system.runs(session)[0].pid)).size, processes);
    });

test('waiting runs start in the order of their arrival', async () => {
    const gate = system.gate();
    const sessions = [system.run('single', { gate }), ...Array.from({ length: 5 }, () => system.run('single'))];
    await system.running(sessions[0]);
    system.open(gate);
    for (const session of sessions) await answerOf(session);
    assert.deepEqual(
        system
            .diary()
            .filter((line) => line.what === 'start' && sessions.includes(line.session))
            .map((line) => line.session),
        sessions,
    );
});

test('a run that reaches its time-out is asked to stop, is not repeated, and fails with the limit named', async () => {
    system.angod.expect(timedOut, failed('The plugin did not finish within its limit of 1 second and was stopped.'));
    const session = system.run('hasty', { gate: system.gate() });
    assert.equal((await answerOf(session)).error, true);
    assert.deepEqual(
        system.diary(session).map((line) => line.what),
        ['start', 'cancelled', 'end'],
    );
    assert.match(hub.session(session).logs.at(-1).msg, /^The plugin did not finish within its limit of 1 second and was stopped\.$/);
    assert.equal((await system.job(session)).state, 'failed');
});

test('a run that does not stop when asked loses its host, and its neighbours run again without a charge', async () => {
    system.angod.expect(timedOut, doesNotStop, failed('The plugin did not finish within its limit of 3 seconds and was stopped.'));
    const gate = system.gate();
    const stuck = system.run('crowded', { gate: system.gate(), end: 'ignore-cancel' });
    await system.running(stuck);
    // The stuck run has reached its time limit. The neighbour, which started later, has not.
    await until(() => system.angod.log.some((line) => line.plugin === 'crowded' && line.msg.includes('is asked to stop')), 'the time-out');
    await until(() => Date.now() > hub.session(stuck).startedAt + 5500, 'most of the grace to pass');
    const neighbour = system.run('crowded', { gate });
    await system.running(neighbour);
    assert.equal((await answerOf(stuck)).error, true);
    assert.equal(system.runs(stuck).length, 1);
    await system.running(neighbour, 2);
    system.open(gate);
    assert.equal((await answerOf(neighbour)).response, 'attempt 1');
});

test('an event beyond max_queued gets the error answer at once, and those before it run', async () => {
    system.angod.expect(/^a run could not be recorded: 2 runs of this plugin are waiting already$/);
    const gate = system.gate();
    const first = system.run('short', { gate });
    await system.running(first);
    const waiting = [system.run('short'), system.run('short')];
    const refused = await hub.waitForSession(system.run('short', {}, { ack: true }), 5000);
    assert.deepEqual(
        refused.answers.map((one) => one.message.error),
        [true],
    );
    assert.match(refused.logs.at(-1).msg, /2 runs of this plugin are waiting already/);
    await hub.waitFor(() => refused.acked, 5000, 'the acknowledgement of the refused event');
    assert.equal(system.runs(refused.session).length, 0);
    system.open(gate);
    for (const session of [first, ...waiting]) assert.equal((await answerOf(session)).response, 'attempt 1');
    assert.equal(refused.answers.length, 1);
});

test('a run that waited longer than max_age_s fails with an explanation instead of running', async () => {
    system.angod.expect(failed('This run waited so long that it was not started any more.'));
    const gate = system.gate();
    const first = system.run('aged', { gate });
    await system.running(first);
    const late = system.run('aged');
    await until(async () => Date.now() > hub.session(late).startedAt + 1200, 'the run to be too old');
    system.open(gate);
    assert.equal((await answerOf(late)).error, true);
    assert.match(hub.session(late).logs.at(-1).msg, /waited so long/);
    assert.equal(system.runs(late).length, 0);
    assert.equal((await answerOf(first)).response, 'attempt 1');
});

test('a checkpoint of 64 KB is there again after a kill of the host', async () => {
    system.angod.expect(hostKilled);
    const session = system.run('check-host', { checkpoint: 65536 });
    const { pid } = await until(() => system.diary(session).find((line) => line.what === 'saved'), 'the checkpoint');
    process.kill(pid, 'SIGKILL');
    assert.equal((await answerOf(session)).response, 'kept 65536');
});

test('a checkpoint is there again after a kill of angod', async () => {
    const session = system.run('check-angod', { checkpoint: 65536 });
    await until(() => system.diary(session).some((line) => line.what === 'saved'), 'the checkpoint');
    await system.angod.kill('SIGKILL');
    await system.angod.start();
    assert.equal((await answerOf(session)).response, 'kept 65536');
    await system.connected();
});

test('a checkpoint longer than 64 KB is refused to the module, and the run goes on', async () => {
    assert.match((await answerOf(system.run('check-host', { checkpoint: 65537 }))).response, /^refused -/);
});

test('a module that asks for another try gets max_attempts of them, then its own sentence ends the run', async () => {
    system.angod.expect(
        /^attempt 1 of 3 failed: The service is busy\./,
        /^attempt 2 of 3 failed: The service is busy\./,
        failed('The service is busy.'),
    );
    const session = system.run('again', { end: 'retry' });
    assert.equal((await answerOf(session)).error, true);
    assert.deepEqual(
        system.runs(session).map((run) => run.attempt),
        [1, 2, 3],
    );
    const { logs } = hub.session(session);
    assert.deepEqual(
        logs.map((line) => [line.level, line.msg]),
        [
            ['WARNING', 'The service is busy. Trying again.'],
            ['WARNING', 'The service is busy. Trying again.'],
            ['ERROR', 'The service is busy.'],
        ],
    );
});

test('a module that ends without a value answers ""', async () => {
    assert.equal((await answerOf(system.run('tricks', { trick: 'nothing' }))).response, '');
});

for (const [trick, sentence, ...said] of [
    ['fail', /^The bucket does not exist\.$/, failed('The bucket does not exist. (details for the operator)')],
    ['throw', /unexpected problem/, failed('The plugin met an unexpected problem. (thrown inside the module)')],
    [
        'throw a number',
        /unexpected problem/,
        failed('The plugin met an unexpected problem. (the module threw something that is no std::exception)'),
    ],
    ['exit', /crashed/, hostExited(3)],
    ['crash', /crashed/, hostAborted],
])
    test(`a module that ends by "${trick}" ends the session with an error and a line for the user`, async () => {
        system.angod.expect(...said);
        const session = system.run('tricks', { trick });
        assert.deepEqual(await answerOf(session), { error: true, session });
        assert.match(hub.session(session).logs.at(-1).msg, sentence);
    });

test('a failure in whose text a module puts its whole event is cut, in Hub as in the record of the job, and never inside of a character', async () => {
    system.angod.expect(failed('I failed with {'));
    const session = system.run('tricks', { trick: 'secret', pad: '\u20ac'.repeat(100_000) });
    await answerOf(session);
    const { level, msg } = hub.session(session).logs.at(-1);
    assert.deepEqual([level, msg.slice(0, 15)], ['ERROR', 'I failed with {']);
    const { problem } = await system.job(session);
    for (const text of [msg, problem]) {
        assert.ok(Buffer.byteLength(text) <= 4096 && Buffer.byteLength(text) > 4090, `${Buffer.byteLength(text)} bytes`);
        assert.ok(text.endsWith('\u20ac'), 'cut at the end of a character');
        assert.ok(!text.includes(hub.session(session).event.apiKey));
    }
});

test('a module sees PATH, LANG and the environment of the plugin, and nothing else', async () => {
    const names = (await answerOf(system.run('tricks', { trick: 'environment-names' }))).response;
    assert.deepEqual(names.sort(), ['GREETING', 'LANG', 'PATH']);
});
