import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { test } from 'node:test';
import { generateAsset } from '../assets.mjs';
import { firstEntry } from '../testing/calling.mjs';
import { call, hub } from '../testing/own_hub.mjs';

const exportOf = async (project) => {
    const { body } = await call(`/v2/export?project=${project.id}&format=ndjson&stage=["Complete"]`);
    return body.data.exportPath;
};

test('export: a zip whose first entry has a record per line', async () => {
    const project = hub.createProject({ assets: 120, seed: 9 });
    const response = await fetch(await exportOf(project));
    assert.ok(Number(response.headers.get('content-length')) > 1000);
    const { name, text } = await firstEntry(await response.arrayBuffer());
    const lines = text.trimEnd().split('\n');
    assert.equal(name, 'export.ndjson');
    assert.equal(lines.length, 120);
    assert.deepEqual(JSON.parse(lines[77]), generateAsset(77, 9));
    assert.equal(hub.project(project.id).exports[0].query.format, 'ndjson');
});

test('export: legacy, JSON array, given records, text and zip', async () => {
    const entryOf = async (fields) => {
        const response = await fetch(await exportOf(hub.createProject(fields)));
        return firstEntry(await response.arrayBuffer());
    };
    const legacy = JSON.parse((await entryOf({ assets: 60, version: 2, format: 'json' })).text);
    assert.equal(legacy.length, 60);
    assert.ok(Array.isArray(legacy[0].tasks[0].objects));
    assert.equal((await entryOf({ records: [{ a: 1 }] })).text, '{"a":1}\n');
    assert.equal((await entryOf({ text: 'no JSON', entryName: 'odd.txt' })).name, 'odd.txt');
    const project = hub.createProject({ zip: Buffer.from('no zip') });
    assert.equal(await (await fetch(await exportOf(project))).text(), 'no zip');
});

test('download: ranges, entity tags, expiry and signatures', async () => {
    const url = await exportOf(hub.createProject({ text: 'x'.repeat(10), zip: Buffer.from('0123456789') }));
    const part = await fetch(url, { headers: { Range: 'bytes=2-4' } });
    assert.deepEqual([part.status, await part.text(), part.headers.get('content-range')], [206, '234', 'bytes 2-4/10']);
    const tail = await fetch(url, { headers: { Range: 'bytes=7-', 'If-Range': part.headers.get('etag') } });
    assert.equal(await tail.text(), '789');
    const changed = await fetch(url, { headers: { Range: 'bytes=7-', 'If-Range': '"other"' } });
    assert.equal(changed.status, 200);
    assert.equal((await fetch(url, { headers: { Range: 'bytes=10-' } })).status, 416);
    assert.equal((await fetch(`${url}0`)).status, 403);
    assert.equal((await fetch(url, { method: 'PUT', body: 'x' })).status, 403);
    hub.set({ urlTtlSeconds: -1 });
    assert.equal((await fetch(await exportOf(hub.projects.getOrDefault()))).status, 403);
});

test('upload: signed, with a length, without an API key; then downloaded by a signed URL', async () => {
    const project = hub.createProject({ assets: 1 });
    const { status, body } = await call(`/v2/getUploadUrl?name=${encodeURIComponent('ä b.zip')}&project=${project.id}&type=exports`);
    assert.equal(status, 201);
    const url = body.data.uploadUrl;
    const put = (options) => fetch(url, { method: 'PUT', ...options });
    const chunked = new ReadableStream({
        start(stream) {
            stream.enqueue(Buffer.from('x'));
            stream.close();
        },
    });
    assert.equal((await put({ body: chunked, duplex: 'half' })).status, 501);
    assert.equal((await put({ body: 'x', headers: { apikey: 'k' } })).status, 400);
    const none = await new Promise((resolve, reject) => {
        const request = httpRequest(url, { method: 'PUT' }, resolve).on('error', reject);
        request.useChunkedEncodingByDefault = false;
        request.removeHeader('content-length');
        request.end();
    });
    assert.equal(none.resume().statusCode, 411);
    assert.equal((await put({ body: 'content' })).status, 200);
    const object = hub.files.find(url);
    assert.equal(object.sha256, createHash('sha256').update('content').digest('hex'));
    assert.equal(object.puts, 1);
    const signed = await call(`/v2/getSignedUrl?name=${encodeURIComponent(url)}&project=${project.id}&type=exports`);
    assert.equal(await (await fetch(signed.body.data.signedUrl)).text(), 'content');
});

