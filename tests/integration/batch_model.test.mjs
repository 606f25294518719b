// Kind Batch Model: every asset of a project is labelled once, whatever fails or changes meanwhile.
import assert from 'node:assert/strict';
import { after, before, describe, it, test } from 'node:test';
import { fixture, module_, processExists, until } from './lib/angod.mjs';
import { failed, hostKilled, linkLost } from './lib/lines.mjs';
import { System } from './lib/system.mjs';

let system,
    hub,
    counter = 0;
before(async () => {
    system = await System.start({
        config: { crash: { count: 1000 } },
        modules: [fixture('labeller'), module_('detect_fixed')],
        plugins: {
            batch: { type: 'Batch Model', module: 'labeller', max_attempts: 3 },
            killed: { type: 'Batch Model', module: 'labeller', max_attempts: 20 },
            fixed: {
                type: 'Batch Model',
                module: 'detect-fixed',
                settings: { boxes: [{ class: 'Truck', x: 1, y: 2, width: 3, height: 4 }] },
            },
        },
    });
    hub = system.hub;
});
after(() => system.close());

const name = (n) => `photos/${String(n).padStart(5, '0')}.jpg`;
/** An asset record of a project. */
function record(n, more = {}) {
    const id = `${(counter += 1).toString(16).padStart(8, '0')}${'a'.repeat(16)}`;
    return {
        assetId: id,
        externalId: name(n),
        asset: `https://files.example.test/${n}.jpg`,
        batches: [n % 2 ? 'odd' : 'even'],
        task: { taskId: `7${id.slice(1)}`, stage: 'Label', tools: [] },
        ...more,
    };
}
const BATCHES = ['odd', 'even', 'third', 'none'].map((_id) => ({ _id, name: `the ${_id} ones` }));
const project = (count, more) =>
    hub.createProject({ batches: BATCHES, records: Array.from({ length: count }, (_, n) => record(n, more?.(n))) });
const run = (of, extra = {}, request = {}, plugin = 'batch') =>
    system.run(plugin, extra, { projectId: of.id, mapping: [{ schemaId: 's', modelClass: 'Truck' }], ...request });
/** The message of a run that succeeded, and its session. */
async function message(session, timeoutMs) {
    const record = await system.settled(session, timeoutMs);
    assert.equal(record.answers.length, 1);
    assert.equal(record.state, 'answered', JSON.stringify(record.logs.slice(-5)));
    return { text: record.answers[0].message.response, logs: record.logs.map((line) => line.msg), record };
}
async function refused(session, sentence) {
    system.angod.expect(failed(sentence));
    const record = await system.settled(session);
    assert.deepEqual(
        record.answers.map((one) => one.message),
        [{ error: true, session }],
    );
    assert.ok(
        record.logs.some((line) => line.level === 'ERROR' && line.msg.startsWith(sentence)),
        JSON.stringify(record.logs),
    );
    return record;
}
const labelled = (of) => of.labels.map((one) => one.externalId).sort();
const names = (count, which = () => true) =>
    Array.from({ length: count }, (_, n) => n)
        .filter(which)
        .map(name);
/** Asserts that each asset was labelled once, in the requests and in the tasks. */
function eachOnce(of, expected) {
    assert.deepEqual(of.view().doubles.labels, {});
    assert.deepEqual(labelled(of), expected);
    for (const { externalId, task } of of.records)
        assert.equal(of.task(task.taskId).answer.tools.length, expected.includes(externalId) ? 1 : 0, externalId);
}
const pages = (of) => hub.requests.filter(({ path }) => path.endsWith(`${of.id}/assets`)).length;

test('every asset is labelled, in one call for each page', async () => {
    const of = project(250);
    const { text, logs } = await message(run(of));
    assert.equal(text, '250 of 250 assets labelled.');
    eachOnce(of, names(250));
    assert.ok(of.labelCalls.length <= 4 && of.labelCalls.every((call) => call.count <= 100), JSON.stringify(of.labelCalls));
    assert.ok(pages(of) <= 6, `${pages(of)} requests`);
    const [
        {
            externalId,
            objects: [{ objectId, ...object }],
            ...rest
        },
    ] = of.labels;
    assert.deepEqual(
        [object, rest],
        [
            { schemaId: 's-truck', title: '', 'bounding-box': { x: 1, y: 2, width: 3, height: 4 } },
            { classifications: [], relations: [] },
        ],
    );
    assert.match(objectId, /^[0-9a-f]{24}$/);
    assert.equal(new Set(of.labels.map((one) => one.objects[0].objectId)).size, 250);
    assert.deepEqual(logs, ['250 assets to label']);
});

