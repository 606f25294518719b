// A full disk for each kind of file that angod writes: there is one clear message, nothing is lost, and everything works when
// there is room again. The cases for the records of events and answers are in store.test.mjs.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { Angod, example, fixture, module_, until } from './lib/angod.mjs';
import { Exporting, lines } from './lib/exporting.mjs';
import { assertWell } from './lib/neighbour.mjs';
import { SmallDisk, withoutSmallDisks as skip } from './lib/small_disk.mjs';
import { startStorage } from './lib/storage.mjs';
import { zipOf } from './lib/zips.mjs';

const FULL = 'the disk of the machine that runs the plugins is full. Tell its operator.';
const notRecorded =
    /^the answer could not be recorded \(the job store: database or disk is full\); it is sent all the same and recorded when that works$/;
const asset =
    '{"asset":"https://files.example.test/a.jpg","externalId":"a.jpg","metadata":{"width":10,"height":10},"task":{"taskId":"t","tools":[]}}';

describe('a disk that fills up during an export', { skip }, () => {
    let disk, system, good;
    before(async () => {
        disk = SmallDisk.mount(24);
        system = await Exporting.start({
            modules: [fixture('exporter'), module_('export_coco'), example('export_lines_cpp')],
            plugins: {
                tricks: { module: 'exporter' },
                coco: { module: 'export-coco' },
                again: { module: 'exporter', max_attempts: 2 },
                neighbour: { module: 'export-lines-cpp' },
            },
            stateDir: disk.dir,
        });
        good = system.project({ text: asset });
    });
    afterEach(() => disk.free());
    after(async () => {
        await system.close();
        disk.remove();
    });

    /** The job's record after its end was recorded. */
    const job = (session) =>
        until(
            async () =>
                (await system.angod.jobs('?limit=1000')).find((one) => one.session === JSON.stringify(session) && one.state === 'failed'),
            'the record of the end',
        );

    async function failsFull(record, problem) {
        system.failed(record, new RegExp(`^${FULL.replaceAll('.', '\\.')}$`));
        disk.free();
        const { problem: text } = await job(record.session);
        assert.equal(text.slice(0, FULL.length), FULL);
        assert.match(text.slice(FULL.length), problem);
        assert.ok(system.angod.log.some(({ level, msg }) => level === 'error' && msg === `the run failed: ${text}`));
        await system.scratchIsEmpty();
        for (const plugin of ['tricks', 'coco']) system.result(await system.run(plugin, good));
        await assertWell(system.hub, system.plugins.neighbour.id, { projectId: good.id });
    }

    /** A run whose export is served when the disk is full. */
    async function fullBeforeDownload(plugin, extra) {
        const project = system.project({ text: '' });
        const storage = await startStorage((_request, response) => {
            disk.fill();
            response.end(zipOf([{ name: 'export.ndjson', data: asset }]));
        });
        system.fault(project, 'ask', { body: { status: 'success', data: { exportPath: storage.url } } });
        try {
            return await system.run(plugin, project, { extra });
        } finally {
            await storage.close();
        }
    }

    it('by its result', async () =>
        failsFull(
            await system.run('tricks', good, { extra: { trick: 'result-noise', megabytes: 40 } }),
            /^ \(the disk of the machine that runs the plugins is full \(cannot write to \S+\/result\S*\)\)$/,
        ));

    it('by a scratch file of the module', async () =>
        failsFull(
            await system.run('tricks', good, { extra: { trick: 'scratch-noise', megabytes: 40 } }),
            /^ \(.*cannot write to \S+\/scratch-1\)/,
        ));

    it('by something else, so that the report cannot be written', async () => {
        system.angod.allow(notRecorded); // unless there is room before that
        await failsFull(await fullBeforeDownload('coco'), /^ \(.*cannot (write to|create the temporary file) \S+\/\S+/);
    });

    it('after the upload, so that it cannot be noted: the run succeeds with a warning, and its answer is recorded later', async () => {
        system.angod.expect(notRecorded);
        const before = system.angod.log.length; // another run may have caused the same line
        const project = system.project({ text: asset });
        const storage = await startStorage((_request, response) => {
            disk.fill();
            response.end();
        });
        system.fault(project, 'uploadUrl', { status: 201, body: { status: 'success', data: { uploadUrl: storage.url } }, times: 0 });
        system.fault(project, 'signedUrl', { body: { status: 'success', data: { signedUrl: 'https://files.example.test/done' } } });
        const record = await system.run('coco', project);
        await storage.close();
        assert.deepEqual(
            record.answers.map(({ message }) => message.response),
            ['https://files.example.test/done'],
        );
        assert.match(lines(record, 'WARNING').at(-1), /^could not save that the result is uploaded: .*full/);
        await until(
            () => system.angod.log.slice(before).some(({ level, msg }) => level === 'error' && notRecorded.test(msg)),
            'the log to say so',
        );
        disk.free();
        await until(
            async () => (await system.angod.jobs()).find((one) => one.session === JSON.stringify(record.session)).state === 'done',
            'the answer to be recorded',
        );
        await assertWell(system.hub, system.plugins.neighbour.id, { projectId: good.id });
    });

    it('and a run that may be tried again says that it is', { timeout: 120_000 }, async () => {
        system.angod.expect(new RegExp(`^attempt 1 of 2 failed: ${FULL.replaceAll('.', '\\.')} `));
        const session = system.begin('again', good, { extra: { trick: 'result-noise', megabytes: 40 } });
        const line = await until(() => lines(system.hub.session(session), 'WARNING')[0], 'the first attempt to fail', 30_000);
        assert.equal(line, `${FULL} Trying again.`);
        await system.scratchIsEmpty();
        await assertWell(system.hub, system.plugins.neighbour.id, { projectId: good.id });
        assert.equal((await system.angod.plugin('again')).queued, 1, 'it waits for its second attempt');
    });
});

describe('a disk that is full at the start', { skip }, () => {
    it('has no room for the copy of a module: that one is refused, the others work', async () => {
        const disk = SmallDisk.mount(8);
        const big = Buffer.concat([fs.readFileSync(fixture('exporter')), Buffer.alloc(12e6)]); // bytes behind an ELF file have no meaning
        let system;
        try {
            system = await Exporting.start({
                modules: [example('export_lines_cpp')],
                plugins: { neighbour: { module: 'export-lines-cpp' } },
                stateDir: disk.dir,
                prepare: (angod) => {
                    fs.writeFileSync(path.join(angod.moduleDir, 'big_one.so'), big, { mode: 0o755 });
                    angod.config.plugins.push({ name: 'big', id: 'big', secret: 'no-secret', module: 'big-one' });
                    const why = 'cannot write \\S+/big_one\\.so: No space left on device$';
                    // While the big file is written, nothing else has room either.
                    angod.allow(
                        /^cannot save the history of module export-lines-cpp; will retry: the job store: database or disk is full$/,
                    );
                    angod.expect(
                        new RegExp(`^module refused: ${why}`),
                        new RegExp(`^not connected: no module "big-one" in the module folders is ready; a file was refused: ${why}`),
                    );
                },
            });
            const { state, reason } = await until(async () => {
                const view = await system.angod.plugin('big');
                return view.reason !== '' && view;
            }, 'the reason');
            assert.equal(state, 'no-module');
            assert.match(
                reason,
                /^no module "big-one" in the module folders is ready; a file was refused: cannot write \S+big_one\.so: No space left on device$/,
            );
            assert.deepEqual(fs.readdirSync(path.join(disk.dir, 'staged')).length, 1, 'nothing of it is left');
            await assertWell(system.hub, system.plugins.neighbour.id, { projectId: system.project({ text: asset }).id });
        } finally {
            await system?.close();
            disk.remove();
        }
    });

    it('has no room for a new store: angod ends with code 1 and says so, and starts once there is room', async () => {
        const disk = SmallDisk.mount(8);
        disk.fill();
        const hub = { url: 'http://127.0.0.1:1', apiUrl: 'http://127.0.0.1:1' };
        const angod = new Angod(hub, { plugins: [], stateDir: disk.dir });
        angod.expect(
            new RegExp(
                `^cannot start: ${disk.dir}/jobs\\.db: the job store: database or disk is full; ${disk.dir} has only 0 MB of free space; make room until at least 16 MB are free$`,
            ),
        );
        await assert.rejects(angod.start(), /ended at start/);
        assert.equal((await angod.exited).code, 1);
        const said = angod.log.filter(({ level }) => level === 'error').map(({ msg }) => msg);
        assert.equal(said.length, 1, angod.logText);
        assert.match(said[0], new RegExp(`^cannot start: .*${disk.dir}.*(full|No space left on device)`));
        disk.free();
        await angod.start();
        await angod.close();
        disk.remove();
    });

    it('has an existing store: recorded runs are kept, new ones are refused with the reason', async () => {
        const disk = SmallDisk.mount(8);
        const system = await Exporting.start({
            modules: [fixture('exporter')],
            plugins: { neighbour: { module: 'exporter' } },
            stateDir: disk.dir,
        });
        const project = system.project({ text: `${asset}\n${asset}` });
        const releaseFile = system.file('release');
        const session = system.begin('neighbour', project, { ack: true, extra: { trick: 'wait', releaseFile } });
        await system.hub.waitFor(() => system.hub.session(session).acked, 10_000, 'the record of the event');
        await system.angod.kill('SIGKILL');
        disk.fill();
        system.angod.expect(
            /^a run could not be recorded: the job store: database or disk is full$/,
            /^cannot save the history of module exporter; will retry: .*disk is full$/,
            /^the store does not tell which runs angod's last end interrupted: the job store: database or disk is full$/,
        );
        await system.up();
        const refused = await system.run('neighbour', project);
        assert.deepEqual(
            refused.answers.map(({ message }) => message),
            [{ error: true, session: refused.session }],
        );
        assert.match(lines(refused, 'ERROR').join('\n'), /^The plugin cannot take this run: .*full.*\.$/);
        disk.free();
        fs.writeFileSync(releaseFile, '');
        assert.equal(system.result(await system.ended(session)).records.length, 2);
        system.result(await system.run('neighbour', project));
        await system.close();
        disk.remove();
    });
});