test('REST: keys, paging, batches, imports, labels, tasks', async () => {
    assert.equal((await fetch(`${hub.apiUrl}/v2/storages`)).status, 401);
    const project = hub.createProject({ assets: 130, batches: ['a'] });
    const path = `/v2/project/${project.id}`;
    const second = (await call(`${path}/assets?page=2&limit=100`)).body.data;
    assert.deepEqual([second.assets.length, second.total], [30, 130]);
    assert.equal((await call(`${path}/assets?limit=101`)).status, 400);
    assert.deepEqual(
        second.assets.map((asset) => asset._id),
        [...Array(30).keys()].reverse().map((place) => project.record(place).assetId),
        'the newest asset is the last made, and comes first',
    );
    const wanted = second.assets[0]._id;
    const found = await call(`${path}/assets?filters=${encodeURIComponent(JSON.stringify({ _id: wanted }))}`);
    assert.deepEqual(
        found.body.data.assets.map((asset) => asset._id),
        [wanted],
    );
    const { batches } = (await call(path)).body.data.project;
    await call(`/v2/batches/${project.id}`, { method: 'POST', body: { batches: [...batches, { name: 'b' }] } });
    assert.deepEqual(
        project.batches.map((batch) => batch.name),
        ['a', 'b'],
    );
    const assets = [
        { data: 'text', externalId: 'same' },
        { data: 'text', externalId: 'same' },
    ];
    assert.equal((await call(`${path}/cloud`, { method: 'POST', body: { assets } })).status, 200);
    assert.deepEqual(project.view().doubles.cloudAssets, { same: 2 });
    const newest = (await call(`${path}/assets?limit=3`)).body.data.assets;
    assert.deepEqual(
        newest.map((asset) => asset.externalId),
        ['same', 'same', project.record(129).externalId],
    );
    assert.ok(newest[1].createdAt > newest[2].createdAt && Date.now() - Date.parse(newest[0].createdAt) < 60_000);
    const filtered = (filters) => call(`${path}/assets?filters=${encodeURIComponent(JSON.stringify(filters))}`);
    const named = await filtered({ externalId: 'same' });
    assert.deepEqual(
        named.body.data.assets.map((asset) => asset._id),
        newest.slice(0, 2).map((asset) => asset._id),
    );
    assert.equal((await filtered({ externalId: ['same'] })).status, 400, 'a list of names is not taken');
    assert.equal((await call(`${path}/cloud`, { method: 'POST', body: { assets: [{}] } })).status, 400);
    const labels = {
        project: project.id,
        jsonContent: [
            { externalId: 'x', objects: [] },
            { externalId: project.record(3).externalId, objects: [{ objectId: 'new' }] },
        ],
    };
    const imported = await call('/v2/import/labels', { method: 'POST', body: labels });
    assert.equal(imported.body.data.project, '1 / 2 tasks are labeled.');
    const { taskId, tools } = project.record(3).task;
    const labelled = (await call(`/v2/task/${taskId}?includeAnswer=False`)).body.data.task;
    assert.deepEqual(labelled.answer.tools, [...tools, { objectId: 'new' }]);
    assert.equal(labelled.answer.objects, undefined);
    assert.ok(Date.now() - Date.parse(labelled.updatedAt) < 60_000);
    const annotate = (body) => call(`/v2/annotate/${taskId}?nextStage=true&isPlugin=true`, { method: 'POST', body });
    await annotate({ answer: { objects: [] }, brushDataUrl: 'u', medicalBrushDataUrl: null });
    await annotate({ answer: { objects: [{ objectId: 'b' }] } });
    const annotated = (await call(`/v2/task/${taskId}`)).body.data.task;
    assert.deepEqual([annotated.answer.tools, annotated.brushDataUrl], [[{ objectId: 'b' }], 'u']);
    await annotate({ answer: { objects: [] }, brushDataUrl: null });
    assert.equal(project.task(taskId).brushDataUrl, null);
    assert.equal(project.task(taskId).stage, 'Complete');
    assert.equal(project.view().counts.annotations, 3);
    assert.equal((await call('/v2/nothing')).status, 404);
});

test('REST: the rate limit answers 429 with Retry-After', async () => {
    hub.set({ rateLimitPerMinute: 2 });
    await call('/v2/storages');
    await call('/v2/storages');
    const third = await call('/v2/storages');
    assert.equal(third.status, 429);
    assert.ok(Number(third.headers.get('retry-after')) > 0);
});

