import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from './lib/angod.mjs';
import { failed, linkLost, refused } from './lib/lines.mjs';
import { System } from './lib/system.mjs';

const names = ['cut', 'cut-often', 'deaf', 'mute', 'killed', 'stopped', 'confirmed', 'talkative', 'flood', 'long', 'longer'];
let system, hub, angod;
before(async () => {
    system = await System.start({
        hub: { socketOptions: { pingInterval: 300, pingTimeout: 30000, maxHttpBufferSize: 20000 } },
        plugins: Object.fromEntries(names.map((name) => [name, { concurrency: 4, module: 'witness-concurrent' }])),
        config: { drain_s: 1 },
    });
    ({ hub, angod } = system);
});
after(() => system.close());

/** Cuts the plugin's link and prevents a new one until the returned function is called. */
async function cut(name) {
    angod.expect(linkLost, refused('not now'));
    hub.link('all').refuse('not now');
    hub.link(system.id(name)).drop();
    await until(async () => (await angod.plugin(name)).state === 'refused', `${name} to be refused`);
    return () => hub.link('all').lift('refuse');
}
const answering = (session) => until(async () => (await system.job(session))?.state === 'answering', 'the answer to wait for the link');
const started = async (name, steps) => {
    const gate = system.gate();
    const session = system.run(name, { gate, ...steps });
    await system.running(session);
    return { session, finish: () => system.open(gate) };
};
/** A new run. When it ends, everything that was sent before it on this link has arrived. */
const barrier = (name) => hub.waitForSession(system.run(name));

test('answers that were computed while the link was down are delivered after the reconnect, each once', async () => {
    const runs = [await started('cut'), await started('cut'), await started('cut')];
    const lift = await cut('cut');
    for (const run of runs) run.finish();
    for (const run of runs) await answering(run.session);
    lift();
    for (const run of runs) assert.equal((await system.settled(run.session)).answers.length, 1);
    assert.equal((await system.job(runs[0].session)).state, 'done');
});

test('a link that is cut again and again does not repeat confirmed answers', async () => {
    angod.expect(linkLost);
    for (let round = 0; round < 3; ++round) {
        const session = system.run('cut-often');
        await system.settled(session);
        hub.link(system.id('cut-often')).reset();
        await hub.waitFor(() => hub.plugin(system.id('cut-often')).connectionsTotal === round + 2, 20000, 'the reconnect');
    }
    await barrier('cut-often');
    for (const record of hub.sessions.all().filter((one) => one.pluginId === system.id('cut-often')))
        assert.equal(record.answers.length, 1);
});

test("where no WebSocket ping is ever answered, the server's own pings confirm, and nothing is sent twice", async () => {
    angod.expect(linkLost);
    hub.link(system.id('deaf')).noPong();
    const sessions = Array.from({ length: 10 }, () => system.run('deaf'));
    for (const session of sessions) await system.settled(session);
    hub.link(system.id('deaf')).drop();
    await hub.waitFor(() => hub.plugin(system.id('deaf')).connectionsTotal === 2, 20000, 'the reconnect');
    await barrier('deaf');
    for (const session of sessions) assert.equal(hub.session(session).answers.length, 1);
});

test('an answer that a dead link swallowed is sent again on the next one', async () => {
    angod.expect(linkLost);
    const run = await started('mute');
    hub.link(system.id('mute')).silent();
    run.finish();
    await answering(run.session);
    hub.link(system.id('mute')).drop();
    hub.link(system.id('mute')).lift();
    const { answers } = await system.settled(run.session);
    assert.equal(answers.length, 1);
});

test('angod that is killed with an answer in its outbox delivers it after the next start', async () => {
    const run = await started('killed');
    const lift = await cut('killed');
    run.finish();
    await answering(run.session);
    await angod.kill('SIGKILL');
    lift();
    await angod.start();
    assert.equal((await system.settled(run.session)).answers.length, 1);
    assert.equal(system.runs(run.session).length, 1, 'it was not run again');
});

