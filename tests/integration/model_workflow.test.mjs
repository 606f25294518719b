// Kind Model, run by a workflow stage: the task is labelled and passed to the next stage once, or it stays in its stage.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, it, test } from 'node:test';
import { fixture, processExists, until } from './lib/angod.mjs';
import { png, pixelsOf } from './lib/png.mjs';
import { failed, hostAborted, hostKilled } from './lib/lines.mjs';
import { System } from './lib/system.mjs';

let system,
    hub,
    place = 0;
before(async () => {
    system = await System.start({
        config: { crash: { count: 1000 } },
        modules: [fixture('labeller')],
        plugins: { model: { type: 'Model', module: 'labeller', max_attempts: 3 } },
    });
    hub = system.hub;
    hub.createProject({ assets: 60, odd: false });
});
after(() => system.close());

/** A task that waits in the plugin's stage; `begin` starts a run for it. */
function task() {
    const project = hub.projects.all()[0],
        asset = place++;
    const { taskId } = project.record(asset).task;
    project.changeTask(taskId, { stage: 'Plugin', updatedAt: '2024-05-02T09:00:11.123Z' });
    return {
        project,
        taskId,
        get now() {
            return project.task(taskId);
        },
        get posted() {
            return project.annotations.filter((one) => one.taskId === taskId);
        },
        begin: (extra = {}, request = {}) =>
            system.run('model', { workflow: true, ...extra }, { projectId: project.id, asset, ...request }),
    };
}
const settled = (session) => system.settled(session);
const responses = (record) => record.answers.filter((one) => one.via === 'socket').map((one) => one.message);
const readsOf = (of) => hub.requests.filter(({ method, path }) => method === 'GET' && path.endsWith(of.taskId)).length;
const state = async (session) => (await system.job(session))?.state;
const done = (session) => until(async () => (await state(session)) === 'done', 'the run to be done');

/** Asserts that a run failed with the sentence and that the task has stayed in its stage. */
async function left(of, session, sentence, stage = 'Plugin') {
    const record = await settled(session);
    assert.deepEqual(responses(record), [{ error: true, session }]);
    assert.ok(
        record.logs.some((line) => line.level === 'ERROR' && line.msg.startsWith(sentence)),
        JSON.stringify(record.logs),
    );
    assert.equal(of.now.stage, stage);
    return record;
}
/** Asserts that the task was passed on once and that there was no response. */
async function passed(of, session, posts = 1) {
    await done(session);
    assert.deepEqual(responses(hub.session(session)), []);
    assert.deepEqual([of.now.stage, of.posted.length], ['Complete', posts]);
    return of.posted[0];
}

test('the labels go to the task, which goes to the next stage; Hub gets no response', async () => {
    const of = task(),
        session = of.begin();
    const { query, answer, duration, ...rest } = await passed(of, session);
    assert.deepEqual([query, duration], [{ nextStage: 'true', isPlugin: 'true' }, 0]);
    assert.deepEqual(Object.keys(rest).sort(), ['at', 'brushDataUrl', 'medicalBrushDataUrl', 'taskId']);
    assert.deepEqual([rest.brushDataUrl, rest.medicalBrushDataUrl], [null, null], 'an old brush must not survive');
    const [{ objectId, ...object }] = answer.objects;
    assert.equal(readsOf(of), 0, 'a young run whose objects have ids need not read the task');
    assert.match(objectId, /^[0-9a-f]{24}$/);
    assert.deepEqual(object, { schemaId: 's-truck', title: '', 'bounding-box': { x: 1, y: 2, width: 3, height: 4 } });
    assert.deepEqual([answer.classifications, answer.relations], [[], []]);
});

test('brushes stand beside the answer, and ids of the module stay', async () => {
    const of = task();
    const answer = {
        objects: [{ objectId: 'a' }, { objectId: null }],
        brushDataUrl: 'https://b.example/1.png',
        medicalBrushDataUrl: 'https://b.example/1.nrrd',
        more: 1,
    };
    const posted = await passed(of, of.begin({ answer }));
    assert.deepEqual([posted.brushDataUrl, posted.medicalBrushDataUrl], [answer.brushDataUrl, answer.medicalBrushDataUrl]);
    assert.deepEqual(Object.keys(posted.answer), ['objects', 'classifications', 'relations', 'more']);
    assert.equal(posted.answer.objects[0].objectId, 'a');
    assert.match(posted.answer.objects[1].objectId, /^[0-9a-f]{24}$/);
});

test('labels that are there stand behind the new ones if they are not to be overwritten', async () => {
    const of = task(),
        before = of.now.answer;
    const posted = await passed(of, of.begin({ overwrite: false }));
    assert.deepEqual(posted.answer.objects.slice(1), before.tools);
    assert.equal(posted.answer.objects[0].schemaId, 's-truck');
});

