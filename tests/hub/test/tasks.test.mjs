import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { startHub } from '../hub.mjs';
import { asker, caller, json } from '../testing/calling.mjs';

const STAGES = [
    { id: 'Start', name: 'Start', type: 'Start', next: ['Label'] },
    { id: 'Label', name: 'Label', type: 'Label', next: ['uuid-1'] },
    { id: 'uuid-1', name: 'Review 1', type: 'Review', next: ['Complete', 'Label'] },
    { id: 'Complete', name: 'Complete', type: 'Complete', next: [] },
];

let hub, call, ask, project, path;
beforeEach(async () => {
    hub = await startHub();
    call = caller(hub);
    ask = asker(hub);
    const record = (n, stage, batches) => ({
        assetId: `a${n}`,
        externalId: `e${n}`,
        asset: 'u',
        batches,
        task: {
            taskId: `t${n}`,
            ...stage,
            totalDuration: n * 1000,
            updatedAt: `2024-05-0${n}T00:00:00.000Z`,
            tools: [{ objectId: `o${n}` }],
        },
    });
    project = hub.createProject({
        stages: STAGES,
        batches: ['day', 'night'],
        records: [
            record(1, { stage: 'Label' }, ['day']),
            record(2, { stage: 'Review 1', stageId: 'uuid-1' }, ['night']),
            record(3, { stage: 'Complete', stageId: 'Complete' }, ['day', 'night']),
        ],
    });
    path = `/v2/project/${project.id}`;
});
afterEach(() => hub.close());

const ids = async (query) => (await ask(`${path}/tasks?${query}`)).tasks.map(({ _id }) => _id).join(' ');

test('tasks are filtered in the ways of the client and of the documentation', async () => {
    const filter = (value) => ids(`filter=${json(value)}`);
    assert.equal(await ids(''), 't3 t2 t1');
    assert.deepEqual([await filter({ stage: 'uuid-1' }), await filter({ stage: { $in: ['Label', 'Review 1'] } })], ['t2', 't2 t1']);
    assert.deepEqual([await ids('stage=uuid-1'), await ids('status[eq]=Completed'), await ids('status=TODO')], ['t2', 't3', 't2 t1']);
    assert.deepEqual([await filter({ batches: { $in: ['night'] } }), await ids(`batches=${json(['day'])}`)], ['t3 t2', 't3 t1']);
    assert.deepEqual([await ids('batches=day,night'), await ids(`filters=${json({ batches: ['day', 'night'] })}`)], ['t3 t2 t1', 't3']);
    assert.equal(await filter({ batches: { $in: [project.batches[0]._id] } }), 't3 t1');
    assert.equal(await filter({ externalId: { $regex: '^e[12]$' } }), 't2 t1');
    assert.equal(await filter({ totalDuration: { $gt: 1000, $lte: 3000 } }), 't3 t2');
    assert.equal(await filter({ updatedAt: { $gte: '2024-05-02T00:00:00Z', $lt: '2024-05-03T01:00:00+02:00' } }), 't2');
    assert.deepEqual([await filter({ assignee: { $exists: false } }), await filter({ assignee: null })], ['t3 t2 t1', 't3 t2 t1']);
    assert.equal(await filter({ isSkipped: { $eq: false }, stage: { $nin: ['Label'] } }), 't3 t2');
    assert.equal(await filter({ priority: { $ne: 0 } }), '');
    assert.deepEqual([await ids('page=2&limit=2'), (await ask(`${path}/tasks?stage=Label&limit=1`)).total], ['t1', 1]);
    assert.deepEqual([await ids('sort=createdAt'), await ids('sort=-priority,externalId')], ['t1 t2 t3', 't1 t2 t3']);
    for (const wrong of ['[1]', '{', json({ a: { $where: '1' } }), json({ a: { $in: 'b' } }), json({ a: { $regex: '(' } })]) {
        assert.equal((await call(`${path}/tasks?filter=${wrong}`)).status, 400, wrong);
    }
});

