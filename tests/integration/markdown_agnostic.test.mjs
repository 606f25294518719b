// The module markdown-agnostic: all its options, and its errors for options that do not fit the table.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { module_ } from './lib/angod.mjs';
import { Tables, saidIn } from './lib/tables.mjs';

let tables;
before(async () => {
    tables = await Tables.start({
        modules: [module_('markdown_agnostic')],
        plugins: {
            agnostic: { module: 'markdown-agnostic' },
            set: { module: 'markdown-agnostic', settings: { title_spacing: 3, upload_batch_size: 7 } },
        },
    });
});
after(() => tables.close());

const made = (csv, config, plugin = 'agnostic') => tables.makes(plugin, { csv, config });
const first = async (csv, config, plugin) => (await made(csv, config, plugin)).assets[0].data;
const frame = (address) => `<iframe src='${address}' sandbox='allow-scripts' style='width:100%;height:400px;border:0'></iframe>`;
const section = (name, cell, spacing = 15) =>
    `<section style='margin:0 0 1em 0'><h1 style='margin:0 0 ${spacing}px 0'>${name}</h1><div>${cell}</div></section>`;

describe('every cell of a row is shown', () => {
    it('below its name, and what it holds is text', async () => {
        const data = await first('a,<b>\n"x\r\n# & <i>\'""\ny",\n', {});
        assert.equal(data, section('a', 'x<br># &amp; &lt;i&gt;&#39;&quot;<br>y') + section('&lt;b&gt;', ''));
    });
    it('as far below as title_spacing says', async () => assert.equal(await first('a\n1\n', { title_spacing: 40 }), section('a', '1', 40)));
    it('as the settings say where the run says nothing', async () => {
        const { assets, record } = await made('a\n1\n', {}, 'set');
        assert.equal(assets[0].data, section('a', '1', 3));
        assert.deepEqual(saidIn(record, 'WARNING'), [
            'Option "upload_batch_size" has no effect in the plugin\'s settings. Set it in the configuration of the run.',
        ]);
    });
    it('but those of ignore_columns, which still name the asset and its batch', async () => {
        const { assets, project } = await made('id,batch,a\nx,day,1\n', { ignore_columns: ['id', 'batch'], external_id_columns: ['id'] });
        assert.deepEqual(
            assets.map(({ data, externalId }) => [data, externalId]),
            [[section('a', '1'), 'x']],
        );
        assert.deepEqual(assets[0].batches, [project.batches[0]._id]);
    });
    it('as a frame in iframe_columns', async () => {
        const csv =
            'a,b,c,d\n"<iframe src=""https://x.test/?a=1&b=2""\nwidth=\'3\'></iframe>","https://x.test/?a=1&b=\'2",<b>no</b>,<iframe>\n';
        assert.equal(
            await first(csv, { iframe_columns: ['a', 'b', 'c'] }),
            section('a', frame('https://x.test/?a=1&amp;b=2')) +
                section('b', frame('https://x.test/?a=1&amp;b=&#39;2')) +
                section('c', '&lt;b&gt;no&lt;/b&gt;') +
                section('d', '&lt;iframe&gt;'),
        );
    });
});

describe('two_columns', () => {
    const cell = (name, value) => `<td style='vertical-align:top'><h1 style='margin:0 0 15px 0'>${name}</h1><div>${value}</div></td>`;
    const table = (left, right, ...rows) =>
        `<table style='width:100%;table-layout:fixed'><colgroup><col style='width:${left}'><col style='width:${right}'></colgroup>${rows.map((row) => `<tr>${row}</tr>`).join('')}</table>`;
    const empty = "<td style='vertical-align:top'></td>";
    it('puts the cells side by side', async () =>
        assert.equal(
            await first('a,b,c\n1,2,3\n', { two_columns: true }),
            table('50%', '50%', cell('a', 1) + cell('b', 2), cell('c', 3) + empty),
        ));
    it('shares the width as two_columns_ratio says', async () =>
        assert.equal(
            await first('a,b\n1,2\n', { two_columns: true, two_columns_ratio: 0.3 }),
            table('30%', '70%', cell('a', 1) + cell('b', 2)),
        ));
});