for (const count of [1, 99, 100, 101, 200])
    test(`none is left out of ${count}`, async () => {
        const of = project(count);
        await message(run(of));
        eachOnce(of, names(count));
    });

test('a project without assets has nothing to label', async () => {
    assert.equal((await message(run(project(0)))).text, 'There are no assets to label.');
});

test('only assets of the chosen batches are labelled', async () => {
    const of = project(230);
    assert.equal((await message(run(of, {}, { batches: ['odd'] }))).text, '115 of 115 assets labelled.');
    eachOnce(
        of,
        names(230, (n) => n % 2),
    );
    await message(run(project(3), {}, { batches: [] }));
});

test('of several batches each asset is labelled once, in whatever batches it is', async () => {
    const of = project(230, (n) => ({ batches: [n % 2 ? 'odd' : 'even', ...(n % 3 ? [] : ['third'])] }));
    const { text, logs } = await message(run(of, {}, { batches: ['third', 'none', 'the odd ones', 'third'] }));
    assert.equal(text, '154 of 154 assets labelled.');
    eachOnce(
        of,
        names(230, (n) => n % 2 || n % 3 === 0),
    );
    assert.deepEqual(logs, ['77 assets in batch 1 of 3', '115 assets in batch 3 of 3']);
});

for (const batches of ['odd', ['odd', 5], [null], { odd: true }])
    test(`batches that are no list of texts fail the run: ${JSON.stringify(batches)}`, async () => {
        const of = project(3);
        await refused(run(of, {}, { batches }), 'The event from Hub cannot be used: its "batches" is not a list of texts.');
        assert.deepEqual(of.labels, []);
    });

test('a batch that the project does not have fails the run', async () => {
    const of = project(3);
    await refused(run(of, {}, { batches: ['odd', 'gone'] }), 'The project has no batch "gone".');
    assert.deepEqual(of.labels, []);
});

test("the module gets Hub's data of each asset", async () => {
    const of = project(2);
    await message(run(of, { tell: true }));
    const [
        {
            asset: { record: whole, classes, ...asset },
        },
    ] = of.labels;
    const { assetId, externalId, asset: data, task } = of.records[0];
    assert.deepEqual(asset, { id: assetId, name: externalId, data, task: '' });
    assert.deepEqual([whole._id, whole.labelTasks[0]._id, classes], [assetId, task.taskId, [{ schemaId: 's', modelClass: 'Truck' }]]);
});

test('assets without labels and assets that fail are counted, and the run continues', async () => {
    const of = project(120);
    const { text, logs } = await message(run(of, { failFor: '7.jpg', nothingFor: '1.jpg' }));
    assert.equal(text, '96 of 120 assets labelled, 12 had nothing to label, 12 failed.');
    eachOnce(
        of,
        names(120, (n) => n % 10 !== 7 && n % 10 !== 1),
    );
    assert.equal(logs.filter((line) => /^photos\/\d+7\.jpg: It is too dark in this picture\.$/.test(line)).length, 12);
});

test('of many failures twenty are reported', async () => {
    const { text, logs } = await message(run(project(300), { failFor: '1' }));
    assert.match(text, /failed\.$/);
    assert.equal(logs.filter((line) => line.endsWith(': It is too dark in this picture.')).length, 20);
    assert.equal(logs.filter((line) => line === 'further failures of single assets are counted but not logged').length, 1);
});

test('if all of them fail, the run fails for the reason of the first', async () => {
    const of = project(130);
    await refused(run(of, { failFor: 'jpg' }), 'It is too dark in this picture.');
    assert.equal(of.labels.length, 0);
});

