// The limits of the configuration: each ends the run with a sentence that names it, and no file is left on the disk.
import assert from 'node:assert/strict';
import { after, before, describe, it, test } from 'node:test';
import { example, fixture, module_, until } from './lib/angod.mjs';
import { Exporting } from './lib/exporting.mjs';
import { doesNotStop, timedOut } from './lib/lines.mjs';
import { bomb } from './lib/zips.mjs';

let system;
before(async () => {
    system = await Exporting.start({
        modules: [example('export_lines_cpp'), fixture('exporter'), module_('export_coco')],
        plugins: {
            lines: { module: 'export-lines-cpp' },
            tricks: { module: 'exporter' },
            coco: { module: 'export-coco' },
            hasty: { module: 'exporter', timeout_s: 3 },
        },
        config: { limits: { spool_mb: 4, unzip_mb: 8, asset_mb: 1 } },
    });
});
after(() => system.close());

const fails = async (plugin, fields, extra, sentence) =>
    system.failed(await system.run(plugin, system.project(fields), { extra }), sentence);
const recordOf = (bytes) => `{"a":"${'x'.repeat(bytes - 8)}"}`;

describe('limits.unzip_mb', { concurrency: 8 }, () => {
    it('is not passed by a zip that is small itself', () =>
        fails('lines', { zip: bomb(64, '{"a":1}\n') }, {}, /larger than 8 MB unzipped, which limits\.unzip_mb allows/));
    it('is not passed by ten gigabytes of blanks', () =>
        fails('lines', { zip: bomb(10_000, '\n') }, {}, /larger than 8 MB unzipped, which limits\.unzip_mb allows/));
    it('leaves an export alone that is just as large', async () => {
        const line = recordOf(512 * 1024 - 1);
        const record = await system.run('lines', system.project({ text: `${line}\n`.repeat(16) }));
        assert.equal(system.result(record).records.length, 16);
    });
});

describe('limits.asset_mb', { concurrency: 8 }, () => {
    it('is the longest line', () =>
        fails(
            'lines',
            { text: `{}\n${recordOf(2 ** 20 + 1)}\n{}` },
            {},
            /asset at byte 3 of the export is longer than 1 MB, which limits\.asset_mb allows/,
        ));
    it('is the longest first line', () =>
        fails('lines', { text: `${recordOf(2 ** 20 + 1)}\n{}` }, {}, /asset at byte 0 of the export is longer than 1 MB/));
    it('is the longest element', () =>
        fails('lines', { text: `[{},${recordOf(2 ** 20 + 1)}]` }, {}, /asset at byte 4 of the export is longer than 1 MB/));
    it('is seen in a line that never ends', () =>
        fails('lines', { zip: bomb(6, '{"a":') }, {}, /asset at byte 0 of the export is longer than 1 MB/));
    it('leaves a record alone that is just as long', async () => {
        const records = [recordOf(2 ** 20), '{}', recordOf(2 ** 20)];
        assert.deepEqual(system.result(await system.run('lines', system.project({ text: records.join('\n') }))).records, records);
    });
});

describe('limits.spool_mb', { concurrency: 8 }, () => {
    const sentence = /limits\.spool_mb/;
    it('is the largest result', () => fails('tricks', { text: '{}' }, { trick: 'result-noise', megabytes: 6 }, sentence));
    it('counts the size of the result, not the bytes that the module wrote', async () => {
        const project = system.project({ text: `${recordOf(500_000)}\n`.repeat(15) });
        assert.equal(system.result(await system.run('tricks', project)).records.length, 15);
    });
    it('counts the scratch files of the module', () => fails('tricks', { text: '{}' }, { trick: 'scratch-noise', megabytes: 6 }, sentence));
    it('counts both together', () => fails('tricks', { text: '{}' }, { trick: 'both-noise', megabytes: 3 }, sentence));
    it('does not end a run below it', async () => {
        const records = Array.from({ length: 2000 }, (_, i) => `{"n":${i}}`);
        const result = system.result(
            await system.run('tricks', system.project({ text: records.join('\n') }), { extra: { trick: 'scratch' } }),
        );
        assert.deepEqual(result.names, ['odd.ndjson', 'even.ndjson']);
        assert.deepEqual(
            result.text('odd.ndjson').split('\n').slice(0, -1),
            records.filter((_, i) => i % 2 === 0),
        );
        assert.deepEqual(
            result.text('even.ndjson').split('\n').slice(0, -1),
            records.filter((_, i) => i % 2 === 1),
        );
    });
});

describe('timeout_s', { concurrency: 8 }, () => {
    it('ends a module that listens, without a crash', async () => {
        system.angod.expect(timedOut);
        await fails(
            'hasty',
            { text: '{}\n{}' },
            { trick: 'wait', releaseFile: '/nonexistent' },
            /did not finish within its limit of 3 seconds/,
        );
        await fails(
            'hasty',
            { text: '{}\n{}' },
            { trick: 'scratch', releaseFile: '/nonexistent' },
            /did not finish within its limit of 3 seconds/,
        );
    });
    it('ends a module that does not listen, and the next run works', async () => {
        system.angod.expect(timedOut, doesNotStop);
        await fails(
            'hasty',
            { text: '{}\n{}' },
            { trick: 'deaf', releaseFile: '/nonexistent' },
            /did not finish within its limit of 3 seconds/,
        );
        system.result(await system.run('hasty', system.project({ text: '{}' })));
    });
});

test('nothing of all this is left in the state folder', async () => {
    await system.scratchIsEmpty();
    await until(async () => (await system.angod.get('/v1/status')).jobs.running === 0, 'all jobs to end');
});