describe('brush traces of the task', () => {
    const [RED, BLUE, CLEAR] = [
        [255, 0, 0, 255],
        [0, 0, 255, 1],
        [0, 0, 0, 0],
    ];
    const rowOf = (pixels) => png(pixels.length, 1, (x) => pixels[x]);
    /** A file of this machine with these bytes. */
    const saved = (bytes) => {
        const path = `${system.angod.dir}/brush-${place}.png`;
        fs.writeFileSync(path, bytes);
        return path;
    };
    /** The address of a file in Hub's storage with these bytes. */
    const stored = (project, bytes) => {
        const object = hub.files.newUpload({ name: `old-${place}.png`, project: project.id, type: 'brushes' });
        fs.mkdirSync(`${hub.dir}/uploads`, { recursive: true });
        fs.writeFileSync(object.path, bytes);
        return hub.files.sign('PUT', object, hub.url).split('?')[0];
    };
    const old = { brushDataUrl: 'https://b.example/old.png', medicalBrushDataUrl: 'https://b.example/old.seg.nrrd' };
    it('are removed if they are to be overwritten and the model draws none', async () => {
        const of = task();
        of.project.changeTask(of.taskId, old);
        await passed(of, of.begin());
        assert.deepEqual([of.now.brushDataUrl, of.now.medicalBrushDataUrl], [null, null]);
    });
    it('stay if they are not to be overwritten and the model draws none', async () => {
        const of = task();
        of.project.changeTask(of.taskId, old);
        await passed(of, of.begin({ overwrite: false }));
        assert.deepEqual([of.now.brushDataUrl, of.now.medicalBrushDataUrl], [old.brushDataUrl, old.medicalBrushDataUrl]);
    });
    it('lie below those that the model draws', async () => {
        const of = task();
        of.project.changeTask(of.taskId, { brushDataUrl: stored(of.project, rowOf([RED, CLEAR, RED])) });
        const session = of.begin({
            overwrite: false,
            uploadType: 'brushes',
            uploadName: 'b.png',
            uploadFile: saved(rowOf([CLEAR, CLEAR, BLUE])),
        });
        await passed(of, session);
        assert.ok(!of.now.brushDataUrl.includes('?'));
        const file = hub.files.find(of.now.brushDataUrl);
        assert.deepEqual([file.type, pixelsOf(fs.readFileSync(file.path))], ['brushes', [RED, CLEAR, BLUE]]);
        assert.deepEqual(
            hub.session(session).logs.filter((line) => line.level === 'WARNING'),
            [],
        );
    });
    it('give way to those of another size, with a line for the user', async () => {
        const of = task();
        of.project.changeTask(of.taskId, { brushDataUrl: stored(of.project, rowOf([RED, RED])) });
        const session = of.begin({ overwrite: false, uploadType: 'brushes', uploadName: 'b.png', uploadFile: saved(rowOf([BLUE])) });
        await passed(of, session);
        assert.deepEqual(pixelsOf(fs.readFileSync(hub.files.find(of.now.brushDataUrl).path)), [BLUE]);
        assert.deepEqual(
            hub
                .session(session)
                .logs.filter((line) => line.level === 'WARNING')
                .map((line) => line.msg),
            ['The new brush traces replace the existing ones, because they have 2 × 1 pixels and the new ones 1 × 1.'],
        );
    });
});

describe('a failed task is not passed on', () => {
    it('when the module fails', async () => {
        const sentence = 'It is too dark in this picture.';
        system.angod.expect(failed(sentence));
        const of = task();
        await left(of, of.begin({ failFor: '*' }), sentence);
        assert.equal(of.posted.length, 0);
    });
    it('when its answer cannot be used', async () => {
        const sentence = 'The model\'s answer cannot be used: "objects" must be a list, but is a number.';
        system.angod.expect(failed(sentence));
        const of = task();
        await left(of, of.begin({ answer: { objects: 5 } }), sentence);
        assert.equal(of.posted.length, 0);
    });
    it('when Hub refuses the labels', async () => {
        const sentence = 'Hub refused the labels of the task: wrong class';
        system.angod.expect(failed(sentence));
        const of = task();
        hub.addFault({ match: 'POST /v2/annotate/', status: 400, body: { status: 'fail', message: 'wrong class' } });
        await left(of, of.begin(), sentence);
        assert.equal(of.posted.length, 0);
    });
    it('when there is no such task, or none is named', async () => {
        const of = task();
        system.angod.expect(failed('Hub refused the labels of the task: no task 0123'), failed('The event from Hub names no task'));
        const session = of.begin({ taskId: '0123' });
        await left(of, session, 'Hub refused the labels of the task: no task 0123');
        await left(of, of.begin({ taskId: undefined }), 'The event from Hub names no task in "taskId"');
        assert.equal(of.posted.length, 0);
    });
});

