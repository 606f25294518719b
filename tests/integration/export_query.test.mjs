// The query that angod sends to Hub when a user runs an Export plugin.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { example } from './lib/angod.mjs';
import { Exporting } from './lib/exporting.mjs';

let system;
before(async () => {
    system = await Exporting.start({ modules: [example('export_lines_cpp')], plugins: { lines: { module: 'export-lines-cpp' } } });
});
after(() => system.close());

/** The query of the one export request of a run with these options. */
async function queryOf(request, step = 'ask') {
    const project = system.project();
    system.result(await system.run('lines', project, request));
    const asked = system.requests(project, step);
    assert.equal(asked.length, 1);
    assert.equal(asked[0].query.project, project.id);
    return asked[0].query;
}

test('an export is requested with all fields of the protocol, and no others', async () => {
    const { project, ...query } = await queryOf({});
    assert.deepEqual(query, {
        format: 'ndjson',
        type: 'task',
        sendEmail: 'false',
        doNotNotify: 'true',
        includeMetadata: 'true',
        includeHistory: 'true',
        includeOnlyKeyFrames: 'false',
        includeIdleBlurDurations: 'false',
        taskTypes: '["default"]',
        stage: '["Complete"]',
    });
});

test('an event without stages, or with null, means completed tasks', async () => {
    assert.equal((await queryOf({ stage: null })).stage, '["Complete"]');
});

test('the stages that the user chose are asked for', async () => {
    assert.deepEqual(JSON.parse((await queryOf({ stage: ['Label', 'Review'] })).stage), ['Label', 'Review']);
});

test('an empty list of stages asks for all stages', async () => {
    assert.ok(!('stage' in (await queryOf({ stage: [] }))));
});

test('the batches that the user chose are asked for', async () => {
    assert.deepEqual(JSON.parse((await queryOf({ batches: ['5f1', '5f2'] })).batches), ['5f1', '5f2']);
});

test('no batches, or an empty list of them, asks for all', async () => {
    assert.ok(!('batches' in (await queryOf({ batches: [] }))));
    assert.ok(!('batches' in (await queryOf({ batches: null }))));
});

test('names with any character in them arrive as they were', async () => {
    const odd = ['a&b=c?d#e', 'Grüße 日本', '100 % + "quoted"', 'new\nline', '\\', '🚗/..'];
    const query = await queryOf({ stage: odd, batches: odd });
    assert.deepEqual([JSON.parse(query.stage), JSON.parse(query.batches)], [odd, odd]);
});

test('the option include_key_frames_only asks for key frames only', async () => {
    assert.equal((await queryOf({ config: { include_key_frames_only: true } })).includeOnlyKeyFrames, 'true');
    assert.equal((await queryOf({ config: { include_key_frames_only: false } })).includeOnlyKeyFrames, 'false');
});

test('a Hub that does not know /v2/export is asked by its older name, in the same words', async () => {
    const project = system.project();
    system.fault(project, 'ask', { status: 404, body: { status: 'fail', message: 'no such route' } });
    system.result(await system.run('lines', project, { stage: ['Label'] }));
    const [newer] = system.requests(project, 'ask');
    const older = system.requests(project, 'askOlder');
    assert.equal(older.length, 1);
    assert.deepEqual(older[0].query, newer.query);
});

test('a project that does not exist is named so, not its route', async () => {
    const project = system.project();
    for (const step of ['ask', 'askOlder'])
        system.fault(project, step, { status: 404, body: { status: 'fail', message: 'Project not found' } });
    system.failed(await system.run('lines', project), /Project not found \(HTTP 404/);
});

test('name, project and type of the result are told to Hub, and the signed URL is asked for by the upload URL', async () => {
    const project = system.project();
    const { upload } = system.result(await system.run('lines', project));
    const [place] = system.requests(project, 'uploadUrl');
    assert.match(place.query.name, new RegExp(`^${project.id}-export-lines-cpp-\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\dZ\\.zip$`));
    assert.deepEqual({ ...place.query, name: '' }, { name: '', project: project.id, type: 'exports' });
    const [signed] = system.requests(project, 'signedUrl');
    assert.equal(system.hub.files.find(signed.query.name), upload);
    assert.deepEqual({ ...signed.query, name: '' }, { name: '', project: project.id, type: 'exports' });
});