test('a run without a mapping ends with the first asset if the module wants one', async () => {
    const of = project(130);
    await refused(run(of, {}, { mapping: null }, 'fixed'), 'No class of this plugin is mapped to a class of the project');
    assert.deepEqual([of.labels.length, pages(of)], [0, 2]);
    assert.equal((await message(run(of, {}, { mapping: null }))).text, '130 of 130 assets labelled.', 'a module that needs none');
});

test('detect-fixed labels a project', async () => {
    const of = project(5);
    assert.equal((await message(run(of, {}, {}, 'fixed'))).text, '5 of 5 assets labelled.');
    assert.deepEqual(
        of.labels.map(({ objects: [{ objectId, ...object }] }) => object),
        Array(5).fill({ schemaId: 's', 'bounding-box': { x: 1, y: 2, width: 3, height: 4 }, classifications: [] }),
    );
});

test('a module that gives up ends the run', async () => {
    const of = project(250);
    await refused(run(of, { stopFor: '00120' }), 'The plugin stopped its work before it was done.');
    assert.ok(of.labels.length < 250);
});

test('assets that share a name are labelled once, and the message says so', async () => {
    const of = hub.createProject({
        records: [record(1), record(2), record(1), record(3, { externalId: undefined }), record(4, { externalId: undefined, asset: '' })],
    });
    const { text, logs } = await message(run(of));
    assert.equal(text, '3 of 5 assets labelled, 1 failed, 1 have the external ID of another and were left out.');
    assert.deepEqual(
        of.labels.map((one) => one.externalId ?? one.data),
        [name(1), name(2), 'https://files.example.test/3.jpg'],
    );
    assert.match(logs.join('\n'), /The asset has neither an external ID nor an address by which Hub could find it\./);
});

test('labels that Hub refuses are reported', async () => {
    const of = project(20);
    hub.addFault({
        match: 'POST /v2/import/labels',
        after: true,
        status: 200,
        body: { status: 'success', data: { project: '18 / 20 tasks are labeled.' } },
    });
    const { text, logs } = await message(run(of));
    assert.equal(text, '18 of 20 assets labelled, 2 were not taken by Hub.');
    assert.match(logs.join('\n'), /Hub did not take the labels of 2 of 20 assets\./);
});

test('large labels go in several calls', async () => {
    const of = project(10);
    await message(run(of, { pad: 1_500_000 }));
    assert.deepEqual(
        of.labelCalls.map((call) => call.count),
        [3, 3, 3, 1],
    );
    eachOnce(of, names(10));
});

test('a Hub that wants labels as its published description says gets them so', async () => {
    const of = project(150),
        refuse = { match: 'POST /v2/import/labels', status: 400, body: { status: 'fail', message: 'labels is required' } };
    hub.addFault(refuse);
    await message(run(of));
    assert.deepEqual(
        of.labels.map((one) => Object.keys(one)),
        Array(150).fill(['externalId', 'answer']),
    );
    assert.equal(hub.requests.filter(({ path, method, at }) => method === 'POST' && path === '/v2/import/labels').length > 0, true);
    hub.addFault({ ...refuse, times: 2 });
    await refused(run(project(3)), 'Hub refused the import of labels: labels is required');
});

test('errors of Hub end the run with a sentence', async () => {
    hub.addFault({ match: /^GET .*\/assets/, status: 403, body: { status: 'fail', message: 'not yours' } });
    await refused(run(project(3)), 'Hub refused the list of assets: not yours');
    hub.addFault({ match: /^GET .*\/assets/, status: 200, body: { status: 'success', data: { assets: 5 } } });
    await refused(run(project(3)), "Hub's list of the project's assets has no data.assets and data.total.");
});