describe('the task is passed on once', () => {
    for (const fault of [{ action: 'drop' }, { status: 500 }, { status: 504 }, { action: 'html' }, { action: 'truncate', afterBytes: 5 }])
        it(`although the answer is lost: ${JSON.stringify(fault)}`, async () => {
            const of = task();
            hub.addFault({ match: 'POST /v2/annotate/', after: fault.action !== 'truncate', ...fault });
            const session = of.begin();
            await passed(of, session);
            assert.equal(readsOf(of), 1);
            assert.match(
                hub
                    .session(session)
                    .logs.map((line) => line.msg)
                    .join('\n'),
                /was passed to the next stage before \(it has these labels\); sending nothing again/,
            );
        });
    it('when the answer is lost, by the stage of a task that was read before', async () => {
        const of = task();
        hub.addFault({ match: 'POST /v2/annotate/', after: true, action: 'drop' });
        const session = of.begin({ overwrite: false });
        await passed(of, session);
        assert.match(hub.session(session).logs.at(-1).msg, /\(it is in stage Complete now\)/);
    });
    for (const fault of [{ action: 'drop' }, { status: 503 }, { status: 429, headers: { 'Retry-After': '1' } }])
        it(`after a request that never had an effect: ${JSON.stringify(fault)}`, async () => {
            const of = task();
            hub.addFault({ match: 'POST /v2/annotate/', ...fault });
            await passed(of, of.begin());
        });
    for (const [when, fault] of [
        ['before Hub has the labels', { action: 'hang' }],
        ['when Hub has the labels', { after: true, action: 'hang' }],
    ]) {
        for (const victim of ['host', 'angod'])
            it(`although the ${victim} is killed ${when}`, async () => {
                const of = task(),
                    id = hub.addFault({ match: 'POST /v2/annotate/', ...fault });
                const session = of.begin();
                await until(() => hub.faults.list().find((one) => one.id === id).hits === 1, 'the labels to be on their way');
                if (fault.after) await until(() => of.posted.length === 1, 'Hub to have the labels');
                const pids = await system.angod.hosts();
                if (victim === 'host') {
                    system.angod.expect(hostKilled);
                    process.kill(pids[0], 'SIGKILL');
                } else {
                    await system.angod.kill('SIGKILL');
                }
                await until(() => !pids.some(processExists), 'the end of the host');
                if (victim === 'angod') {
                    await system.angod.start();
                    await system.connected();
                }
                await passed(of, session);
            });
    }
});

describe('a change of the task by another user', () => {
    const sentence = 'The task was changed';
    /** A change a moment after the event: Hub tells its clock to the second. */
    const changedByHand = (of) =>
        of.project.changeTask(of.taskId, {
            answer: { objects: [{ objectId: 'by-hand' }] },
            updatedAt: new Date(Date.now() + 3000).toISOString(),
        });
    it('is not overwritten by labels whose fate was unclear', async () => {
        system.angod.expect(failed(sentence));
        const of = task();
        const id = hub.addFault({ match: 'POST /v2/annotate/', action: 'drop', delayMs: 300 });
        const session = of.begin();
        await until(() => hub.faults.list().find((one) => one.id === id).hits === 1, 'the labels to be on their way');
        changedByHand(of);
        await left(of, session, sentence);
        assert.deepEqual(of.now.answer.tools, [{ objectId: 'by-hand' }]);
    });
    it('is not overwritten by a later attempt', async () => {
        system.angod.expect(hostKilled, failed(sentence));
        const of = task(),
            id = hub.addFault({ match: 'POST /v2/annotate/', action: 'hang' });
        const session = of.begin();
        await until(() => hub.faults.list().find((one) => one.id === id).hits === 1, 'the labels to be on their way');
        changedByHand(of);
        process.kill((await system.angod.hosts())[0], 'SIGKILL');
        await left(of, session, sentence);
        assert.deepEqual(of.now.answer.tools, [{ objectId: 'by-hand' }]);
    });
    it('counts as passed on if it is in another stage when a later attempt comes', async () => {
        system.angod.expect(hostKilled);
        const of = task(),
            id = hub.addFault({ match: 'POST /v2/annotate/', action: 'hang' });
        const session = of.begin({ overwrite: false });
        await until(() => hub.faults.list().find((one) => one.id === id).hits === 1, 'the labels to be on their way');
        of.project.changeTask(of.taskId, { stage: 'Review' });
        process.kill((await system.angod.hosts())[0], 'SIGKILL');
        await done(session);
        assert.deepEqual([of.now.stage, of.posted.length], ['Review', 0]);
    });
});

test('a run that is tried again says in which stage it finds its task', async () => {
    system.angod.expect(hostAborted);
    system.angod.allow(/terminate called|Aborted/);
    const of = task(),
        session = of.begin({ crashOnceFor: '*' });
    await passed(of, session);
    assert.match(
        hub
            .session(session)
            .logs.map((line) => line.msg)
            .join('\n'),
        /this run waited \d+ s; its task is in stage Plugin, last changed 2024-05-02T09:00:11\.123Z/,
    );
});

test('the same event again is not run again: no second post, no response', async () => {
    const of = task(),
        session = of.begin();
    await passed(of, session);
    const acks = hub.session(session).acks.length;
    hub.run(system.id('model'), { raw: hub.session(session).event, ack: true });
    await hub.waitFor(() => hub.session(session).acks.length > acks, 5000, 'the acknowledgement');
    const next = task(); // the repeated event would have run before this one
    await passed(next, next.begin());
    assert.deepEqual([of.posted.length, responses(hub.session(session)).length], [1, 0]);
});