test('faults: status, body, headers, count, after', async () => {
    const project = hub.createProject({ assets: 1 });
    hub.addFault({ match: 'GET /v2/storages', status: 503, headers: { 'Retry-After': '1' }, times: 2 });
    assert.equal((await call('/v2/storages')).status, 503);
    assert.equal((await call('/v2/storages')).headers.get('retry-after'), '1');
    assert.equal((await call('/v2/storages')).status, 200);
    hub.addFault({ match: /^GET .*storages/, status: 200, body: { status: 'fail' } });
    assert.equal((await call('/v2/storages')).body.status, 'fail');
    hub.addFault({ match: '/^GET .*storages$/', action: 'html' });
    assert.match(await (await fetch(`${hub.url}/v2/storages`)).text(), /<h1>/);
    hub.addFault({ match: 'POST /v2/project/', status: 500, after: true });
    const cloud = () => call(`/v2/project/${project.id}/cloud`, { method: 'POST', body: { assets: [{ data: 'a' }] } });
    assert.equal((await cloud()).status, 500);
    hub.addFault({ match: 'POST /v2/project/', action: 'drop', after: true });
    await assert.rejects(cloud());
    assert.equal(project.cloudAssets.length, 2);
    assert.equal(
        hub.faults.list().every((fault) => fault.left === 0),
        true,
    );
});

test('faults: drop, truncate, slow, hang, redirect loop', async () => {
    const url = await exportOf(hub.createProject({ zip: Buffer.alloc(5000, 'z') }));
    hub.addFault({ match: 'GET /files/', action: 'drop' });
    await assert.rejects(fetch(url));
    for (const afterBytes of [0, 1000]) {
        hub.addFault({ match: 'GET /files/', action: 'truncate', afterBytes });
        const response = await fetch(url);
        assert.equal(response.headers.get('content-length'), '5000');
        await assert.rejects(response.arrayBuffer());
    }
    hub.addFault({ match: 'GET /files/', action: 'slow', bytesPerSecond: 25000 });
    const before = performance.now();
    assert.equal((await (await fetch(url)).arrayBuffer()).byteLength, 5000);
    assert.ok(performance.now() - before > 150);
    hub.addFault({ match: 'GET /files/', action: 'hang' });
    const asked = hub.counters.requests;
    const abort = new AbortController();
    const hanging = fetch(url, { signal: abort.signal });
    await hub.waitFor(() => hub.counters.requests > asked, 2000, 'the request');
    abort.abort();
    await assert.rejects(hanging, { name: 'AbortError' });
    const id = hub.addFault({ match: 'GET /files/', action: 'redirect-loop' });
    await assert.rejects(fetch(url));
    hub.clearFaults(id);
    assert.equal((await fetch(url)).status, 200);
});

test('faults: an upload that breaks off leaves nothing behind', async () => {
    const project = hub.createProject({ assets: 1 });
    const { body } = await call(`/v2/getUploadUrl?name=a.zip&project=${project.id}`);
    const url = body.data.uploadUrl;
    hub.addFault({ match: 'PUT /files/', action: 'truncate', afterBytes: 100 });
    await assert.rejects(fetch(url, { method: 'PUT', body: 'x'.repeat(3_000_000) }));
    hub.addFault({ match: 'PUT /files/', status: 403 });
    assert.equal((await fetch(url, { method: 'PUT', body: 'x' })).status, 403);
    assert.equal(hub.files.find(url).puts, 0);
    hub.addFault({ match: 'PUT /files/', action: 'slow', bytesPerSecond: 1e6 });
    assert.equal((await fetch(url, { method: 'PUT', body: 'x'.repeat(50_000) })).status, 200);
    assert.equal(hub.files.find(url).bytes, 50_000);
});

test('REST: a filter by batches means the assets that are in all of them', async () => {
    const record = (name, batches) => ({ assetId: `id-${name}`, externalId: name, asset: 'u', batches });
    const project = hub.createProject({ records: [record('a', ['1']), record('b', ['1', '2']), record('c', ['2'])] });
    const named = async (batches) => {
        const filters = encodeURIComponent(JSON.stringify({ batches }));
        const { assets } = (await call(`/v2/project/${project.id}/assets?filters=${filters}`)).body.data;
        return assets.map((asset) => asset.externalId).join('');
    };
    assert.deepEqual([await named(['1']), await named(['2']), await named(['1', '2']), await named([])], ['ba', 'cb', 'b', 'cba']);
});

test('REST: uploads of one name to one place are one object, unless the Hub is told otherwise', async () => {
    const project = hub.createProject({ assets: 1 });
    const upload = async () => {
        const path = `/v2/getUploadUrl?name=brush.png&project=${project.id}&type=brushes`;
        return (await call(path)).body.data.uploadUrl.split('?')[0];
    };
    const first = await upload();
    assert.equal(await upload(), first);
    hub.set({ sharedUploadNames: false });
    assert.notEqual(await upload(), first);
    hub.set({ sharedUploadNames: true });
});
