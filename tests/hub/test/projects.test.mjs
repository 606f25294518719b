import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstEntry, json } from '../testing/calling.mjs';
import { ask, call, hub } from '../testing/own_hub.mjs';

const exported = async (project, query) => {
    const { exportPath } = await ask(`/v2/export?project=${project.id}&${query}`);
    return firstEntry(await (await fetch(exportPath)).arrayBuffer());
};

test('projects are made, listed, changed and deleted', async () => {
    const made = await call('/v2/project', { body: { name: 'first', description: 'of all', pctConfig: { a: 1 } } });
    const { project } = made.body.data;
    assert.deepEqual(
        [made.status, project.name, project.type, project.owner, project.organization, project.pctConfig],
        [201, 'first', 'ango', 'user-1@example.test', hub.orgId, { a: 1 }],
    );
    await ask('/v2/project', { body: { name: 'second' } });
    const listed = await ask('/v2/listProjects?page=1&limit=1');
    assert.deepEqual([listed.total, listed.projects.map(({ name }) => name)], [2, ['second']]);
    assert.deepEqual(Object.keys(listed.projects[0]).sort(), ['_id', 'createdAt', 'description', 'name', 'organization']);
    const path = `/v2/project/${project._id}`;
    const categorySchema = { tools: [{ schemaId: 's', title: 'Car', tool: 'bounding-box' }], classifications: [], relations: [] };
    await ask(path, { body: { categorySchema } });
    const stages = [{ id: 'Start', name: 'Start', type: 'Start', next: [], position: { x: 1, y: 2 } }];
    await ask(path, { body: { stages } });
    const changed = (await ask(path)).project;
    assert.deepEqual([changed.categorySchema, changed.stages, changed.description], [categorySchema, stages, 'of all']);
    assert.equal((await call(path, { body: { stages: 'none' } })).status, 400);
    assert.equal((await call('/v2/project', { body: { name: 'x', type: 'default' } })).status, 400);
    assert.equal((await call('/v2/project', { body: {} })).body.message, 'name is required');
    await ask(path, { method: 'DELETE' });
    assert.equal((await call(path)).status, 404);
});

test('the stages of a project have places in its workflow', async () => {
    const { stages } = (await ask(`/v2/project/${hub.createProject().id}`)).project;
    assert.deepEqual(
        stages.map(({ id, position }) => [id, position]),
        [
            ['Start', { x: 0, y: 0 }],
            ['Label', { x: 300, y: 0 }],
            ['Complete', { x: 600, y: 0 }],
        ],
    );
});

test('members are assigned to a project, the last role counts', async () => {
    const path = `/v2/project/${hub.createProject().id}`;
    await ask(`${path}/assigned`, { body: { assignees: ['a@x.test', 'b@x.test'], role: 'Labeler' } });
    await ask(`${path}/assigned`, { body: { assignees: ['a@x.test'], role: 'Lead' } });
    assert.deepEqual((await ask(path)).project.assignedTo, [
        { assignee: 'b@x.test', role: 'Labeler' },
        { assignee: 'a@x.test', role: 'Lead' },
    ]);
    assert.equal((await call(`${path}/assigned`, { body: { assignees: [], role: 'Boss' } })).status, 400);
});

test('assets are put into batches by id or by name, beside those in which they are', async () => {
    const record = (n, batches) => ({ assetId: `a${n}`, externalId: `e${n}`, asset: 'u', batches });
    const project = hub.createProject({ batches: ['day', 'night'], records: [record(1, ['day']), record(2, []), record(3, ['night'])] });
    const [day, night] = project.batches.map(({ _id }) => _id);
    const assign = (batches) => ask('/v2/assignBatches', { body: { projectId: project.id, assets: ['a1', 'a2', 'gone'], batches } });
    assert.deepEqual(await assign(['night']), { assets: 2 });
    const inBatches = async (batches) => {
        const { assets } = await ask(`/v2/project/${project.id}/assets?filters=${json({ batches })}`);
        return assets.map(({ externalId }) => externalId);
    };
    assert.deepEqual([await inBatches([night]), await inBatches([day, night])], [['e3', 'e2', 'e1'], ['e1']]);
    assert.deepEqual(await inBatches(['night', 'day']), ['e1'], 'by name');
    const { assets } = await ask(`/v2/project/${project.id}/assets?filters=${json({ _id: 'a1' })}`);
    assert.deepEqual(assets[0].batches, [day, night]);
});

