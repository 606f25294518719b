import assert from 'node:assert/strict';
import { test } from 'node:test';
import { json } from '../testing/calling.mjs';
import { ask, call, hub } from '../testing/own_hub.mjs';

const list = (project, filters = {}) => ask(`/v2/project/${project.id}/assets?limit=100&filters=${json(filters)}`);

test('the batches of an import are for all its assets, beside their own', async () => {
    const project = hub.createProject({ assets: 0, batches: ['a', 'b'] });
    const [a, b] = project.batches.map(({ _id }) => _id);
    const assets = [
        { data: 'u', externalId: 'own', batches: [b] },
        { data: 'u', externalId: 'none' },
    ];
    const cloud = (query) => call(`/v2/project/${project.id}/cloud${query}`, { body: { assets, uploadLocal: null, priority: 7 } });
    assert.deepEqual((await cloud(`?batches=${json([a])}`)).body.data.assets.assetsCreated, 2);
    assert.deepEqual(
        (await list(project)).assets.map(({ externalId, batches }) => [externalId, batches]),
        [
            ['none', [a]],
            ['own', [b, a]],
        ],
    );
    assert.deepEqual(project.cloudAssets[0].batches, [b, a]);
    await cloud(`?batches=${json(['b'])}`);
    assert.deepEqual((await list(project, { batches: [b] })).total, 3, 'by name');
    assert.equal((await cloud('?batches=[1')).status, 400);
    assert.equal((await cloud(`?batches=${json([5])}`)).body.message, 'batches must be a list of texts');
    await cloud('');
    assert.equal(project.cloudAssets.at(-1).batches, undefined);
    assert.deepEqual(
        (await ask(`/v2/project/${project.id}/tasks?limit=1`)).tasks.map(({ priority }) => priority),
        [7],
    );
});

test('assets and tasks that got labels by an import are told apart', async () => {
    const project = hub.createProject({ assets: 5 });
    const { externalId, assetId, task } = project.record(2);
    const jsonContent = [
        { externalId, objects: [{ objectId: 'n' }] },
        { assetId: project.record(4).assetId, answer: { objects: [{ objectId: 'm' }] } },
    ];
    assert.deepEqual(await ask('/v2/import/labels', { body: { project: project.id, jsonContent } }), {
        project: '2 / 2 tasks are labeled.',
    });
    assert.deepEqual(
        (await list(project, { isPreLabeled: true })).assets.map(({ _id }) => _id),
        [project.record(4).assetId, assetId],
    );
    assert.equal((await list(project, { isPreLabeled: false })).total, 3);
    assert.equal((await ask(`/v2/task/${task.taskId}`)).task.isPreLabeled, true);
    assert.equal((await ask(`/v2/task/${project.record(0).task.taskId}`)).task.isPreLabeled, false);
    assert.equal((await ask(`/v2/project/${project.id}/tasks?filter=${json({ isPreLabeled: { $eq: true } })}`)).total, 2);
});

test('deleted assets are gone with their tasks, all others stay', async () => {
    const project = hub.createProject({ assets: 4, batches: ['a'] });
    await ask(`/v2/project/${project.id}/cloud`, { body: { assets: [{ data: 'u', externalId: 'new' }] } });
    const [kept, gone, cloud] = [project.record(0), project.record(1), project.record(4)];
    const remove = (assets) => ask(`/v2/project/${project.id}/assets`, { method: 'DELETE', body: { project: project.id, assets } });
    assert.deepEqual(await remove([gone.assetId, cloud.assetId, 'never']), { assets: { deleted: 2 } });
    assert.deepEqual(await remove([gone.assetId]), { assets: { deleted: 0 } });
    const { assets, total } = await list(project);
    assert.deepEqual([total, assets.map(({ _id }) => _id)], [3, [3, 2, 0].map((place) => project.record(place).assetId)]);
    assert.equal((await list(project, { _id: gone.assetId })).total, 0);
    assert.equal((await list(project, { externalId: 'new' })).total, 0);
    assert.equal((await call(`/v2/task/${gone.task.taskId}`)).status, 404);
    assert.equal((await ask(`/v2/project/${project.id}/tasks`)).total, 3);
    assert.equal((await ask(`/v2/project/${project.id}`)).project.assetCount, 3);
    const labels = { project: project.id, jsonContent: [{ externalId: gone.externalId }, { externalId: kept.externalId }] };
    assert.equal((await ask('/v2/import/labels', { body: labels })).project, '1 / 2 tasks are labeled.');
    assert.equal(project.view().counts.assets, 3);
});

test('attachments come in either form', async () => {
    const project = hub.createProject({ assets: 2 });
    const [first, second] = [project.record(0), project.record(1)];
    const attachments = [
        { assetId: first.assetId, attachmentUrl: 'https://x.test/a', attachmentType: 'IMAGE' },
        {
            externalId: second.externalId,
            attachments: [
                { type: 'TEXT', value: 'a' },
                { type: 'TEXT', value: 'b' },
            ],
        },
    ];
    const told = await ask('/v2/attachments', { body: { project: project.id, attachments } });
    assert.deepEqual(told, { project: { attachmentsImported: 3, assetsUpdated: 2 } });
    const { assets } = await list(project, { _id: first.assetId });
    assert.deepEqual(assets[0].attachments, [{ type: 'IMAGE', value: 'https://x.test/a' }]);
    assert.equal((await call('/v2/attachments', { body: { project: project.id, attachments: [{ assetId: 'x' }] } })).status, 400);
});

test('files and conversations become assets', async () => {
    const project = hub.createProject({ assets: 0 });
    const files = new FormData();
    for (const name of ['a.txt', 'b.txt']) files.append('files', new Blob([`in ${name}`]), name);
    const told = await ask(`/v2/project/${project.id}/upload`, { method: 'POST', body: files });
    assert.equal(told.assets.assetsCreated, 2);
    const { signedUrl } = await ask(`/v2/getSignedUrl?name=${encodeURIComponent(project.cloudAssets[1].asset)}`);
    assert.equal(await (await fetch(signedUrl)).text(), 'in b.txt');
    const chats = (body) => call(`/v2/project/${project.id}/chat`, { method: 'POST', body });
    assert.equal((await chats(new URLSearchParams({ numberOfConversations: '3', priority: '2' }))).body.data.assets.assetsCreated, 3);
    const written = new FormData();
    written.append('priority', '0');
    written.append('file', new Blob(['[[{"text":"Hello"}]]']), 'talk.json');
    assert.equal((await chats(written)).body.data.assets.assetsCreated, 1);
    assert.equal(project.cloudAssets.at(-1).asset, '[{"text":"Hello"}]');
    assert.equal((await chats(new URLSearchParams({ numberOfConversations: 'many' }))).status, 400);
});
