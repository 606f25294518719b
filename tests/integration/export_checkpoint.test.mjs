// A kill between upload and answer: the work is done, and only the signed URL is missing.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { fixture, processExists, until } from './lib/angod.mjs';
import { Exporting, lines } from './lib/exporting.mjs';
import { hostKilled } from './lib/lines.mjs';

const RECORDS = ['{"n":1}', '{"n":2}'];

let system,
    counter = 0;
before(async () => {
    system = await Exporting.start({
        modules: [fixture('exporter')],
        plugins: { tricks: { module: 'exporter', max_attempts: 2 }, once: { module: 'exporter' } },
    });
});
after(() => system.close());
afterEach(() => system.scratchIsEmpty());

const runs = (file) => fs.readFileSync(file, 'utf8').split('\n').length - 1;

/** A run that has uploaded its result and waits for a signed URL that does not come. */
async function uploaded(name) {
    const project = system.project({ text: RECORDS.join('\n') }),
        countFile = system.file(`file-${(counter += 1)}`);
    system.fault(project, 'signedUrl', { action: 'hang' });
    const session = system.begin(name, project, { extra: { countFile } });
    await system.hub.waitFor(() => system.requests(project, 'signedUrl').length === 1, 20000, 'the request for the signed URL');
    return { project, countFile, session };
}

async function killHost(name) {
    system.angod.expect(hostKilled);
    const [{ pid }] = (await system.angod.plugin(name)).hosts;
    process.kill(pid, 'SIGKILL');
    await until(() => !processExists(pid), 'the end of the host');
}

const counts = (project) => ['ask', 'download', 'uploadUrl', 'upload', 'signedUrl'].map((step) => system.requests(project, step).length);

test('after a kill of the host the result is not made again', async () => {
    const { project, countFile, session } = await uploaded('tricks');
    await killHost('tricks');
    assert.deepEqual(system.result(await system.ended(session)).records, RECORDS);
    assert.deepEqual([...counts(project), runs(countFile)], [1, 1, 1, 1, 2, 1]);
});

test('after a kill of angod the result is not made again, and no attempt is charged', async () => {
    const { project, countFile, session } = await uploaded('once');
    const pids = await system.angod.hosts();
    await system.angod.kill('SIGKILL');
    await until(() => !pids.some(processExists), 'the end of the hosts');
    await system.hub.waitFor(() => system.hub.plugin(system.plugins.once.id).live === 0, 10000, 'the lost connection');
    await system.up();
    assert.deepEqual(system.result(await system.ended(session)).records, RECORDS);
    assert.deepEqual([...counts(project), runs(countFile)], [1, 1, 1, 1, 2, 1]);
});

test('an uploaded file that Hub no longer knows is made again', async () => {
    const { project, countFile, session } = await uploaded('tricks');
    system.fault(project, 'signedUrl', { status: 404, body: { status: 'fail', message: 'no such file' } });
    await killHost('tricks');
    const record = await system.ended(session);
    assert.deepEqual(system.result(record).records, RECORDS);
    assert.equal(runs(countFile), 2);
    assert.deepEqual(counts(project).slice(0, 4), [2, 2, 2, 2]);
    assert.ok(lines(record, 'WARNING').some((line) => /no such file.*Starting again/.test(line)));
});

/** All bytes of the job store. */
const store = () =>
    Buffer.concat(
        fs
            .readdirSync(system.angod.stateDir)
            .filter((name) => name.includes('.db') || name.includes('sqlite'))
            .map((name) => fs.readFileSync(`${system.angod.stateDir}/${name}`)),
    );

test('the checkpoint holds no secret that survives the run', async () => {
    const { session, project } = await uploaded('tricks');
    assert.ok(!store().includes('X-Method=PUT'), 'the signature of the upload is needed no more');
    await killHost('tricks');
    const record = await system.ended(session);
    system.result(record);
    const { query } = system.requests(project, 'signedUrl')[0];
    assert.equal(new URL(query.name).search, '', 'Hub is asked for the file, not for an address that expires');
    assert.ok(store().length > 0);
    await until(() => !store().includes(record.event.apiKey), 'the API key to be erased');
});
