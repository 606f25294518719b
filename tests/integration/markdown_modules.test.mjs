// Modules of kind Markdown Generator: the results that they may give for a row, and the ways in which they may fail.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fixture, until } from './lib/angod.mjs';
import { Tables, saidIn } from './lib/tables.mjs';

let tables;
before(async () => {
    tables = await Tables.start({
        modules: [fixture('rows')],
        plugins: { rows: { module: 'rows' }, short: { module: 'rows', timeout_s: 1 } },
        config: { limits: { asset_mb: 2 } },
    });
});
after(() => tables?.close());

describe('a module may', () => {
    it('leave rows out', async () => {
        const made = await tables.makes('rows', { csv: 'do\n-\nskip\n-\nskip\n' });
        assert.deepEqual(
            made.assets.map(({ data, externalId }) => [data, externalId]),
            [
                ['row 0', '00000.md'],
                ['row 2', '00002.md'],
            ],
        );
        assert.equal(made.answer, 'Created 2 assets from 4 rows of the CSV; the plugin left out 2 rows.');
    });

    it('name assets and batches itself, which then counts', async () => {
        const project = tables.project(['day']);
        const { assets } = await tables.makes('rows', { csv: 'do,batch\nid:x,day\nbatch:new,day\nbatch:new,night\n-,night\n', project });
        const name = (id) => project.batches.find(({ _id }) => _id === id).name;
        assert.deepEqual(
            assets.map(({ externalId, batches }) => [externalId, ...batches.map(name)]),
            [
                ['x', 'day'],
                ['00001.md', 'new'],
                ['00002.md', 'new'],
                ['00003.md', 'night'],
            ],
        );
        assert.deepEqual(project.view().doubles.batches, {});
    });

    it('label assets', async () => {
        const { project } = await tables.makes('rows', { csv: 'do\n-\nlabels\n' });
        assert.deepEqual(project.labels, [{ externalId: '00001.md', classifications: [{ schemaId: 's', answer: 'a' }] }]);
    });

    it('look at the table until the job has ended', async () => {
        const file = path.join(tables.angod.dir, 'seen');
        await tables.makes('rows', { csv: `do,${file}\n-,\n`, markdown: '<b> & |x|' });
        await until(() => fs.existsSync(file) && fs.readFileSync(file, 'utf8').length > 0, 'the end of the module');
        assert.equal(fs.readFileSync(file, 'utf8'), '<b> & |x|');
    });
});

describe('a run ends with its reason when a module', () => {
    it('refuses the table', () => tables.fails('rows', { csv: 'do\n-\n', markdown: 'refuse' }, /^The text says no\.$/));
    it('refuses a row', () => tables.fails('rows', { csv: 'do\n-\nfail\n' }, /^This row cannot be used\.$/));
    for (const what of ['throw', 'throw a number'])
        it(`does as "${what}" says`, () => tables.fails('rows', { csv: `do\n${what}\n` }, /^The plugin met an unexpected problem\.$/));
    it('makes more of a row than the limit', () =>
        tables.fails(
            'rows',
            { csv: 'do\n-\nlarge:2097153\n' },
            /^Row 3 of the CSV gives an asset longer than 2 MB, which limits\.asset_mb allows\.$/,
        ));
    it('takes too long', async () => {
        tables.angod.allow(/reached its time-out and is asked to stop$/);
        await tables.fails('short', { csv: 'do\n-\nwait\n' }, /^The plugin did not finish within its limit of 1 second and was stopped\.$/);
    });
});

it('uploads of large assets are no larger than some megabytes', async () => {
    const made = await tables.makes('rows', { csv: `do\n${'large:2000000\n'.repeat(12)}` });
    assert.equal(made.assets.length, 12);
    assert.ok(
        made.project.cloudCalls.every(({ count }) => count <= 5),
        JSON.stringify(made.project.cloudCalls.map(({ count }) => count)),
    );
    assert.deepEqual(saidIn(made.record, 'WARNING'), []);
});
