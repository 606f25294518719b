// Kind Model, started by a user who waits: the answer has the labels of one asset.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, it, test } from 'node:test';
import { fixture, module_, until } from './lib/angod.mjs';
import { failed } from './lib/lines.mjs';
import { System } from './lib/system.mjs';

const BOX = { schemaId: 's-truck', title: '', 'bounding-box': { x: 1, y: 2, width: 3, height: 4 } };
const BOXES = [
    { class: 'Truck', x: 10, y: 20, width: 30.5, height: 40 },
    { class: 'Bus', x: 1, y: 1, width: 2, height: 2 },
];

let system, hub, project;
before(async () => {
    system = await System.start({
        modules: [fixture('labeller'), fixture('witness'), module_('detect_fixed')],
        plugins: {
            model: { type: 'Model', module: 'labeller', max_attempts: 1, idle_s: 1 },
            fixed: {
                type: 'Model',
                module: 'detect-fixed',
                settings: { boxes: BOXES, classifications: [{ class: 'Weather', answer: 'rain' }] },
            },
            other: { idle_s: 1 },
        },
    });
    hub = system.hub;
    project = hub.createProject({ assets: 3, odd: false });
});
after(() => system.close());

/** The answer of one run, and its session. */
async function ask(name, extra = {}, request = {}) {
    const session = system.run(name, extra, { projectId: project.id, ...request });
    const record = await system.settled(session);
    return { value: record.answers[0].message.response, record };
}

/** Asserts that a run fails with this sentence. */
async function refused(name, sentence, extra = {}, request = {}) {
    system.angod.expect(failed(sentence));
    const { record } = await ask(name, extra, request);
    assert.deepEqual(
        record.answers.map((one) => one.message),
        [{ error: true, session: record.session }],
    );
    assert.ok(
        record.logs.some((line) => line.level === 'ERROR' && line.msg.startsWith(sentence)),
        JSON.stringify(record.logs),
    );
    return record;
}

test('the labels of the asset are the answer, and nothing is written to Hub', async () => {
    const { value } = await ask('model');
    assert.deepEqual(value, { objects: [BOX], classifications: [], relations: [] });
    assert.deepEqual([project.annotations.length, project.labels.length], [0, 0]);
});

test('of an asset that the event names only by its id Hub is asked once, for all runs of a burst', async () => {
    const mapping = [{ schemaId: 's1', modelClass: 'Truck' }];
    const before = hub.requests.length;
    const { value } = await ask('model', { tell: true }, { asset: 2, mapping });
    const { assetId, externalId, asset, task } = project.record(2);
    assert.deepEqual(value.asset, { id: assetId, data: asset, task: task.taskId, name: externalId, classes: mapping, record: {} });
    assert.deepEqual((await ask('model', { tell: true }, { asset: 2 })).value.asset, { ...value.asset, classes: null });
    assert.deepEqual(
        hub.requests.slice(before).map(({ method, path }) => `${method} ${path}`),
        [`GET /v2/project/${project.id}/assets`],
    );
});

test('an asset whose address the event names is not asked for', async () => {
    const before = hub.requests.length;
    for (const dataURL of ['https://assets.example/1.jpg', undefined]) {
        const { value } = await ask('model', { tell: true, dataURL, assetId: dataURL ? 'x' : undefined });
        assert.equal(value.asset.data, dataURL ?? '');
    }
    assert.equal(hub.requests.length, before);
});

test('an asset that Hub does not have fails the run', async () => {
    await refused('model', 'Hub has no asset with the id 0123 in the project', { assetId: '0123' });
    hub.addFault({ match: '/^GET .*assets/', status: 403, body: { status: 'fail', message: 'not yours' } });
    await refused('model', 'Hub refused the asset: not yours', {}, { asset: 1 });
});

test('a model that finds nothing answers empty lists', async () => {
    assert.deepEqual((await ask('model', { nothingFor: '*' })).value, { objects: [], classifications: [], relations: [] });
});

