// Plugins that Hub calls over HTTP: every way in which an answer is sent, and calls that are cut off.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { until } from './lib/angod.mjs';
import { failed } from './lib/lines.mjs';
import { freePort } from './lib/ports.mjs';
import { System } from './lib/system.mjs';

const HOLD_S = 2;
let system, hub, url;
before(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    system = await System.start(
        {
            hub: { restHeartbeatSeconds: 0.1, redAfterSeconds: 1 },
            plugins: {
                input: { connector: 'rest', concurrency: 4 },
                export: { connector: 'rest', type: 'Export', concurrency: 4, max_attempts: 1 },
                socket: {},
            },
            config: { connector: { listen: `127.0.0.1:${port}`, hold_s: HOLD_S } },
        },
        false,
    );
    hub = system.hub;
    for (const name of ['input', 'export']) hub.callPluginAt(system.id(name), url);
    for (const name of ['input', 'export', 'socket']) await hub.waitForLight(system.id(name), 'green');
});
after(() => system.close());

const calls = (session, count = 1) =>
    hub.waitFor(
        () => hub.session(session).calls.filter((call) => call.endedAt).length >= count && hub.session(session).calls,
        15000,
        `${count} calls to end`,
    );
const answered = async (session) => {
    const { answers } = await system.settled(session);
    await until(async () => (await system.job(session)).state !== 'answering', 'the confirmation');
    assert.equal(answers.length, 1);
    return answers[0];
};

test('a run that only reads is answered by the response to its call', async () => {
    const session = system.run('input');
    const { via, message } = await answered(session);
    assert.deepEqual([via, message], ['http', { response: 'attempt 1', session }]);
    assert.equal((await calls(session))[0].status, 200);
    assert.equal((await system.job(session)).state, 'done');
});

test('an export is answered through pluginResponse, and only then its call', async () => {
    const session = system.run('export');
    const { via, at, message } = await answered(session);
    assert.equal(via, 'rest');
    assert.equal(message.export, true);
    assert.match(message.response, /^http/);
    const [call] = await calls(session);
    assert.deepEqual([call.status, call.body], [200, null]);
    assert.ok(call.endedAt >= at);
});

test('a run that fails while its call waits is answered with status 500, with a line for the user before it', async () => {
    system.angod.expect(failed('It cannot be done.'));
    const session = system.run('input', { end: 'fail' });
    const { via, at, message } = await answered(session);
    assert.deepEqual([via, message], ['http', { error: true, session }]);
    const line = hub.session(session).logs.at(-1);
    assert.deepEqual([line.via, line.level, line.msg], ['rest', 'ERROR', 'It cannot be done.']);
    assert.ok(line.at <= at);
    const [call] = await calls(session);
    assert.deepEqual([call.status, call.body], [500, { error: true, session }]);
    assert.equal((await system.job(session)).state, 'failed');
});

test('an export that fails is answered through pluginResponse', async () => {
    system.angod.expect(failed('It cannot be done.'));
    const session = system.run('export', { end: 'fail' });
    const { via, message } = await answered(session);
    assert.deepEqual([via, message], ['rest', { error: true, session }]);
    const [call] = await calls(session);
    assert.deepEqual([call.status, call.body], [200, null]);
});

test('the lines of a run come before its answer, the last of them in any case', async () => {
    const session = system.run('export', { lines: 60 });
    const { at } = await answered(session);
    const { logs } = hub.session(session);
    assert.equal(logs.filter((line) => line.msg.startsWith('line ')).at(-1).msg, 'line 59');
    assert.ok(logs.length < 50, `${logs.length} calls for 60 lines`);
    assert.ok(logs.some((line) => /^\d+ earlier lines of this run were dropped/.test(line.msg)));
    assert.ok(logs.every((line) => line.at <= at));
});

test('a run whose call is cut off is answered through pluginResponse', async () => {
    const gate = system.gate();
    const session = system.run('input', { gate });
    await system.running(session);
    assert.equal(hub.cutCalls(system.id('input')) > 0, true);
    await calls(session);
    system.open(gate);
    const { via, message } = await answered(session);
    assert.deepEqual([via, message], ['rest', { response: 'attempt 1', session }]);
});

test('a run that takes longer than a call is held is answered through pluginResponse', async () => {
    const gate = system.gate();
    const session = system.run('input', { gate });
    const [call] = await calls(session);
    assert.deepEqual([call.status, call.body], [200, { session }]);
    assert.ok(call.endedAt - call.at >= HOLD_S * 1000);
    system.open(gate);
    assert.equal((await answered(session)).via, 'rest');
    assert.equal(system.runs(session).length, 1);
});