test('angod that is stopped with an answer in its outbox delivers it after the next start', async () => {
    await system.connected();
    const run = await started('stopped');
    const lift = await cut('stopped');
    run.finish();
    await answering(run.session);
    assert.equal((await angod.stop()).code, 0);
    lift();
    await angod.start();
    assert.equal((await system.settled(run.session)).answers.length, 1);
    assert.equal(system.runs(run.session).length, 1, 'it was not run again');
});

test('angod that is killed after the confirmation does not send the answer again', async () => {
    await system.connected();
    const session = system.run('confirmed');
    await system.settled(session);
    await until(async () => (await system.job(session)).state === 'done', 'the record of the delivery');
    await angod.kill('SIGKILL');
    await angod.start();
    await system.connected();
    await barrier('confirmed');
    assert.equal(hub.session(session).answers.length, 1);
});

test('of the log lines of a run without a link the last 256 are kept and sent before the answer, with a count of the others', async () => {
    await system.connected();
    const run = await started('talkative', { lines: 300 });
    const lift = await cut('talkative');
    run.finish();
    await answering(run.session);
    lift();
    const { answers, logs } = await system.settled(run.session);
    assert.equal(logs.length, 257);
    assert.match(logs[0].msg, /^44 earlier lines .*dropped/);
    assert.equal(logs[0].level, 'WARNING');
    assert.deepEqual(
        logs.slice(1).map((line) => line.msg),
        Array.from({ length: 256 }, (_, i) => `line ${i + 44}`),
    );
    assert.ok(logs.at(-1).at <= answers[0].at);
    const { event } = hub.session(run.session);
    assert.deepEqual(
        [logs[1].organization, logs[1].pluginId, logs[1].runBy, logs[1].session],
        [event.orgId, system.id('talkative'), event.runBy, run.session],
    );
});

test('hundreds of answers at once are each delivered once and confirmed', async () => {
    const sessions = Array.from({ length: 300 }, () => system.run('flood'));
    for (const session of sessions) assert.equal((await hub.waitForSession(session, 30000)).answers.length, 1);
    await until(async () => (await angod.plugin('flood')).answering === 0, 'the confirmations');
});

test('an answer longer than the server takes is never sent: the run fails with a message, and the link stays', async () => {
    angod.expect(failed("The plugin's answer is 30,061 bytes long, more than Hub takes (20,000 bytes)."));
    const before = hub.plugin(system.id('long')).connectionsTotal;
    const session = system.run('long', { size: 30000 });
    const { answers, logs } = await system.settled(session);
    assert.deepEqual(
        answers.map((one) => one.message),
        [{ error: true, session }],
    );
    assert.match(logs.at(-1).msg, /30,0\d\d bytes.*more than Hub takes \(20,000 bytes\)/);
    await barrier('long');
    assert.equal(hub.plugin(system.id('long')).connectionsTotal, before);
});

test('an answer that fits exactly is sent', async () => {
    angod.expect(/^the run failed: The plugin's answer is 19,9\d\d bytes long, more than Hub takes \(20,000 bytes\)/);
    // 42/plugin,["response",{"response":"attempt 1xxx","session":"24 digits"}]
    const size = 20000 - 'attempt 1'.length - '42/plugin,["response",{"response":"","session":""}]'.length - 24;
    assert.equal((await system.settled(system.run('long', { size: size - 10 }))).state, 'answered');
    assert.equal((await system.settled(system.run('long', { size: size + 1 }))).state, 'failed');
});

test('a too long answer that was computed without a link fails once the link is back, with one error answer per link', async () => {
    angod.expect(failed("The plugin's answer is 30,061 bytes long, more than Hub takes (20,000 bytes)."));
    const run = await started('longer', { size: 30000 });
    const lift = await cut('longer');
    run.finish();
    await answering(run.session);
    hub.link(system.id('longer')).noPong(); // the rule holds when the link is back, so nothing is confirmed at once
    lift();
    await hub.waitForSession(run.session, 20000);
    hub.link(system.id('longer')).drop();
    hub.link(system.id('longer')).lift();
    const { answers } = await system.settled(run.session);
    await system.connected();
    await barrier('longer');
    assert.ok(answers.every((one) => one.message.error === true));
    assert.equal(new Set(answers.map((one) => one.socketId)).size, answers.length, 'twice on one link');
    await until(async () => (await angod.plugin('longer')).answering === 0, 'the confirmation');
});