test('unknown members and brushes are passed on unchanged', async () => {
    const answer = {
        brushDataUrl: 'https://b.example/1.png',
        medicalBrushDataUrl: null,
        confidence: [0.1, { deep: '\u00e9' }],
        relations: [{ from: 'a', to: 'b' }],
    };
    const { medicalBrushDataUrl, ...rest } = answer;
    assert.deepEqual((await ask('model', { answer })).value, { objects: [], classifications: [], ...rest });
});

describe('labels that are there', () => {
    const existing = (place) => project.task(project.record(place).task.taskId).answer;
    it('stand behind the new ones if the event says so, and a question keeps only its new answer', async () => {
        const { taskId } = project.record(1).task;
        const old = { schemaId: 'c', answer: 'old' };
        const kept = { schemaId: 'd', answer: 'kept' };
        project.changeTask(taskId, { answer: { ...existing(1), classifications: [old, kept], relations: [{ from: 'a', to: 'b' }] } });
        const before = existing(1);
        assert.ok(before.tools.length > 0);
        const answer = { objects: [BOX], classifications: [{ schemaId: 'c', answer: 'x' }], relations: [{ from: 'c', to: 'd' }] };
        const { value } = await ask('model', { overwrite: false, answer }, { asset: 1 });
        assert.deepEqual(value, {
            objects: [BOX, ...before.tools],
            classifications: [...answer.classifications, kept],
            relations: [...answer.relations, ...before.relations],
        });
    });
    it('are not asked for if the event is silent', async () => {
        const tasks = () => hub.requests.filter(({ path }) => path.startsWith('/v2/task/')).length;
        const calls = tasks();
        await ask('model', { overwrite: undefined }, { asset: 1 });
        assert.equal(tasks(), calls);
    });
    for (const overwrite of [null, 0, '', [], false])
        it(`are kept where overwrite is ${JSON.stringify(overwrite)}, as in Python`, async () => {
            const { value } = await ask('model', { overwrite }, { asset: 1 });
            assert.equal(value.objects.length, existing(1).tools.length + 1);
        });
    it('that cannot be read fail the run', async () => {
        hub.addFault({ match: 'GET /v2/task/', status: 403, body: { status: 'fail', message: 'not your task' } });
        await refused('model', 'Hub refused the task: not your task', { overwrite: false });
        await refused('model', 'The event from Hub names no task in "taskId"', { overwrite: false, taskId: null });
    });
});

describe('an answer that is not as it must be fails the run with a sentence', () => {
    const begin = "The model's answer cannot be used: ";
    for (const [answer, sentence] of [
        [[], 'it must be an object with "objects", "classifications" and "relations", but is a list.'],
        ['text', 'it must be an object with "objects", "classifications" and "relations", but is a text.'],
        [{ objects: {} }, '"objects" must be a list, but is an object.'],
        [{ objects: [], relations: null }, '"relations" must be a list, but is null.'],
        [{ classifications: [{}, 5] }, 'element 2 of "classifications" must be an object, but is a number.'],
        [{ brushDataUrl: ['x'] }, '"brushDataUrl" must be a text, but is a list.'],
    ])
        it(JSON.stringify(answer), () => refused('model', begin + sentence, { answer }));
});

test('a failure of the module is the failure of the run', async () => {
    await refused('model', 'It is too dark in this picture.', { failFor: '*' });
    await refused('model', 'The plugin failed without giving a reason.', { failSilentlyFor: '*' });
    await refused('model', 'The plugin stopped its work before it was done.', { stopFor: '*' });
});

test('brush traces are uploaded under a name of their own, and the answer has an address that does not expire', async () => {
    const urls = new Set();
    for (const [uploadType, uploadName, extension] of [
        ['brushes', 'b.png', '.png'],
        ['brushes', 'b.png', '.png'],
        ['medicalBrushes', 'v.seg.nrrd', '.seg.nrrd'],
    ]) {
        const { value } = await ask('model', { uploadType, uploadName });
        assert.ok(!value.brushDataUrl.includes('?'), value.brushDataUrl);
        urls.add(value.brushDataUrl);
        const file = hub.files.find(value.brushDataUrl);
        assert.deepEqual([file.type, file.puts, fs.readFileSync(file.path, 'utf8')], [uploadType, 1, 'pixels']);
        assert.ok(file.name.endsWith(extension) && !file.name.includes(uploadName), file.name);
    }
    assert.equal(urls.size, 3);
    hub.addFault({ match: 'GET /v2/getUploadUrl', status: 403, body: { status: 'fail', message: 'no storage' } });
    const record = await refused('model', 'Hub refused an address to upload', { uploadType: 'brushes', uploadName: 'b.png' });
    assert.equal(record.logs.length, 1);
});

