import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from './lib/angod.mjs';
import { failed, linkLost } from './lib/lines.mjs';
import { System } from './lib/system.mjs';

let system, hub;
before(async () => {
    system = await System.start({
        plugins: {
            input: { concurrency: 4 },
            other: { concurrency: 4 },
            queued: {},
            export: { type: 'Export', concurrency: 4 },
            restarted: { type: 'Export' },
            failing: { type: 'Export', max_attempts: 1 },
            offline: { type: 'Export' },
        },
    });
    hub = system.hub;
});
after(() => system.close());

/** Sends the event of a session again, to its plugin or to another one. Resolves when it is acknowledged. */
async function repeat(session, change = {}, name) {
    const record = hub.session(session);
    const acks = record.acks.length;
    hub.run(name ? system.id(name) : record.pluginId, { raw: { ...record.event, ...change }, ack: true });
    await hub.waitFor(() => record.acks.length > acks, 5000, 'the acknowledgement of the repeated event');
}
const answers = (session, count) =>
    hub.waitFor(() => hub.session(session).answers.length >= count && hub.session(session).answers, 15000, `${count} answers`);

test('an event that comes again while the first runs joins it: one run, one answer', async () => {
    for (const name of ['input', 'export']) {
        const gate = system.gate();
        const session = system.run(name, { gate }, { ack: true });
        await system.running(session);
        await repeat(session);
        await repeat(session);
        system.open(gate);
        await system.settled(session);
        await hub.waitForSession(system.run(name));
        assert.deepEqual([system.runs(session).length, hub.session(session).answers.length], [1, 1], name);
    }
});

test('an event that comes again while the first waits joins it', async () => {
    const gate = system.gate();
    const first = system.run('queued', { gate });
    await system.running(first);
    const session = system.run('queued', {}, { ack: true });
    await repeat(session);
    assert.equal((await system.angod.plugin('queued')).queued, 1);
    system.open(gate);
    await system.settled(session);
    await hub.waitForSession(system.run('queued'));
    assert.deepEqual([system.runs(session).length, hub.session(session).answers.length], [1, 1]);
});

test('the same event to all connections and in one breath runs once', async () => {
    const gate = system.gate();
    const session = system.run('export', { gate });
    for (let i = 0; i < 20; ++i) hub.run(system.id('export'), { raw: hub.session(session).event });
    await system.running(session);
    system.open(gate);
    await system.settled(session);
    await hub.waitForSession(system.run('export'));
    assert.deepEqual([system.runs(session).length, hub.session(session).answers.length], [1, 1]);
});

test('an export event that comes again after its end gets the recorded answer again, without a run', async () => {
    const session = system.run('export');
    const [{ message }] = (await system.settled(session)).answers;
    await repeat(session);
    assert.deepEqual((await answers(session, 2))[1].message, message);
    await repeat(session);
    assert.deepEqual((await answers(session, 3))[2].message, message);
    assert.equal(system.runs(session).length, 1);
    await until(async () => (await system.angod.plugin('export')).answering === 0, 'the confirmation');
    assert.equal((await system.job(session)).state, 'done');
});

test('an Input event that comes again after its end runs again', async () => {
    const session = system.run('input');
    await system.settled(session);
    await repeat(session);
    await answers(session, 2);
    assert.equal(system.runs(session).length, 2);
});

test('events of one session that differ in any byte are different runs', async () => {
    for (const name of ['input', 'export']) {
        const session = system.run(name, { folder: 'a' });
        await system.settled(session);
        await repeat(session, { folder: 'b' });
        await answers(session, 2);
        assert.equal(system.runs(session).length, 2, name);
    }
});

test('the same event to two plugins is two runs', async () => {
    const gate = system.gate();
    const session = system.run('input', { gate });
    await system.running(session);
    hub.run(system.id('other'), { raw: hub.session(session).event });
    await system.running(session, 2);
    system.open(gate);
    await until(async () => system.diary(session).filter((line) => line.what === 'end').length === 2, 'both runs to end');
});

test('a failed export is not run again by a repeated event either: the error answer is sent again', async () => {
    system.angod.expect(failed('It cannot be done.'));
    const session = system.run('failing', { end: 'fail' });
    await system.settled(session);
    await repeat(session);
    assert.deepEqual(
        (await answers(session, 2)).map((one) => one.message),
        [
            { error: true, session },
            { error: true, session },
        ],
    );
    assert.equal(system.runs(session).length, 1);
});

test('an export event that comes again while its answer waits for the link does not run again', async () => {
    system.angod.expect(linkLost);
    const gate = system.gate();
    const session = system.run('offline', { gate });
    await system.running(session);
    hub.link(system.id('offline')).noPong(); // the answer arrives, but angod gets no confirmation
    system.open(gate);
    await hub.waitForSession(session);
    await repeat(session);
    hub.link(system.id('offline')).lift();
    hub.link(system.id('offline')).drop();
    await system.settled(session);
    await hub.waitFor(() => hub.plugin(system.id('offline')).live > 0, 15000, 'the reconnect');
    await hub.waitForSession(system.run('offline'));
    assert.equal(system.runs(session).length, 1);
    assert.equal(new Set(hub.session(session).answers.map((one) => JSON.stringify(one.message))).size, 1);
});

test('a run that was answered before a kill of angod is answered from the record after it', async () => {
    const session = system.run('restarted');
    const [{ message }] = (await system.settled(session)).answers;
    await until(async () => (await system.job(session)).state === 'done', 'the record of the delivery');
    await system.angod.kill('SIGKILL');
    await system.angod.start();
    await system.connected();
    await repeat(session);
    assert.deepEqual((await answers(session, 2))[1].message, message);
    assert.equal(system.runs(session).length, 1);
});

test('a run that a kill of angod interrupted is joined by a repeated event after it', async () => {
    const gate = system.gate();
    const session = system.run('restarted', { gate }, { ack: true });
    await system.running(session);
    await system.angod.kill('SIGKILL');
    await system.angod.start();
    await system.connected();
    await repeat(session);
    system.open(gate);
    await system.settled(session);
    await hub.waitForSession(system.run('restarted'));
    assert.deepEqual([system.runs(session).length, hub.session(session).answers.length], [2, 1]);
});

test('a session is echoed as the token that came, be it text, number or object', async () => {
    for (const token of ['with "quotes" and \u00e9', 12345678901, { nested: [1] }]) {
        const key = String(token);
        hub.run(system.id('input'), { raw: { session: token, orgId: 'o' } });
        const {
            answers: [{ message }],
        } = await hub.waitForSession(key, 5000);
        assert.deepEqual(message.session, token);
    }
});