describe('paired_columns', () => {
    const paired = (config = {}) => ({ paired_columns: true, paired_prefixes: ['old', 'new'], ...config });
    const td = (value) => `<td style='vertical-align:top'>${value}</td>`;
    const table = (...rows) =>
        `<table style='width:100%'><tr><th></th><th>old</th><th>new</th></tr>${rows.map(([name, a, b]) => `<tr><th>${name}</th>${td(a)}${td(b)}</tr>`).join('')}</table>`;
    it('compares what both prefixes have, below the other columns', async () =>
        assert.equal(
            await first('id,new_x,new_y,old_x,old_y,z\n1,nx,ny,ox,oy,5\n', paired()),
            section('id', 1) + section('z', 5) + table(['x', 'ox', 'nx'], ['y', 'oy', 'ny']),
        ));
    it('with frames where they are asked for', async () =>
        assert.equal(
            await first("old_x,new_x\n<iframe src='https://x.test'></iframe>,<b>\n", paired({ iframe_columns: ['old_x', 'new_x'] })),
            table(['x', frame('https://x.test'), '&lt;b&gt;']),
        ));
    it('takes the longer of two prefixes that begin alike', async () =>
        assert.match(
            await first('a_x,a_b_x\n1,2\n', paired({ paired_prefixes: ['a', 'a_b'] })),
            /<th>x<\/th><td[^>]*>1<\/td><td[^>]*>2<\/td>/,
        ));
    it('does not look at ignored columns', async () =>
        assert.equal(
            await first('old_x,note,old_y,new_x,new_y\n1,n,2,3,4\n', paired({ ignore_columns: ['note'] })),
            table(['x', 1, 3], ['y', 2, 4]),
        ));

    for (const [what, csv, config, sentence] of [
        ['one prefix', 'old_x,new_x\n1,2\n', paired({ paired_prefixes: ['old'] }), /^Option "paired_columns" needs two different prefixes/],
        [
            'a prefix twice',
            'old_x,new_x\n1,2\n',
            paired({ paired_prefixes: ['old', 'old'] }),
            /^Option "paired_columns" needs two different prefixes/,
        ],
        [
            'no column with a prefix',
            'old_x,x\n1,2\n',
            paired(),
            /^Option "paired_prefixes" names "new", but no column of the CSV begins with "new_"\.$/,
        ],
        [
            'a group in two places',
            'old_x,z,old_y,new_x,new_y\n1,2,3,4,5\n',
            paired(),
            /^The columns that begin with "old_" must stand side by side, but "z" stands between "old_x" and "old_y"\./,
        ],
        ['a missing counterpart', 'old_x,old_y,new_x\n1,2,3\n', paired(), /^Column "old_y" of the CSV has no counterpart "new_y"\.$/],
        ['another missing counterpart', 'old_x,new_x,new_y\n1,2,3\n', paired(), /^Column "new_y" of the CSV has no counterpart "old_y"\.$/],
        [
            'another order',
            'old_x,old_y,new_y,new_x\n1,2,3,4\n',
            paired(),
            /^The columns of both prefixes must be the same in the same order, but column "old_x" of the CSV stands against "new_y"\.$/,
        ],
    ])
        it(`ends the run with ${what}`, () => tables.fails('agnostic', { csv, config }, sentence));
});

describe('prelabel_columns', () => {
    const csv = 'id,a,b\nx,"one ""1""",two\ny,,\nz,,three\n';
    it('answer the classifications of prelabel_schema_ids, where there is an answer', async () => {
        const { project } = await made(csv, {
            external_id_columns: ['id'],
            prelabel_columns: ['a', 'b'],
            prelabel_schema_ids: ['s-1', 's-2'],
        });
        assert.deepEqual(project.labels, [
            {
                externalId: 'x',
                classifications: [
                    { schemaId: 's-1', answer: 'one "1"' },
                    { schemaId: 's-2', answer: 'two' },
                ],
            },
            { externalId: 'z', classifications: [{ schemaId: 's-2', answer: 'three' }] },
        ]);
    });
    for (const [what, config, sentence] of [
        [
            'lists of different lengths',
            { prelabel_columns: ['a', 'b'], prelabel_schema_ids: ['s-1'] },
            /^Option "prelabel_columns" has 2 entries and "prelabel_schema_ids" 1\. Both must have as many/,
        ],
        [
            'a column that is not there',
            { prelabel_columns: ['c'], prelabel_schema_ids: ['s-1'] },
            /^Option "prelabel_columns" names the column "c", which the CSV does not have/,
        ],
        [
            'an empty schemaId',
            { prelabel_columns: ['a'], prelabel_schema_ids: [''] },
            /^Option "prelabel_schema_ids" has no schemaId for the column "a"\.$/,
        ],
    ])
        it(`ends the run with ${what}`, () => tables.fails('agnostic', { csv, config }, sentence));
});

describe('options that do not fit', () => {
    for (const [what, config, sentence] of [
        [
            'a spacing that is no number',
            { title_spacing: 'wide' },
            /^Option "title_spacing" is "wide", but must be a whole number from 0 to 1000\.$/,
        ],
        ['a ratio above 1', { two_columns_ratio: 1.5 }, /^Option "two_columns_ratio" is 1\.5, but must be a number from 0 to 1\.$/],
        ['a list that is none', { ignore_columns: 'a' }, /^Option "ignore_columns" is "a", but must be a list of texts\.$/],
        ['nothing left to show', { ignore_columns: ['a', 'b'] }, /^Option "ignore_columns" names every column of the CSV/],
    ])
        it(`end the run: ${what}`, () => tables.fails('agnostic', { csv: 'a,b\n1,2\n', config }, sentence));

    it('are warnings where they matter little', async () => {
        const { record } = await made('note,b\n1,2\n', { ignore_columns: ['notes'], iframe_columns: ['zzzz'], two_colums: true });
        assert.deepEqual(saidIn(record, 'WARNING').sort(), [
            'Option "iframe_columns" names the column "zzzz", which the CSV does not have.',
            'Option "ignore_columns" names the column "notes", which the CSV does not have; did you mean "note"?',
            'Option "two_colums" is unknown and has no effect; did you mean "two_columns"?',
        ]);
    });
});
