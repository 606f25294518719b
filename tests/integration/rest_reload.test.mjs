// The configuration changes while Hub calls plugins: no call of Hub is lost, and calls to removed plugins are refused.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from './lib/angod.mjs';
import { freePort } from './lib/ports.mjs';
import { System } from './lib/system.mjs';

let system, hub, angod, port;
before(async () => {
    port = await freePort();
    const rest = { connector: 'rest' };
    system = await System.start(
        {
            hub: { restHeartbeatSeconds: 0.1, redAfterSeconds: 1 },
            plugins: { changes: rest, goes: rest, stays: rest },
            config: { connector: { listen: `127.0.0.1:${port}`, hold_s: 50 } },
            allow: [/^refused \d+ calls? to the connector without the secret of a plugin$/],
        },
        false,
    );
    ({ hub, angod } = system);
    for (const name of Object.keys(system.plugins)) {
        hub.callPluginAt(system.id(name), `http://127.0.0.1:${port}`);
        await hub.waitForLight(system.id(name), 'green');
    }
});
after(() => system.close());

const entry = (name) => angod.config.plugins.find((plugin) => plugin.name === name);
const calls = (session) =>
    hub.waitFor(
        () => hub.session(session).calls.filter((call) => call.endedAt).length > 0 && hub.session(session).calls,
        15000,
        'a call to end',
    );
const heartbeat = async (name) => {
    const { heartbeats } = hub.plugin(system.id(name));
    await hub.waitFor(() => hub.plugin(system.id(name)).heartbeats > heartbeats + 1, 10000, `heartbeats of ${name}`);
};
async function reload() {
    angod.writeConfig();
    const { code, stderr } = await angod.ctl('reload');
    assert.deepEqual([code, stderr], [0, '']);
}
async function answered(name) {
    const session = system.run(name);
    const { answers } = await system.settled(session);
    assert.deepEqual(
        answers.map(({ via, message }) => [via, message.response]),
        [['http', 'attempt 1']],
    );
}

test("the log says where Hub's calls are taken", () => {
    assert.ok(angod.log.some(({ level, msg }) => level === 'info' && msg === `Hub's calls are taken at 127.0.0.1:${port}`));
});

test('a plugin whose entry changes goes on taking heartbeats and runs; the others notice nothing', async () => {
    for (const concurrency of [2, 3, 4]) {
        entry('changes').concurrency = concurrency;
        await reload();
        await heartbeat('changes');
        for (const name of ['changes', 'stays', 'goes']) await answered(name);
    }
});

test('a run during the change is answered once, by a call of angod', async () => {
    const gate = system.gate();
    const session = system.run('changes', { gate });
    await system.running(session);
    entry('changes').concurrency = 1;
    await reload();
    const [call] = await calls(session);
    assert.deepEqual([call.status, call.body], [200, { session }]);
    system.open(gate);
    const { answers } = await system.settled(session);
    assert.deepEqual(
        answers.map(({ via, message }) => [via, message.response]),
        [['rest', 'attempt 1']],
    );
    assert.equal(system.runs(session).length, 1);
    await answered('changes');
});

test('a plugin with another secret is called with that, and no more with the one before', async () => {
    const before = entry('changes').secret;
    entry('changes').secret = entry('goes').secret;
    entry('goes').secret = before;
    await reload();
    const session = system.run('goes'); // Hub calls with a secret that now belongs to the other plugin
    const [call] = await calls(session);
    assert.deepEqual([call.status, call.body?.response], [200, 'attempt 1']);
    assert.equal((await system.job(session)).plugin, 'changes');
    entry('goes').secret = entry('changes').secret;
    entry('changes').secret = before;
    await reload();
    for (const name of ['changes', 'goes']) await answered(name);
});

test('how long calls are held can be changed, also for plugins that stay as they are', async () => {
    angod.config.connector.hold_s = 1;
    await reload();
    const gate = system.gate();
    const session = system.run('stays', { gate });
    const [call] = await calls(session);
    assert.deepEqual([call.status, call.body], [200, { session }]);
    system.open(gate);
    assert.equal((await system.settled(session)).answers[0].via, 'rest');
    angod.config.connector.hold_s = 50;
    await reload();
});

test('a removed plugin takes no more calls, and its running jobs are answered', async () => {
    const gate = system.gate();
    const session = system.run('goes', { gate });
    await system.running(session);
    angod.config.plugins = angod.config.plugins.filter(({ name }) => name !== 'goes');
    angod.writeConfig();
    const done = angod.ctl('reload');
    await until(async () => (await angod.plugin('goes')).state === 'disabled', 'the plugin to leave');
    const late = system.run('goes');
    assert.equal((await calls(late))[0].status, 401);
    system.open(gate);
    assert.equal((await done).code, 0);
    assert.equal((await system.settled(session)).answers.length, 1);
    const later = system.run('goes');
    assert.equal((await calls(later))[0].status, 401);
    await hub.waitForLight(system.id('goes'), 'red', 10000);
    const jobs = await angod.jobs();
    for (const nobody of [late, later]) assert.ok(!jobs.some((job) => job.session.includes(nobody)));
    await answered('stays');
});
