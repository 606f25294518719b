import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { processExists, until } from './lib/angod.mjs';
import { hostAborted, hostKilled } from './lib/lines.mjs';
import { isStopped } from './lib/processes.mjs';
import { System } from './lib/system.mjs';

let system, hub;
before(async () => {
    system = await System.start({
        plugins: {
            one: { max_attempts: 3 },
            many: { module: 'witness-concurrent', concurrency: 8, max_attempts: 2 },
            patient: { max_attempts: 1 },
            export: { type: 'Export', max_attempts: 1 },
        },
        config: { drain_s: 1, crash: { count: 1000 } },
    });
    hub = system.hub;
});
after(() => system.close());

const answer = async (session) => {
    const { answers } = await system.settled(session);
    assert.equal(answers.length, 1);
    return answers[0].message;
};

test('a run whose host is killed runs again and is answered once', async () => {
    system.angod.expect(hostKilled);
    const gate = system.gate();
    const session = system.run('one', { gate });
    const [{ pid }] = await system.running(session);
    process.kill(pid, 'SIGKILL');
    system.open(gate);
    assert.equal((await answer(session)).response, 'attempt 2');
});

test('a run that brings its host down at every attempt fails after max_attempts, with a line for the user', async () => {
    system.angod.expect(hostAborted);
    const session = system.run('one', { end: 'crash' });
    assert.equal((await answer(session)).error, true);
    assert.equal(system.runs(session).length, 3);
    assert.match(hub.session(session).logs.at(-1).msg, /crashed/);
    assert.equal((await system.job(session)).state, 'failed');
});

test('a host that dies with several runs charges none of them', async () => {
    system.angod.expect(hostKilled);
    const gate = system.gate();
    const sessions = Array.from({ length: 5 }, () => system.run('many', { gate }));
    for (const session of sessions) await system.running(session);
    const pids = new Set(sessions.map((session) => system.runs(session)[0].pid));
    assert.equal(pids.size, 1, 'all in one process');
    process.kill([...pids][0], 'SIGKILL');
    system.open(gate);
    for (const session of sessions) assert.equal((await answer(session)).response, 'attempt 1');
    for (const session of sessions) assert.equal(system.runs(session).length, 2);
});

test('runs of a host that died together restart one at a time, each isolated in a host', async () => {
    system.angod.expect(hostKilled);
    const first = system.gate(),
        second = system.gate();
    const sessions = Array.from({ length: 4 }, () => system.run('many', { gate: first }));
    for (const session of sessions) await system.running(session);
    process.kill(system.runs(sessions[0])[0].pid, 'SIGKILL');
    await until(() => sessions.some((session) => system.runs(session).length > 1), 'the first repetition');
    // This run never lost its host: it shares no host with the runs that did.
    const innocent = system.run('many', { gate: second });
    await system.running(innocent);
    const suspects = sessions.filter((session) => system.runs(session).length > 1);
    const others = suspects.map((session) => system.runs(session)[1].pid);
    assert.ok(!others.includes(system.runs(innocent)[0].pid));
    system.open(first);
    system.open(second);
    for (const session of [...sessions, innocent]) await answer(session);
    let open = 0,
        most = 0;
    for (const line of system
        .diary()
        .filter((entry) => sessions.includes(entry.session))
        .slice(sessions.length)) {
        open += line.what === 'start' ? 1 : -1;
        most = Math.max(most, open);
    }
    assert.equal(most, 1, 'repetitions at a time');
});

test('of many runs together only the one that crashes when isolated is charged', async () => {
    system.angod.expect(hostAborted);
    const gate = system.gate(),
        fatal = system.gate();
    const good = Array.from({ length: 4 }, () => system.run('many', { gate }));
    const bad = system.run('many', { gate: fatal, end: 'crash' });
    for (const session of [...good, bad]) await system.running(session);
    system.open(fatal);
    await until(() => good.some((session) => system.runs(session).length > 1), 'the first repetition');
    system.open(gate);
    for (const session of good) assert.match((await answer(session)).response, /^attempt 1/);
    assert.equal((await answer(bad)).error, true);
    assert.equal(system.runs(bad).length, 3, 'once in company, twice alone');
});

test('a kill of angod ends its hosts, even a stopped one', async () => {
    const gate = system.gate();
    const sessions = ['one', 'many', 'export'].map((name) => system.run(name, { gate }));
    for (const session of sessions) await system.running(session);
    const hosts = sessions.map((session) => system.runs(session)[0].pid);
    process.kill(hosts[1], 'SIGSTOP'); // a stopped host notices nothing
    await until(() => isStopped(hosts[1]), 'the host to stop');
    await system.angod.kill('SIGKILL');
    await until(() => !hosts.some(processExists), 'the hosts to end', 5000);
    system.open(gate);
    await system.angod.start();
    for (const session of sessions) await answer(session);
});

