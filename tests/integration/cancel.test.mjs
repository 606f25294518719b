// angoctl job ID cancel and retry, in every state of the job.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { fixture, until } from './lib/angod.mjs';
import { doesNotStop, hostDied, linkLost } from './lib/lines.mjs';
import { assertWell } from './lib/neighbour.mjs';
import { System } from './lib/system.mjs';

const TOLD = ['ERROR', "The run was cancelled on the plugin's server."];
const asked = /^job [0-9a-f-]{36} is cancelled and is asked to stop$/;

let system, hub, angod;
before(async () => {
    system = await System.start({
        modules: ['witness', 'witness_concurrent', 'saboteur', 'saboteur_concurrent'].map(fixture),
        plugins: {
            neighbour: { idle_s: 1 },
            one: { module: 'saboteur', max_attempts: 5, idle_s: 1, max_age_s: 86400 },
            other: { module: 'saboteur', idle_s: 1 },
            many: { module: 'saboteur-concurrent', concurrency: 4 },
        },
        config: { crash: { count: 1000 }, limits: { max_hosts: 2 } },
    });
    ({ hub, angod } = system);
});
after(() => system.close());

const answerOf = async (session) => {
    const { answers } = await system.settled(session);
    assert.equal(answers.length, 1);
    return answers[0].message;
};
const jobOf = (session) => until(() => system.job(session), 'the job');
const ask = async (session, verb) => angod.ctl('job', (await jobOf(session)).id, verb);
const inState = (session, state) => until(async () => (await system.job(session))?.state === state, `the job to be ${state}`);

/** Asserts that the session ended with one error answer and a reason for its user, and that the job does not run again. */
async function assertCancelled(session, runs) {
    assert.deepEqual(await answerOf(session), { error: true, session });
    const { logs } = hub.session(session);
    assert.deepEqual([logs.at(-1).level, logs.at(-1).msg], TOLD);
    assert.equal(logs.filter(({ msg }) => msg === TOLD[1]).length, 1);
    const { state, problem } = await system.job(session);
    assert.deepEqual([state, problem], ['cancelled', 'cancelled by the operator']);
    assert.equal(system.runs(session).length, runs);
}

test('a queued run never starts', async () => {
    const gate = system.gate();
    const first = system.run('one', { gate });
    await system.running(first);
    const session = system.run('one');
    await inState(session, 'queued');
    assert.equal((await ask(session, 'cancel')).code, 0);
    await assertCancelled(session, 0);
    system.open(gate);
    assert.equal((await answerOf(first)).response, 'attempt 1');
});

test('a blocked run gets the cancel by its callback on another thread, and ends', async () => {
    const latencies = [];
    for (let i = 0; i < 10; ++i) {
        angod.expect(asked);
        const session = system.run('one', { act: 'cancel', gate: system.gate() });
        await until(() => system.diary(session).some(({ what }) => what === 'blocked'), 'the module to block');
        const { id } = await jobOf(session);
        const before = process.hrtime.bigint();
        await fetchCancel(id);
        await assertCancelled(session, 1);
        const order = system.diary(session).map(({ what }) => what.replace(/@.*/, ''));
        assert.deepEqual(order, ['start', 'blocked', 'callback', 'end']);
        const called =
            BigInt(
                system
                    .diary(session)
                    .find(({ what }) => what.startsWith('callback'))
                    .what.slice(9),
            ) * 1000n;
        latencies.push(Number(called - before) / 1e6);
    }
    latencies.sort((a, b) => a - b);
    process.stderr.write(
        `    from the request to the callback: median ${latencies[5].toFixed(2)} ms, longest ${latencies.at(-1).toFixed(2)} ms\n`,
    );
});

test('a run that ignores the cancel loses its host after a grace; the other runs in it restart without a charge', async () => {
    angod.expect(asked, doesNotStop);
    const gate = system.gate();
    const stuck = system.run('many', { act: 'hang' });
    await system.running(stuck);
    const others = [1, 2].map(() => system.run('many', { gate }));
    for (const session of others) await system.running(session);
    assert.equal((await ask(stuck, 'cancel')).code, 0);
    await assertCancelled(stuck, 1);
    for (const session of others) await system.running(session, 2);
    system.open(gate);
    for (const session of others) {
        assert.equal((await answerOf(session)).response, 'attempt 1');
        assert.equal((await system.job(session)).retries, 0);
    }
    await assertWell(hub, system.id('neighbour'));
});

