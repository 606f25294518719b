// The processes of exports die or are stopped in the middle: every session gets one answer, and no file or process is left.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { fixture, processExists, until } from './lib/angod.mjs';
import { Exporting, lines } from './lib/exporting.mjs';
import { hostKilled } from './lib/lines.mjs';

const RECORDS = Array.from({ length: 3000 }, (_, i) => `{"n":${i},"text":"${(i * 2654435761).toString(36).repeat(5)}"}`);

let system,
    counter = 0;
before(async () => {
    system = await Exporting.start({
        modules: [fixture('exporter')],
        plugins: { tricks: { module: 'exporter', max_attempts: 2 }, once: { module: 'exporter', max_attempts: 1 } },
        config: { drain_s: 3, crash: { count: 1000 } },
    });
});
after(() => system.close());
afterEach(() => system.scratchIsEmpty());

const project = () => system.project({ text: RECORDS.join('\n'), compressionLevel: 0 });
const newFile = () => system.file(`file-${(counter += 1)}`);
const attempts = (file) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number) : []);
const host = async (name) => (await system.angod.plugin(name)).hosts[0].pid;

async function killHost(name) {
    system.angod.expect(hostKilled);
    const pid = await host(name);
    process.kill(pid, 'SIGKILL');
    await until(() => !processExists(pid), 'the end of the host');
}

async function killAngod() {
    const pids = await system.angod.hosts();
    await system.angod.kill('SIGKILL');
    await until(() => !pids.some(processExists), 'the end of the hosts, which live no longer than angod');
    await system.hub.waitFor(
        () => Object.values(system.plugins).every(({ id }) => system.hub.plugin(id).live === 0),
        10000,
        'the lost connections',
    );
}

/** A run that waits in the middle of the module: the session, and the file that records its attempts. */
async function inTheMiddle(name, of, extra = {}) {
    const countFile = newFile();
    const session = system.begin(name, of, { extra: { trick: 'wait-once', releaseFile: newFile(), countFile, ...extra } });
    await until(() => attempts(countFile).length === 1 && system.scratch().length === 1, 'the module to run');
    return { session, countFile };
}

/** Asserts that no answer came twice, after everything that was sent has arrived. */
async function answeredOnce(session) {
    await until(async () => (await system.angod.get('/v1/status')).jobs.answering === 0, 'the delivery');
    assert.equal(system.hub.session(session).answers.length, 1);
    assert.deepEqual(system.hub.strays, []);
}

test('a host that is killed in the middle costs one attempt, and the next one delivers', async () => {
    system.angod.expect(hostKilled);
    const of = project();
    const { session, countFile } = await inTheMiddle('tricks', of);
    await killHost('tricks');
    const record = await system.ended(session);
    assert.deepEqual(system.result(record).records, RECORDS);
    assert.deepEqual(attempts(countFile), [1, 2]);
    assert.equal(lines(record, 'WARNING').filter((line) => /crashed.*Trying again/.test(line)).length, 1);
    await answeredOnce(session);
});

test('a host that is killed in the last attempt ends the run with a reason', async () => {
    const { session } = await inTheMiddle('once', project());
    await killHost('once');
    system.failed(await system.ended(session), /The plugin crashed while it was working on this run\./);
    await answeredOnce(session);
});

test('a host that is killed during the download asks again', async () => {
    system.angod.expect(hostKilled);
    const of = project();
    system.fault(of, 'download', { action: 'slow', bytesPerSecond: 50_000 });
    const session = system.begin('tricks', of);
    await system.hub.waitFor(() => system.requests(of, 'download').length === 1, 10000, 'the download');
    await until(() => system.scratch().length === 1, 'the scratch folder');
    await killHost('tricks');
    assert.deepEqual(system.result(await system.ended(session)).records, RECORDS);
    assert.equal(system.requests(of, 'ask').length, 2);
});

test('a host that is killed during the upload does all again, and nothing half is kept', async () => {
    system.angod.expect(hostKilled);
    const of = project();
    system.fault(of, 'upload', { action: 'slow', bytesPerSecond: 5000 });
    const session = system.begin('tricks', of);
    await system.hub.waitFor(() => system.requests(of, 'upload').length === 1, 10000, 'the upload');
    await killHost('tricks');
    const { upload, records } = system.result(await system.ended(session));
    assert.deepEqual([upload.puts, records], [1, RECORDS]);
});

test('angod killed in the middle costs no attempt: the run is done after the restart', async () => {
    const of = project(),
        releaseFile = newFile();
    const { session, countFile } = await inTheMiddle('once', of, { trick: 'wait', releaseFile });
    await killAngod();
    fs.writeFileSync(releaseFile, '');
    await system.up();
    assert.deepEqual(system.result(await system.ended(session)).records, RECORDS);
    assert.deepEqual(attempts(countFile), [1, 1]);
    await answeredOnce(session);
});

test('temporary files of a run that a kill of angod interrupted are gone after the restart', async () => {
    const releaseFile = newFile();
    const { session } = await inTheMiddle('once', project(), { trick: 'scratch', releaseFile });
    assert.ok(fs.readdirSync(`${system.angod.stateDir}/scratch/${system.scratch()[0]}`).length > 0);
    const [old] = system.scratch();
    fs.mkdirSync(`${system.angod.stateDir}/scratch/left-by-an-older-angod`);
    await killAngod();
    fs.writeFileSync(releaseFile, '');
    await system.up();
    assert.ok(!system.scratch().includes('left-by-an-older-angod'), `${old} ${system.scratch()}`);
    system.result(await system.ended(session));
    await system.scratchIsEmpty();
});

test('a run that ends while angod drains is answered before angod ends', async () => {
    const releaseFile = newFile();
    const { session } = await inTheMiddle('once', project(), { trick: 'wait', releaseFile });
    const end = system.angod.kill('SIGTERM');
    await until(async () => (await system.angod.get('/v1/status').catch(() => ({}))).state === 'draining', 'draining');
    fs.writeFileSync(releaseFile, '');
    assert.deepEqual(await end, { code: 0, signal: null });
    const record = system.hub.session(session);
    assert.deepEqual(system.result(record).records, RECORDS);
    await system.up();
    await answeredOnce(session);
});

test('a run that does not end in time to drain is done after the next start, at no cost', async () => {
    const releaseFile = newFile();
    const { session, countFile } = await inTheMiddle('once', project(), { trick: 'wait', releaseFile });
    assert.deepEqual(await system.angod.kill('SIGTERM'), { code: 0, signal: null });
    assert.deepEqual([system.scratch(), system.hub.session(session).state], [[], 'running']);
    fs.writeFileSync(releaseFile, '');
    await system.up();
    assert.deepEqual(system.result(await system.ended(session)).records, RECORDS);
    assert.deepEqual(attempts(countFile), [1, 1]);
    await answeredOnce(session);
});

test('a run that angod cannot even ask to stop does not hold it up', async () => {
    const releaseFile = newFile();
    const { session } = await inTheMiddle('once', project(), { trick: 'deaf', releaseFile });
    assert.deepEqual(await system.angod.kill('SIGTERM'), { code: 0, signal: null });
    fs.writeFileSync(releaseFile, '');
    await system.up();
    system.result(await system.ended(session));
    await answeredOnce(session);
});