test('a kill of a host ends the processes that its module has started', async () => {
    system.angod.expect(hostKilled);
    const gate = system.gate();
    const session = system.run('one', { gate, children: 1 });
    await until(() => system.children(session).length > 0, 'a child of the module');
    process.kill(system.runs(session)[0].pid, 'SIGKILL');
    await until(() => !processExists(system.children(session)[0]), 'the child to end', 5000);
    system.open(gate);
    await answer(session);
});

test('running and waiting jobs survive a kill of angod, lose no attempt, and are answered once', async () => {
    await system.connected();
    const gate = system.gate();
    const sessions = ['patient', 'patient', 'patient', 'export', 'export'].map((name, i) =>
        system.run(name, { gate, pad: 'p'.repeat(i * 150_000) }, { ack: true }),
    );
    await system.running(sessions[0]);
    await system.running(sessions[3]);
    for (const session of sessions) await hub.waitFor(() => hub.session(session).acked, 5000, 'the record of an event');
    await system.angod.kill('SIGKILL');
    system.open(gate);
    await system.angod.start();
    for (const session of sessions.slice(0, 3)) assert.equal((await answer(session)).response, 'attempt 1');
    for (const session of sessions.slice(3)) assert.equal((await answer(session)).export, true);
});

test('runs that do not end within drain_s of SIGTERM wait for the next start and lose no attempt', async () => {
    await system.connected();
    const gate = system.gate();
    const running = system.run('patient', { gate }, { ack: true });
    const waiting = system.run('patient', { gate }, { ack: true });
    await system.running(running);
    await hub.waitFor(() => hub.session(waiting).acked, 5000, 'the record of an event');
    assert.deepEqual(await system.angod.stop(), { code: 0, signal: null });
    assert.equal(hub.session(running).answers.length, 0);
    system.open(gate);
    await system.angod.start();
    for (const session of [running, waiting]) assert.equal((await answer(session)).response, 'attempt 1');
});

test('runs that end within drain_s of SIGTERM are answered before angod ends', async () => {
    await system.connected();
    const gate = system.gate();
    const session = system.run('patient', { gate });
    await system.running(session);
    const ended = system.angod.kill('SIGTERM');
    await until(async () => (await system.angod.get('/v1/status')).state === 'draining', 'the drain');
    system.open(gate);
    assert.deepEqual(await ended, { code: 0, signal: null });
    assert.equal(hub.session(session).answers.length, 1);
    await system.angod.start();
});

test('many kills of hosts and of angod under load lose and double nothing', async () => {
    system.angod.expect(hostKilled);
    await system.connected();
    const sessions = [];
    for (let round = 0; round < 4; ++round) {
        await system.connected();
        const gate = system.gate();
        // One run of each plugin waits: runs that died together are isolated, so two would wait for each other.
        const batch = Array.from({ length: 20 }, (_, i) =>
            system.run(['many', 'patient', 'many', 'one'][i % 4], [0, 1, 3].includes(i) ? { gate } : {}, { ack: true }),
        );
        sessions.push(...batch);
        for (const session of batch) await hub.waitFor(() => hub.session(session).acked, 5000, 'the record of an event');
        await system.running(batch[0]);
        if (round % 2 === 0) {
            process.kill(system.runs(batch[0])[0].pid, 'SIGKILL');
            system.open(gate);
        } else {
            await system.angod.kill('SIGKILL');
            system.open(gate);
            await system.angod.start();
        }
    }
    for (const session of sessions) await system.settled(session);
    // An answer may come twice only if angod died between sending it and recording its confirmation.
    const doubled = sessions.filter(
        (session) => new Set(hub.session(session).answers.map((one) => one.socketId)).size < hub.session(session).answers.length,
    );
    assert.deepEqual(doubled, []);
    for (const session of sessions) assert.equal(hub.session(session).answers[0].message.error, undefined);
});

test('a kill of angod ends the processes that modules have started', async () => {
    await system.connected();
    const gate = system.gate();
    const sessions = ['one', 'many'].map((name) => system.run(name, { gate, children: 1 }));
    for (const session of sessions) await until(() => system.children(session).length > 0, 'a child of the module');
    const children = sessions.flatMap((session) => system.children(session));
    await system.angod.kill('SIGKILL');
    system.open(gate);
    const gone = until(() => !children.some(processExists), 'what the modules started to end', 5000);
    await gone.catch(() => children.filter(processExists).forEach((pid) => process.kill(pid, 'SIGKILL')));
    await system.angod.start();
    for (const session of sessions) await answer(session);
    await gone;
});