test('the same event again while the first runs joins it, and both calls get the answer', async () => {
    const gate = system.gate();
    const session = system.run('input', { gate });
    await system.running(session);
    hub.run(system.id('input'), { raw: hub.session(session).event });
    await hub.waitFor(() => hub.session(session).runs === 2, 5000, 'the second call');
    await hub.waitForSession(system.run('input'));
    system.open(gate);
    const both = await calls(session, 2);
    assert.deepEqual(
        both.map((call) => call.body?.response),
        ['attempt 1', 'attempt 1'],
    );
    assert.equal(system.runs(session).length, 1);
});

test('an export that comes again after its end gets the recorded answer again', async () => {
    const session = system.run('export');
    const { message } = await answered(session);
    hub.run(system.id('export'), { raw: hub.session(session).event });
    await hub.waitFor(() => hub.session(session).answers.length === 2, 10000, 'the second answer');
    assert.deepEqual(hub.session(session).answers[1].message, message);
    assert.equal((await calls(session, 2))[1].body, null);
    assert.equal(system.runs(session).length, 1);
});

test('an answer that Hub does not take is tried again until it does', async () => {
    system.angod.expect(/^cannot deliver the answer yet; will retry: Hub refused the plugin's answer: .*HTTP 503/);
    hub.addFault({ match: 'POST /v2/pluginResponse', status: 503, times: 2 });
    const { via } = await answered(system.run('export'));
    assert.equal(via, 'rest');
});

test('an answer that Hub refuses for good is given up, and the log says why', async () => {
    system.angod.expect(/^the answer is given up: Hub refused the plugin's answer: .*HTTP 403/);
    hub.addFault({ match: 'POST /v2/pluginResponse', status: 403 });
    const session = system.run('export');
    await until(async () => (await system.job(session))?.state === 'failed', 'the job to fail');
    assert.match((await system.job(session)).problem, /^The answer could not be delivered: /);
    assert.equal(hub.session(session).answers.length, 0);
    assert.equal((await calls(session))[0].body, null);
});

test('a Hub that wants the names of its published description gets them', async () => {
    hub.addFault({ match: 'POST /v2/pluginResponse', status: 400 });
    const session = system.run('export');
    const { message } = await answered(session);
    assert.deepEqual([message.pluginId, message.taskId, message.status], [system.id('export'), session, 'success']);
});

test('a run that was recorded when angod was killed is answered after the restart, once', async () => {
    const gate = system.gate();
    const sessions = [system.run('input', { gate }), system.run('export', { gate })];
    for (const session of sessions) await system.running(session);
    await system.angod.kill();
    for (const session of sessions) assert.ok((await calls(session))[0].error);
    system.open(gate);
    await system.angod.start();
    for (const session of sessions) {
        assert.equal((await answered(session)).via, 'rest');
        assert.equal(system.runs(session).length, 2);
    }
});

test('an answer that was recorded when angod was killed is delivered after the restart, once', async () => {
    system.angod.expect(/^cannot deliver the answer yet/);
    const fault = hub.addFault({ match: 'POST /v2/pluginResponse', status: 503, times: 0 });
    const before = system.angod.log.length;
    const session = system.run('export');
    await until(async () => (await system.job(session))?.state === 'answering', 'the answer to wait');
    await until(() => system.angod.log.slice(before).some(({ msg }) => msg.startsWith('cannot deliver the answer yet')), 'the refusal');
    await system.angod.kill();
    hub.clearFaults(fault);
    await system.angod.start();
    assert.equal((await answered(session)).via, 'rest');
    assert.equal(system.runs(session).length, 1);
});

test('the API key of a run is on disk until its answer is delivered, and then nowhere', async () => {
    system.angod.expect(/^cannot deliver the answer yet/);
    const key = hub.apiKeyOf('a user of this case');
    const holders = () =>
        fs
            .readdirSync(system.angod.stateDir, { recursive: true })
            .map((name) => path.join(system.angod.stateDir, name))
            .filter((file) => fs.statSync(file).isFile() && fs.readFileSync(file).includes(key));
    const fault = hub.addFault({ match: 'POST /v2/pluginResponse', status: 503, times: 0 });
    const session = system.run('export', {}, { runBy: 'a user of this case' });
    await until(async () => (await system.job(session))?.state === 'answering', 'the answer to wait');
    assert.ok(holders().length > 0);
    hub.clearFaults(fault);
    await answered(session);
    await until(() => holders().length === 0, 'the key to be erased', 20000);
});

test('plugins of both connectors work side by side, and are shown', async () => {
    assert.equal((await answered(system.run('socket'))).via, 'socket');
    await until(async () => (await system.angod.plugin('input')).state === 'live', 'the first heartbeat');
    const shown = await system.angod.plugin('input');
    assert.deepEqual([shown.connector, shown.state, shown.reason], ['rest', 'live', '']);
    assert.equal((await system.angod.plugin('socket')).connector, 'ws');
});
