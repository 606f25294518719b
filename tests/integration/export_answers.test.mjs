// One run, one answer: the answers that Hub gets from parallel runs, from repeated runs, and from modules with mistakes.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, it, test } from 'node:test';
import { example, fixture, until } from './lib/angod.mjs';
import { Exporting, lines } from './lib/exporting.mjs';

let system,
    counter = 0;
before(async () => {
    system = await Exporting.start({
        modules: [example('export_lines_c'), example('export_lines_cpp'), fixture('exporter')],
        plugins: {
            c: { module: 'export-lines-c', concurrency: 2 },
            cpp: { module: 'export-lines-cpp' },
            tricks: { module: 'exporter' },
            two: { module: 'exporter', concurrency: 2 },
        },
    });
});
after(() => system.close());

const hex = (text) => Buffer.from(text).toString('hex');
const newFile = () => system.file(`file-${(counter += 1)}`);
const runs = (file) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').length - 1 : 0);
const tricks = (extra, fields = { text: '{"n":1}\n{"n":2}\n' }) => system.run('tricks', system.project(fields), { extra });

test('the smallest modules in C and in C++ make the same of every asset', async () => {
    const fields = { assets: 200, seed: 12 };
    const [c, cpp] = await Promise.all(['c', 'cpp'].map((name) => system.run(name, system.project(fields))));
    assert.equal(system.result(c).text('assets.ndjson'), system.result(cpp).text('assets.ndjson'));
    assert.equal(system.result(c).records.length, 200);
});

test('the answer is {export, response, session}, and comes after all lines of the log', async () => {
    const project = system.project();
    const record = await system.run('cpp', project);
    system.result(record); // checks the form
    assert.ok(record.logs.length >= 3);
    assert.ok(record.logs.every((line) => line.at <= record.answers[0].at));
    for (const { organization, pluginId, runBy, session } of record.logs)
        assert.deepEqual(
            [organization, pluginId, runBy, session],
            [record.event.orgId, system.plugins.cpp.id, record.event.runBy, record.session],
        );
});

test('as many exports as the configuration says run at once, and the next one waits for its turn', async () => {
    const releaseFile = newFile(),
        countFile = newFile();
    const sessions = [1, 2, 3].map(() =>
        system.begin('two', system.project({ text: '{}\n{}' }), { extra: { trick: 'wait', releaseFile, countFile } }),
    );
    await until(async () => (await system.angod.plugin('two')).running === 2 && runs(countFile) === 2, 'two runs at once');
    assert.equal((await system.angod.plugin('two')).queued, 1);
    fs.writeFileSync(releaseFile, '');
    for (const session of sessions) system.result(await system.ended(session));
    assert.equal(runs(countFile), 3);
});

test('a module that works on one job at a time gets a process for each of two', async () => {
    const projects = [1, 2].map(() => system.project({ assets: 400 }));
    for (const project of projects) system.fault(project, 'download', { action: 'slow', bytesPerSecond: 30_000 });
    const sessions = projects.map((project) => system.begin('c', project));
    await until(async () => (await system.angod.plugin('c')).running === 2, 'two runs at once');
    await until(async () => (await system.angod.plugin('c')).hosts.length === 2, 'two processes');
    for (const session of sessions) assert.equal(system.result(await system.ended(session)).records.length, 400);
});

test('the same event again, while the first is running, joins it', async () => {
    const project = system.project({ text: '{}\n{}' }),
        releaseFile = newFile(),
        countFile = newFile();
    const session = system.begin('tricks', project, { extra: { trick: 'wait', releaseFile, countFile } });
    await until(() => runs(countFile) === 1, 'the module to run');
    const { event } = system.hub.session(session);
    system.hub.run(system.plugins.tricks.id, { raw: event, ack: true });
    await system.hub.waitFor(() => system.hub.session(session).acked, 10000, 'the acknowledgement of the second');
    fs.writeFileSync(releaseFile, '');
    system.result(await system.ended(session));
    assert.deepEqual([runs(countFile), system.requests(project, 'ask').length], [1, 1]);
});

test('the same event again, soon after, gets the recorded answer without a second export', async () => {
    const project = system.project();
    const first = await system.run('cpp', project);
    system.result(first);
    system.hub.run(system.plugins.cpp.id, { raw: first.event });
    const record = await system.ended(first.session);
    await system.hub.waitFor(() => record.answers.length === 2, 10000, 'the second answer');
    assert.deepEqual(record.answers[1].message, record.answers[0].message);
    assert.equal(system.requests(project, 'ask').length, 1);
});

test('a new run of the same project is a new export', async () => {
    const project = system.project();
    for (let i = 0; i < 2; i += 1) system.result(await system.run('cpp', project));
    assert.equal(system.requests(project, 'ask').length, 2);
});

describe('a module that fails', { concurrency: 8 }, () => {
    it('tells the user its sentence, and the operator its details', async () => {
        const record = await tricks({ trick: 'fail' });
        system.failed(record, /^The classes of this project do not fit\.$/);
        assert.ok(!JSON.stringify(record.logs).includes('details for the operator'));
        await until(() => system.angod.logText.includes('details for the operator'), 'the details in the log');
    });

    const names = {
        'that leads outside': '../up',
        'of the root': '/etc/x',
        'with an empty part': 'a//b',
        'with a dot': 'a/./b',
        'that is empty': '',
        'that is a folder': 'a/',
        'with a backslash': 'a\\b',
        'with a control character': 'a\u0007b',
        'that is ..': '..',
    };
    for (const [what, name] of Object.entries(names)) {
        it(`by an entry ${what} gets no result uploaded`, async () => {
            const project = system.project({ text: '{}' });
            const record = await system.run('tricks', project, { extra: { trick: 'entry', entryName: hex(name) } });
            system.failed(record, /the module gave an entry of the result the name ".*": /);
            assert.equal(system.requests(project, 'uploadUrl').length, 0);
        });
    }
    it('by an entry that is no UTF-8', async () => system.failed(await tricks({ trick: 'entry', entryName: 'ff41' }), /it is not UTF-8/));
    it('by one name twice', async () =>
        system.failed(await tricks({ trick: 'entry-twice' }), /two entries of the result the same name "a"/));
    it('by writing before an entry is open', async () => system.failed(await tricks({ trick: 'write-first' }), /while no entry was open/));
    it('and does not notice fails all the same', async () =>
        system.failed(await tricks({ trick: 'overlook' }), /the name "\.\.\/outside"/));
});

test('a module that stops before the end delivers, and the user is told', async () => {
    const record = await tricks({ trick: 'one' }, { text: '{"n":1}\n'.repeat(50_000) });
    assert.equal(system.result(record).records.length, 1);
    assert.ok(lines(record, 'WARNING').some((line) => /stopped after 1 assets?, before the end/.test(line)));
});

test('a module that writes nothing delivers an empty zip', async () => {
    const record = await tricks({ trick: 'nothing' });
    assert.equal(record.state, 'answered');
    const { path } = system.hub.files.find(record.answers[0].message.response);
    assert.equal(fs.readFileSync(path).toString('latin1', 0, 4), 'PK\x05\x06');
});

test('entries may have any name that is one, and be many', async () => {
    const result = system.result(await tricks({ trick: 'entry', entryName: hex('Ordner/日本語 🚗/a b..txt') }));
    assert.deepEqual(result.names, ['Ordner/日本語 🚗/a b..txt', 'assets.ndjson']);
});