test('templates and instructions stand in the project', async () => {
    const path = `/v2/project/${hub.createProject().id}`;
    await ask(`${path}/assetBuilderTemplates`, { body: { name: 'hey', template: '|a|' } });
    const form = new FormData();
    form.append('file', new Blob(['Label \r\n\r\n everything.']), 'how to.md');
    await ask(`${path}/instructions`, { method: 'POST', body: form });
    const { project } = await ask(path);
    assert.deepEqual([project.assetBuilderTemplates.length, project.assetBuilderTemplates[0].template], [1, '|a|']);
    const { signedUrl } = await ask(`/v2/getSignedUrl?name=${encodeURIComponent(project.instructions)}`);
    assert.equal(await (await fetch(signedUrl)).text(), 'Label \r\n\r\n everything.');
    assert.equal((await call(`${path}/instructions`, { body: { file: 'x' } })).status, 400);
});

test('numbers of a project, and its webhooks, with the two slashes of the client', async () => {
    const { id } = hub.createProject({ assets: 3 });
    assert.equal((await ask(`/v2/performance/${id}`, { body: {} })).performance.assets, 3);
    assert.equal((await call(`/v2/performance/${id}`, { body: { interval: ['2026-01-01'] } })).status, 400);
    assert.equal((await ask(`/v2/${id}/overview/TimePerTask`)).metric, 'TimePerTask');
    assert.equal((await call(`/v2/${id}/overview/Weather`)).status, 400);
    assert.match((await ask(`/v2//project/${id}/rerun-webhook`, { body: { stageId: 'Label' } })).message, /Label/);
    assert.equal((await call(`/v2//project/${id}/rerun-webhook`, { body: { stageId: 'None' } })).status, 400);
});

test('an export is a JSON array if it is asked for, unless the project has a format', async () => {
    const array = await exported(hub.createProject({ assets: 3 }), 'format=json&includeHistory=true&includeMetadata=true');
    assert.deepEqual([array.name, JSON.parse(array.text).length], ['export.json', 3]);
    const lines = await exported(hub.createProject({ assets: 3, format: 'ndjson' }), 'format=json');
    assert.deepEqual([lines.name, lines.text.trimEnd().split('\n').length], ['export.ndjson', 3]);
});

test('the list of objects has the name that the project gives to it, or is missing', async () => {
    const boxes = [{ objectId: 'o' }];
    const left = { stage: 'Label', stageId: 'Label', tools: boxes };
    const record = { assetId: 'a', externalId: 'e', asset: 'u', task: { taskId: 't', tools: boxes, stageHistory: [left] } };
    const named = async (toolsName) => {
        const project = hub.createProject({ records: [structuredClone(record)], toolsName });
        const { task } = JSON.parse((await exported(project, 'format=ndjson')).text);
        const { answer } = (await ask('/v2/task/t')).task;
        return [Object.keys(task), Object.keys(task.stageHistory[0]).at(-1), Object.keys(answer).sort()];
    };
    const lists = ['classifications', 'relations'];
    assert.deepEqual(await named(undefined), [['taskId', 'tools', 'stageHistory'], 'tools', [...lists, 'tools']]);
    assert.deepEqual(await named('objects'), [
        ['taskId', 'stageHistory', 'objects'],
        'objects',
        ['classifications', 'objects', 'relations'],
    ]);
    assert.deepEqual(await named(null), [['taskId', 'stageHistory'], 'stageId', lists]);
    const generated = JSON.parse((await exported(hub.createProject({ assets: 1, toolsName: 'objects' }), 'format=ndjson')).text);
    assert.ok(generated.task.objects.length > 0);
});

test('an export of issues has the issues, with the asset and the stage of each', async () => {
    const record = { assetId: 'a', externalId: 'e', asset: 'u', batches: ['day'], task: { taskId: 't', stage: 'Label' } };
    const project = hub.createProject({ records: [record], issues: [{ _id: 'i0', labelTask: 't', content: 'given', page: 2 }] });
    await ask('/v2/issues', { body: { labelTask: 't', content: 'too small', position: '[1, 2]' } });
    const { name, text } = await exported(project, 'type=issue&format=json');
    const issues = JSON.parse(text);
    assert.equal(name, 'export.json');
    assert.deepEqual(
        issues.map(({ content, asset, stage, page, position }) => ({ content, asset, stage, page, position })),
        [
            { content: 'given', asset: { externalId: 'e', batches: ['day'] }, stage: 'Label', page: 2, position: undefined },
            { content: 'too small', asset: { externalId: 'e', batches: ['day'] }, stage: 'Label', page: undefined, position: '[1, 2]' },
        ],
    );
    assert.equal((await exported(project, 'type=issue&format=ndjson')).text.trimEnd().split('\n').length, 2);
    assert.equal(JSON.parse((await exported(project, 'type=task&format=ndjson')).text).assetId, 'a');
});