describe('each is labelled once', () => {
    for (const fault of [{ action: 'drop' }, { status: 500 }, { status: 502, action: 'html' }])
        it(`although an answer is lost: ${JSON.stringify(fault)}`, async () => {
            const of = project(150);
            hub.addFault({ match: 'POST /v2/import/labels', after: true, times: 2, ...fault });
            assert.equal((await message(run(of))).text, '150 of 150 assets labelled.');
            eachOnce(of, names(150));
        });
    for (const fault of [{ action: 'drop' }, { status: 503, times: 2 }, { status: 429, headers: { 'Retry-After': '1' } }])
        it(`although a request fails: ${JSON.stringify(fault)}`, async () => {
            const of = project(150);
            hub.addFault({ match: 'POST /v2/import/labels', ...fault });
            hub.addFault({ match: /^GET .*\/assets/, ...fault });
            await message(run(of));
            eachOnce(of, names(150));
        });
    it('also of labels without objects, which Hub has once however often they come', async () => {
        const of = project(30),
            answer = { classifications: [{ schemaId: 'c', answer: 'red' }] };
        hub.addFault({ match: 'POST /v2/import/labels', after: true, action: 'drop' });
        await message(run(of, { answer }));
        assert.deepEqual([of.labels.length, of.view().doubles.labels], [30, {}]);
    });
});

describe('while the project changes', () => {
    /** Runs a batch in which something happens after each page. */
    async function during(of, change) {
        const session = run(of);
        for (let seen = 0; hub.session(session).state === 'running'; seen = pages(of)) {
            await until(() => pages(of) > seen || hub.session(session).state !== 'running', 'the next page');
            if (pages(of) > 1) change(pages(of));
        }
        return message(session);
    }
    it('assets that are added are labelled too, none twice, none left out', async () => {
        const of = project(480);
        let next = 480;
        await during(of, (seen) => {
            if (seen < 6) of.records.push(...Array.from({ length: 37 }, () => record(next++)));
        });
        assert.ok(next > 480);
        eachOnce(of, names(next));
    });
    it('deleted assets do not make the run skip others', async () => {
        const of = project(480),
            gone = new Set();
        await during(of, (seen) => {
            if (seen >= 6) return;
            for (const place of [0, 3, 250, 300].map((at) => at + 10 * seen))
                if (of.records[place]) gone.add(of.deleteRecord(place).externalId);
        });
        assert.ok(gone.size > 0);
        assert.deepEqual(of.view().doubles.labels, {});
        const there = of.records.map((one) => one.externalId);
        assert.deepEqual(
            there.filter((one) => !labelled(of).includes(one)),
            [],
        );
    });
});

test('killed ten times at random moments, a run over 5,000 assets labels each once, and all of them', { timeout: 200_000 }, async () => {
    system.angod.allow(hostKilled, linkLost);
    const of = project(5000);
    const slow = [
        hub.addFault({
            match: 'POST /v2/import/labels',
            after: true,
            delayMs: 25,
            status: 200,
            body: { status: 'success', data: {} },
            times: 0,
        }),
        hub.addFault({ match: /^GET .*\/assets/, delayMs: 15, times: 0 }),
    ];
    const session = run(of, {}, {}, 'killed');
    const states = [];
    for (let kill = 0; kill < 10; ++kill) {
        const before = of.labels.length;
        await until(() => of.labels.length > before || hub.session(session).state !== 'running', 'some labels');
        await until(async () => (await system.angod.plugin('killed').catch(() => ({ hosts: [] }))).hosts.length > 0, 'the host');
        const {
            hosts: [{ pid }],
        } = await system.angod.plugin('killed');
        const moment = process.hrtime.bigint() + BigInt(Math.floor(Math.random() * 200e6));
        await until(() => process.hrtime.bigint() > moment, 'a random moment');
        states.push(of.labels.length);
        if (kill % 3 !== 0) await system.angod.kill('SIGKILL');
        if (kill % 3 !== 1 && processExists(pid)) process.kill(pid, 'SIGKILL');
        await until(() => !processExists(pid), 'the end of the host');
        if (kill % 3 !== 0) await system.angod.start();
    }
    assert.equal(hub.session(session).state, 'running', `it was done before the last kill: ${states}`);
    await system.connected();
    for (const id of slow) hub.clearFaults(id);
    const { text } = await message(session, 90_000);
    assert.equal(text, '5,000 of 5,000 assets labelled.');
    eachOnce(of, names(5000));
});

test('the same event again gets the recorded message, and labels nothing', async () => {
    const of = project(4),
        session = run(of);
    const { text, record } = await message(session);
    hub.run(system.id('batch'), { raw: record.event, ack: true });
    await hub.waitFor(() => record.answers.length === 2, 10000, 'the answer again');
    assert.equal(record.answers[1].message.response, text);
    eachOnce(of, names(4));
});