test('a run that waits for a host ends at once, and the host serves others when there is one', async () => {
    await until(async () => (await angod.hosts()).length === 0 || (await angod.plugin('many')).hosts.length === 1, 'hosts to go');
    const gates = [system.gate(), system.gate()];
    const holders = [system.run('many', { gate: gates[0] }), system.run('neighbour', { gate: gates[1] })];
    for (const session of holders) await system.running(session); // all that limits.max_hosts allows
    const session = system.run('one'),
        next = system.run('one');
    await inState(session, 'running');
    assert.equal((await ask(session, 'cancel')).code, 0);
    await assertCancelled(session, 0);
    assert.equal((await ask(session, 'cancel')).code, 1);
    system.open(gates[1]);
    assert.equal((await answerOf(next)).response, 'attempt 1');
    system.open(gates[0]);
    for (const holder of holders) assert.match((await answerOf(holder)).response, /^attempt 1/);
});

test('a run that waits for its next attempt can be retried at once or cancelled', async () => {
    angod.expect(/^attempt 1 of 5 failed: The service is busy\./, /^attempt 2 of 5 failed: The service is busy\./);
    const session = system.run('one', { act: 'try again in an hour' });
    const waits = (retries) =>
        until(async () => {
            const job = await jobOf(session);
            return job.state === 'queued' && job.retries === retries;
        }, `repetition ${retries}`);
    await waits(1);
    assert.equal((await ask(session, 'retry')).code, 0);
    await waits(2);
    assert.equal((await ask(session, 'cancel')).code, 0);
    await assertCancelled(session, 2);
    assert.equal((await ask(session, 'retry')).code, 1);
});

test('a running run cannot be retried', async () => {
    const gate = system.gate(),
        session = system.run('one', { gate });
    await system.running(session);
    const { code, stdout, stderr } = await ask(session, 'retry');
    assert.equal(code, 1);
    assert.match(stdout + stderr, /only a waiting job can be retried now; this one is running/);
    system.open(gate);
    assert.equal((await answerOf(session)).response, 'attempt 1');
});

test('a run whose host dies while it is being cancelled is cancelled, once', async () => {
    angod.expect(asked);
    angod.allow(hostDied('was ended by signal 9 (Killed)'));
    for (let i = 0; i < 10; ++i) {
        const session = system.run('one', { act: 'hang' });
        const [{ pid }] = await system.running(session);
        const { id } = await jobOf(session);
        const kill = () => process.kill(pid, 'SIGKILL');
        if (i % 2 === 0) kill();
        const asking = fetchCancel(id);
        if (i % 2 === 1) kill();
        await asking;
        await assertCancelled(session, 1);
    }
});

test('a run whose answer is being delivered cannot be cancelled, and keeps its answer', async () => {
    const id = system.id('other');
    hub.link(id).noPong(); // the answer arrives, but angod gets no proof of it
    const session = system.run('other');
    await inState(session, 'answering');
    const early = await ask(session, 'cancel');
    assert.equal(early.code, 1);
    assert.match(early.stdout + early.stderr, /the run has ended already; it is answering/);
    angod.expect(linkLost);
    hub.link(id).drop();
    hub.link(id).lift();
    for (const { message } of (await system.settled(session)).answers) assert.deepEqual(message, { response: 'attempt 1', session });
    await inState(session, 'done');
    const late = await ask(session, 'cancel');
    assert.equal(late.code, 1);
    assert.match(late.stdout + late.stderr, /there is no open job/);
});

/** A request to the admin socket without a process in between. */
function fetchCancel(id) {
    return new Promise((resolve, reject) => {
        const request = http.request(
            { socketPath: angod.socket, path: `/v1/jobs/${id}/cancel`, method: 'POST', agent: false },
            (response) => response.resume().on('end', () => resolve(response.statusCode)),
        );
        request.on('error', reject);
        request.end();
    });
}