test('a list of tasks has answers and fields as asked', async () => {
    const first = async (query) => (await ask(`${path}/tasks?limit=1&${query}`)).tasks[0];
    assert.deepEqual((await first('includeAnswer=true')).answer.tools, [{ objectId: 'o3' }]);
    assert.equal('answer' in (await first('includeAnswer=false')), false);
    assert.deepEqual(await first('fields=stage&includeAnswer=true'), { _id: 't3', project: project.id, asset: 'a3', stage: 'Complete' });
    const { task } = await ask('/v2/task/t2?includeAnswer=False');
    assert.deepEqual(
        [task.stage, task.stageId, task.status, task.duration, task.priority, task.assignee, task.batches],
        ['Review 1', 'uuid-1', 'TODO', 2, 0, null, ['night']],
    );
    assert.deepEqual(task.answer.tools, [{ objectId: 'o2' }], 'a single task always has its answer');
});

test('a task knows the stages that it has left, and an asset those of its tasks', async () => {
    const stagesOf = async (id) => (await ask(`/v2/task/${id}`)).task.stageHistory.map(({ stage }) => stage);
    assert.deepEqual([await stagesOf('t1'), await stagesOf('t3')], [['Start'], ['Start', 'Label', 'Review 1']]);
    await ask('/v2/annotate/t1?nextStage=true', { body: { answer: { objects: [{ objectId: 'new' }] }, brushDataUrl: 'b' } });
    assert.equal((await ask('/v2/task/t1')).task.stage, 'uuid-1', 'the stage behind Label');
    const { taskHistory } = await ask('/v2/task/t1/history');
    assert.deepEqual(
        taskHistory.map(({ stage, stageId, labelTaskId, asset, answer }) => [stage, stageId, labelTaskId, asset, answer.tools]),
        [
            ['Start', 'Start', 't1', 'a1', []],
            ['Label', 'Label', 't1', 'a1', [{ objectId: 'new' }]],
        ],
    );
    const last = taskHistory[1];
    assert.deepEqual([last.completedBy, last.brushDataUrl, last._id === last.id], ['user-1@example.test', 'b', true]);
    assert.deepEqual((await ask(`/v2/taskHistory/${last._id}`)).taskHistory, last);
    assert.deepEqual((await ask(`/v2/taskHistory/${taskHistory[0]._id}`)).taskHistory, taskHistory[0]);
    const { assets } = await ask(`${path}/assets?filters=${json({ _id: 'a1' })}`);
    assert.deepEqual([assets[0].labelTasks[0].stage, assets[0].labelTasks[0].stageHistory.length], ['uuid-1', 2]);
    await ask('/v2/annotate/t1?nextStage=true', { body: { answer: {} } });
    await ask('/v2/annotate/t1?nextStage=true', { body: { answer: {} } });
    const { task } = await ask('/v2/task/t1');
    assert.deepEqual([task.stage, task.status, task.stageHistory.length], ['Complete', 'Completed', 3]);
});

test('the history of an export record is that of its task', async () => {
    const left = [{ stage: 'Label', stageId: 'Label', duration: 5, tools: [], classifications: [], relations: [] }];
    hub.createProject({ records: [{ assetId: 'b', asset: 'u', task: { taskId: 'u1', stage: 'Complete', stageHistory: left } }] });
    const { stageHistory } = (await ask('/v2/task/u1')).task;
    assert.deepEqual(
        stageHistory.map(({ _id, ...rest }) => rest),
        left,
    );
});