test("the checkpoint is the host's: a module has none", async () => {
    await refused('model', 'The plugin failed without giving a reason.', { checkpointFor: '*' });
});

test('the host of a model is there before anybody asks, and stays', async () => {
    const [{ pid }] = (await system.angod.plugin('model')).hosts;
    await hub.waitForSession(system.run('other'));
    await until(async () => (await system.angod.plugin('other')).hosts.length === 0, 'the idle host of another plugin to go');
    const { hosts } = await system.angod.plugin('model');
    assert.deepEqual(
        hosts.map((host) => host.pid),
        [pid],
        'idle as long, and there',
    );
    assert.equal((await system.angod.plugin('fixed')).hosts.length, 1, 'nobody has asked it yet');
});

describe('detect-fixed', () => {
    const mapping = [
        { schemaId: 's1', modelClass: 'Truck' },
        { schemaId: 'w', modelClass: 'Weather' },
    ];
    it('draws the boxes of the classes that are mapped', async () => {
        const { value, record } = await ask('fixed', {}, { mapping });
        assert.deepEqual(value, {
            objects: [{ schemaId: 's1', 'bounding-box': { x: 10, y: 20, width: 30.5, height: 40 }, classifications: [] }],
            classifications: [{ schemaId: 'w', answer: 'rain' }],
            relations: [],
        });
        assert.deepEqual(
            record.logs.map((line) => line.msg),
            ['Left out, because they are mapped to no class of the project: Bus'],
        );
    });
    it('takes other boxes for one run', async () => {
        const boxes = [
            { class: 'Truck', x: -5, y: 0, width: 1, height: 1, page: 3, classifications: [{ class: 'Weather', answer: 'sun' }] },
        ];
        const { value } = await ask('fixed', {}, { mapping, config: { boxes, classifications: [] } });
        assert.deepEqual(value.objects, [
            {
                schemaId: 's1',
                'bounding-box': { x: -5, y: 0, width: 1, height: 1 },
                page: 3,
                classifications: [{ schemaId: 'w', answer: 'sun' }],
            },
        ]);
        assert.deepEqual(value.classifications, []);
    });
    it('does nothing without a mapping', async () => {
        const sentence =
            'No class of this plugin is mapped to a class of the project, so nothing can be labelled. Its classes: Truck, Bus, Weather.';
        await refused('fixed', sentence);
        await refused('fixed', sentence, {}, { mapping: [] });
        await refused('fixed', sentence, {}, { mapping: [{ schemaId: 'x', modelClass: 'Cat' }] });
    });
    for (const [config, sentence] of [
        [{ boxes: 1 }, 'Option boxes is 1, but must be a list.'],
        [{ boxes: [{ class: 'A', x: 1, y: 1, width: 1 }] }, 'Option boxes[1].height is missing.'],
        [{ boxes: [{ class: 'A', x: 1, y: 1, width: 0, height: 1 }] }, 'Option boxes[1].width is 0, but must be a number greater than 0.'],
        [{ boxes: [{ class: '', x: 1, y: 1, width: 1, height: 1 }] }, 'Option boxes[1].class is "", but must be a text.'],
        [
            { boxes: [{ klass: 'A' }] },
            'Option boxes[1] has an unknown member "klass"; it may have class, x, y, width, height, page, classifications.',
        ],
        [{ classifications: ['rain'] }, 'Option classifications[1] is "rain", but must be an object.'],
    ])
        it(`refuses ${JSON.stringify(config)}`, () => refused('fixed', sentence, {}, { mapping, config }));
    it('warns of an option that it does not know, once', async () => {
        const { record } = await ask('fixed', {}, { mapping, config: { box: [] } });
        assert.equal(record.logs.filter((line) => line.level === 'WARNING').length, 1);
    });
});
