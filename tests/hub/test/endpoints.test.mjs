import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { startHub } from '../hub.mjs';
import { ROUTES } from '../lib/api.mjs';
import { caller } from '../testing/calling.mjs';

let hub, call;
before(async () => {
    hub = await startHub();
    call = caller(hub);
});
after(() => hub.close());

test('ENDPOINTS.md lists every endpoint once, and no other', () => {
    const text = readFileSync(new URL('../ENDPOINTS.md', import.meta.url), 'utf8');
    const listed = [...text.matchAll(/^\| `([A-Z]+ [^`]+)`/gm)].map((match) => match[1]);
    assert.deepEqual(listed.sort(), Object.keys(ROUTES).sort());
});

test('an endpoint that does not exist is 404, a wrong key 401, broken JSON 400, each with a message', async () => {
    const unknown = await call('/v2/nothing/of/the/kind');
    assert.deepEqual([unknown.status, unknown.body], [404, { status: 'fail', message: 'no GET /v2/nothing/of/the/kind' }]);
    assert.equal((await call('/v2/listProjects', { body: {} })).status, 404, 'the method counts');
    const stranger = await call('/v2/listProjects', { headers: { apikey: 'x' } });
    assert.deepEqual([stranger.status, stranger.body.status], [401, 'fail']);
    const broken = await call('/v2/issues', { method: 'POST', body: '{"a', headers: { 'Content-Type': 'application/json' } });
    assert.deepEqual([broken.status, broken.body.status], [400, 'fail']);
});

test('things that do not exist are 404', async () => {
    for (const path of ['/v2/project/x', '/v2/task/x', '/v2/task/x/history', '/v2/taskHistory/x', '/v2/organization/x/users']) {
        assert.equal((await call(path)).status, 404, path);
    }
    for (const path of ['/v2/storages/x', '/v2/issues/x', '/v2/project/x']) {
        assert.equal((await call(path, { method: 'DELETE' })).status, 404, path);
    }
    assert.equal((await call('/v2/review/x', { body: { reviewStatus: 'Accepted' } })).status, 404);
});

test('no body makes a failure of the Hub itself', async () => {
    const project = hub.createProject({ assets: 1, issues: [{ _id: 'issue' }] });
    const { id } = project;
    const ids = { organization: hub.orgId, storages: hub.storages[0]._id, issues: 'issue' };
    for (const name of ['annotate', 'review']) ids[name] = project.record(0).task.taskId;
    const bodies = [
        {},
        { project: id, jsonContent: [null], attachments: [null], users: [null], assets: [null], tasks: [null], batches: [null] },
        { project: id, projectId: id, toStageId: 'Label', filters: null, options: null, stages: [null], to: [null], invites: [null] },
    ];
    for (const route of Object.keys(ROUTES)) {
        const [method, path] = route.split(' ');
        // Without the project nothing else could be asked.
        if (method === 'GET' || route === 'DELETE /project/:id') continue;
        for (const body of bodies) {
            const { status } = await call(`/v2${path.replace(':id', ids[path.split('/')[1]] ?? id)}`, { method, body });
            assert.ok(status < 500, `${route} ${JSON.stringify(body)} was answered ${status}`);
        }
    }
});

test('a limit over 100 is refused, or made smaller if the Hub is told so', async () => {
    const project = hub.createProject({ assets: 130 });
    const path = `/v2/project/${project.id}/assets?limit=500`;
    assert.deepEqual([(await call(path)).status, (await call(path)).body.message], [400, 'limit must be 1 to 100']);
    hub.set({ overLimit: 'clamp' });
    assert.equal((await call(path)).body.data.assets.length, 100);
    assert.equal((await call(path.replace('500', '0'))).status, 400);
    hub.set({ limitMax: 1000, overLimit: 'refuse' });
    assert.equal((await call(path)).body.data.assets.length, 130);
    hub.set({ limitMax: 100 });
    assert.throws(() => hub.set({ overLimit: 'ignore' }), /overLimit must be one of refuse, clamp/);
    await assert.rejects(startHub({ storageFiles: 'some' }), /storageFiles must be one of recursive, level/);
});