test('tasks are requeued, with what the options remove', async () => {
    const requeue = (body) => call(`${path}/requeueTasks`, { body });
    const told = await requeue({ toStageId: 'Label', filters: { fromStageIds: ['uuid-1', 'Complete'], batches: ['day'] }, options: {} });
    assert.deepEqual(told.body.data, { modifiedCount: { modified: 1, toStageId: 'Label' } });
    const { task } = await ask('/v2/task/t3');
    assert.deepEqual([task.stage, task.status, task.answer.tools, task.stageHistory.length], ['Label', 'TODO', [{ objectId: 'o3' }], 4]);
    await ask('/v2/task/assign', { body: { project: project.id, tasks: ['t2', 't1'], user: 'a@x.test', stage: 'uuid-1' } });
    assert.equal(await ids(`assignee=${encodeURIComponent('a@x.test')}`), 't2', 'only tasks in that stage');
    const options = { removeAnnotations: true, removeAssignee: true, removeStageHistory: true };
    await requeue({ toStageId: 'Start', filters: { taskIds: ['t2'] }, options });
    const emptied = (await ask('/v2/task/t2')).task;
    assert.deepEqual([emptied.assignee, emptied.answer.tools, emptied.stageHistory], [null, [], []]);
    assert.equal((await requeue({ toStageId: 'Start' })).body.data.modifiedCount.modified, 3, 'without filters all');
    assert.equal((await requeue({ toStageId: 'Nowhere' })).status, 400);
});

test('priority and review are kept', async () => {
    const set = (body) => call(`${path}/updatePriority`, { body });
    const told = await set({ priority: 5, filters: { externalIds: ['e1'], assetIds: ['a1', 'a2'] } });
    assert.deepEqual(told.body.data, { result: { modified: 1, priority: 5 } });
    assert.equal(await ids(`filter=${json({ priority: { $eq: 5 } })}`), 't1');
    assert.equal((await set({ priority: 1001 })).status, 400);
    await ask('/v2/review/t2', { body: { reviewStatus: 'Rejected' } });
    assert.equal(await ids(`filter=${json({ reviewStatus: { $eq: 'Rejected' } })}`), 't2');
    assert.equal((await call('/v2/review/t2', { body: { reviewStatus: 'Fine' } })).status, 400);
});

test('issues are made, found, answered, resolved and deleted', async () => {
    const made = await call('/v2/issues', { body: { labelTask: 't2', content: 'why?', errorCodes: [{ category: 'c', name: 'n' }] } });
    const { issue } = made.body.data;
    assert.deepEqual(
        [made.status, issue.project, issue.asset, issue.stage, issue.status, issue.createdBy],
        [201, project.id, 'a2', 'uuid-1', 'Open', 'user-1@example.test'],
    );
    await ask('/v2/issues', { body: { labelTask: 't1', content: 'other' } });
    const found = async (query) => (await ask(`/v2/issues?project=${project.id}&${query}`)).issue.map(({ content }) => content);
    assert.deepEqual([await found(''), await found('labelTask=t2'), await found('asset=a1')], [['why?', 'other'], ['why?'], ['other']]);
    assert.deepEqual(
        [await found('stage=uuid-1'), await found('createdBy=none'), await found('limit=1&page=2')],
        [['why?'], [], ['other']],
    );
    assert.equal(await ids(`filter=${json({ openIssuesCount: { $gt: 0 }, stage: 'uuid-1' })}`), 't2');
    await ask(`/v2/issues/${issue._id}/comment`, { body: { content: 'because' } });
    const resolved = (await ask(`/v2/issues/${issue._id}`, { body: { status: 'Resolved', content: 'why not?' } })).issue;
    assert.deepEqual(
        [resolved.status, resolved.content, resolved.comments.map(({ content }) => content), resolved.resolvedBy],
        ['Resolved', 'why not?', ['because'], 'user-1@example.test'],
    );
    assert.equal((await ask('/v2/task/t2')).task.openIssuesCount, 0);
    assert.equal((await call(`/v2/issues/${issue._id}`, { body: { status: 'Gone' } })).status, 400);
    await ask(`/v2/issues/${issue._id}?project=${project.id}`, { method: 'DELETE' });
    assert.deepEqual(await found(''), ['other']);
    assert.equal((await call('/v2/issues', { body: { labelTask: 'none', content: 'x' } })).status, 404);
    assert.equal((await call('/v2/issues', { body: { labelTask: 't1' } })).status, 400);
});
