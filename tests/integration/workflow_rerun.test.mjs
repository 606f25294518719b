// A re-run of a workflow stage: Hub sends one event for each task of the stage, all at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fixture, until } from './lib/angod.mjs';
import { freePort } from './lib/ports.mjs';
import { System } from './lib/system.mjs';

const TASKS = 1500;
let system, hub, project;
before(async () => {
    system = await System.start({
        modules: [fixture('labeller')],
        plugins: { model: { type: 'Model', module: 'labeller', max_queued: 2 } },
    });
    hub = system.hub;
    project = hub.createProject({ assets: TASKS, odd: false });
    for (let place = 0; place < TASKS; place += 1) project.changeTask(project.record(place).task.taskId, { stage: 'Plugin' });
});
after(() => system.close());

const begin = (asset, extra = {}) => system.run('model', { workflow: true, ...extra }, { projectId: project.id, asset, ack: true });
const view = () => system.angod.plugin('model');

test('all tasks are recorded whatever max_queued is, users are served beside them, and a restart loses none', async () => {
    const gate = system.gate();
    const first = begin(0, { gate });
    const others = Array.from({ length: TASKS - 1 }, (_, i) => begin(i + 1));
    await hub.waitFor(() => others.every((session) => hub.session(session).acked), 60_000, 'all tasks to be recorded');
    assert.equal((await view()).queued, TASKS - 1);

    // The same event again joins the task that waits, also if it waits on the disk only.
    hub.run(system.id('model'), { raw: hub.session(others.at(-1)).event, ack: true });
    await hub.waitFor(() => hub.session(others.at(-1)).acks.length === 2, 10_000, 'the acknowledgement of the repeated event');
    assert.equal((await view()).queued, TASKS - 1);

    // One of the last tasks can be cancelled, although angod does not have it in memory.
    const [last] = await system.angod.jobs('?plugin=model&limit=1');
    assert.equal((await system.angod.ctl('job', last.id, 'cancel')).code, 0);
    await until(async () => (await view()).queued === TASKS - 2, 'the cancelled task to leave the queue');

    system.open(gate);
    const user = system.run('model', { workflow: false }, { projectId: project.id, asset: 3 });
    await system.settled(user);
    assert.ok((await view()).queued > 0, 'the user did not wait for all tasks');

    await until(() => project.annotations.length > 100, 'some tasks to be done');
    await system.angod.kill('SIGKILL');
    await system.angod.start();
    await system.connected();
    await until(async () => (await view()).queued + (await view()).running === 0, 'all tasks to be done', 120_000);
    const labelled = new Map();
    for (const { taskId } of project.annotations) labelled.set(taskId, (labelled.get(taskId) ?? 0) + 1);
    assert.equal(labelled.size, TASKS - 1);
    assert.deepEqual(
        [...labelled.values()].filter((count) => count !== 1),
        [],
    );
    assert.deepEqual(
        hub.session(first).answers.filter((answer) => answer.via === 'socket'),
        [],
    );
});

test('Hub calls a plugin for 600 tasks at once: all are taken with null, and done', async () => {
    const port = await freePort();
    const options = {
        modules: [fixture('labeller')],
        hub: { restHeartbeatSeconds: 0.1 },
        plugins: { model: { type: 'Model', module: 'labeller', connector: 'rest' } },
        config: { connector: { listen: `127.0.0.1:${port}` } },
    };
    await System.use(
        options,
        async (other) => {
            other.hub.callPluginAt(other.id('model'), `http://127.0.0.1:${port}`);
            await other.hub.waitForLight(other.id('model'), 'green');
            const stage = other.hub.createProject({ assets: 600, odd: false });
            const sessions = Array.from({ length: 600 }, (_, asset) => {
                stage.changeTask(stage.record(asset).task.taskId, { stage: 'Plugin' });
                return other.run('model', { workflow: true }, { projectId: stage.id, asset });
            });
            const call = (session) => other.hub.session(session).calls.at(-1);
            await other.hub.waitFor(() => sessions.every((session) => call(session)?.endedAt), 60_000, 'all calls to be answered');
            assert.deepEqual(new Set(sessions.map((session) => `${call(session).status} ${call(session).body}`)), new Set(['200 null']));
            await other.hub.waitFor(() => stage.annotations.length === 600, 60_000, 'all tasks to be done');
            assert.equal(new Set(stage.annotations.map(({ taskId }) => taskId)).size, 600);
        },
        false,
    );
});
