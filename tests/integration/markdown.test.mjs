// Kind Markdown Generator: the assets that the host makes from a table, a text and options, and its errors for bad input.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { example, module_ } from './lib/angod.mjs';
import { Tables, saidIn } from './lib/tables.mjs';

let tables;
before(async () => {
    tables = await Tables.start({
        modules: [module_('markdown'), example('markdown_rows')],
        plugins: { markdown: { module: 'markdown' }, rows: { module: 'markdown-rows' } },
        config: { limits: { asset_mb: 4 } },
    });
});
after(() => tables.close());

const markdown = (what) => tables.makes('markdown', what);
const texts = ({ assets }) => assets.map(({ data }) => data);
const ids = ({ assets }) => assets.map(({ externalId }) => externalId);
const batchNames = ({ project, assets }) =>
    assets.map(({ batches = [] }) => batches.map((id) => project.batches.find(({ _id }) => _id === id)?.name));
const rows = (n, row) => Array.from({ length: n }, (_, i) => row(i)).join('');

describe('each row becomes an asset', () => {
    it('with its cells in place of |column|, in one upload', async () => {
        const made = await markdown({ csv: 'name,age\nAda,36\nGrace,85\n', markdown: '# |name|\n<b class="x">|age|</b> & |name|' });
        assert.deepEqual(
            made.assets.map(({ data, externalId }) => ({ data, externalId })),
            [
                { data: '# Ada\n<b class="x">36</b> & Ada', externalId: '00000.md' },
                { data: '# Grace\n<b class="x">85</b> & Grace', externalId: '00001.md' },
            ],
        );
        assert.equal(made.answer, 'Created 2 assets from 2 rows of the CSV.');
        assert.deepEqual(
            made.project.cloudCalls.map(({ count, uploadLocal, priority }) => ({ count, uploadLocal, priority })),
            [{ count: 2, uploadLocal: null, priority: 0 }],
        );
        assert.deepEqual(
            made.assets.map(({ batches }) => batches),
            [undefined, undefined],
        );
        assert.equal(made.project.batchCalls.length, 0);
        assert.deepEqual(saidIn(made.record, 'WARNING'), []);
    });

    it('and placeholders in a cell are not replaced', async () =>
        assert.deepEqual(texts(await markdown({ csv: 'a,b\n|b|,*i* &amp; 1 < 2\n', markdown: '|a| |b| |A| | b|' })), [
            '|b| *i* &amp; 1 < 2 |A| | b|',
        ]));

    it('by RFC 4180: quotes, doubled quotes, commas and line ends in quotes, CRLF, a byte order mark, no last line end', async () => {
        const csv = '\ufeffa,b\r\n"x, ""y""","1\r\n2"\r\n"",z\r\n\r\nß,"\u{1f600}"';
        assert.deepEqual(texts(await markdown({ csv, markdown: '[|a|][|b|]' })), ['[x, "y"][1\r\n2]', '[][z]', '[ß][\u{1f600}]']);
    });

    it('by a module of ten lines', async () =>
        assert.deepEqual(texts(await tables.makes('rows', { csv: 'a,b\n1,2\n' })), ['- a: 1\n- b: 2\n']));

    it('whatever base64 looks like', async () => {
        const base64 = Buffer.from('a\n>>>???\nxy\n').toString('base64');
        assert.match(base64, /[+/]/);
        for (const inputFile of [base64, base64.replace(/=+$/, ''), `data:text/csv;base64,${base64}`, base64.replace(/(.{5})/g, '$1\r\n')])
            assert.deepEqual(texts(await markdown({ extra: { inputFile }, markdown: '|a|' })), ['>>>???', 'xy']);
    });

    it('and a placeholder without a column is said once and stays', async () => {
        const made = await markdown({ csv: 'Name\nx\ny\n', markdown: '|name| |Name|\n\n| a | b |\n|---|:-:|' });
        assert.deepEqual(texts(made), ['|name| x\n\n| a | b |\n|---|:-:|', '|name| y\n\n| a | b |\n|---|:-:|']);
        assert.deepEqual(saidIn(made.record, 'WARNING'), [
            'The CSV has no column for |name| in the markdown text. It stays there as it is. Names must be equal, capital letters included. The column "Name" differs from |name| only in upper and lower case.',
        ]);
    });
});

describe('names of assets', () => {
    const csv = 'x,y,z\na,b,c\n,,d\ne,,f\n';
    it('are the cells of external_id_columns with _ between them, or the number of the row if these are empty', async () =>
        assert.deepEqual(ids(await markdown({ csv, markdown: '|z|', config: { external_id_columns: ['y', 'x'] } })), [
            'b_a',
            '00001.md',
            '_e',
        ]));
    it('are the number of the row without that option', async () =>
        assert.deepEqual(ids(await markdown({ csv, markdown: '|z|', config: { external_id_columns: [] } })), [
            '00000.md',
            '00001.md',
            '00002.md',
        ]));
});

describe('batches', () => {
    const csv = 'id,Batch_Name,kind\n1,day,k\n2, dusk ,k\n3,,\n4,dawn,k\n5,day,k\n';
    const of = (options, batches = ['day', 'night']) =>
        markdown({ csv, markdown: '|id|', config: options, project: tables.project(batches) });

    for (const [what, options] of [
        ['found by their usual name', {}],
        ['asked for', { batch_name_column: 'AUTO_DETECT' }],
        ['named', { batch_name_column: 'Batch_Name' }],
    ])
        it(`${what}: those that are missing are made in one call, and the others stay`, async () => {
            const made = await of(options);
            assert.deepEqual(batchNames(made), [['day'], ['dusk'], [], ['dawn'], ['day']]);
            assert.deepEqual(
                made.project.batches.map(({ name }) => name),
                ['day', 'night', 'dawn', 'dusk'],
            );
            assert.equal(made.project.batchCalls.length, 1);
            assert.deepEqual(made.project.batchCalls[0].batches.slice(0, 2), made.project.batches.slice(0, 2));
            assert.equal(made.answer, 'Created 5 assets from 5 rows of the CSV; 2 new batches were added to the project.');
        });

    it('are not made again', async () => {
        const made = await of({}, ['day', 'dusk', 'dawn']);
        assert.equal(made.project.batchCalls.length, 0);
        assert.deepEqual(batchNames(made), [['day'], ['dusk'], [], ['dawn'], ['day']]);
    });

    it('are left alone with IGNORE', async () => {
        const made = await of({ batch_name_column: 'IGNORE' });
        assert.deepEqual(batchNames(made), [[], [], [], [], []]);
        assert.equal(made.project.batchCalls.length, 0);
    });

    it('are in any column that is named', async () =>
        assert.deepEqual(batchNames(await of({ batch_name_column: 'kind' })), [['k'], ['k'], [], ['k'], ['k']]));

    it('are found by their usual name if the column that is named is not there, with a note', async () => {
        const made = await of({ batch_name_column: 'nope' });
        assert.deepEqual(batchNames(made)[0], ['day']);
        assert.deepEqual(saidIn(made.record, 'WARNING'), [
            'The CSV has no column "nope", which option "batch_name_column" names: column "Batch_Name" is used instead.',
        ]);
    });

    it('are made once, though the answer to that call is lost', async () => {
        const project = tables.project(['day']);
        tables.hub.addFault({ match: `POST /v2/batches/${project.id}`, after: true, action: 'drop' });
        const made = await markdown({ csv, markdown: '|id|', project });
        assert.equal(made.project.batchCalls.length, 1);
        assert.deepEqual(made.project.view().doubles.batches, {});
        assert.deepEqual(batchNames(made)[1], ['dusk']);
    });

    it('are not touched when Hub does not say which there are', async () => {
        const project = tables.project(['day']);
        tables.hub.addFault({
            match: `GET /v2/project/${project.id}`,
            status: 200,
            headers: { 'Content-Type': 'application/json' },
            body: '{"status":"success","data":{}}',
        });
        await tables.fails(
            'markdown',
            { csv, markdown: '|id|', project },
            /^Hub's description of the project does not say which batches it has/,
        );
        assert.equal(project.batchCalls.length, 0);
    });
});

describe('a table as a spreadsheet writes it', () => {
    it('is read with its line "sep=", blanks around names, and rows of empty cells', async () => {
        const made = await markdown({
            csv: '\ufeffsep=;\r\nname ;\u00a0text; Batch\r\nfirst;1,5;day\u00a0\r\n;;\r\n ; ;\r\n',
            markdown: '# |name|: |text|',
        });
        assert.deepEqual(texts(made), ['# first: 1,5']);
        assert.deepEqual(batchNames(made), [['day']]);
        assert.deepEqual(saidIn(made.record, 'WARNING'), []);
        assert.ok(
            saidIn(made.record, 'INFO').includes(
                '2 rows of the CSV, of which the first is row 4, have only empty cells and were left out.',
            ),
        );
    });
    it('with two rows of one name is warned of', async () => {
        const made = await markdown({ csv: 'id,x\n7,a\n8,b\n7,c\n', markdown: '|x|', config: { external_id_columns: [' id'] } });
        assert.deepEqual(ids(made), ['7', '8', '7']);
        assert.deepEqual(saidIn(made.record, 'WARNING'), [
            'Rows 2 and 4 of the CSV have the same external ID "7". Hub finds assets by this ID, so labels of one may reach the other.',
        ]);
    });
});

describe('cells are data', () => {
    it('that become no tag and no link to a script', async () => {
        const made = await markdown({
            csv: 'a,b\n<script>1</script>,javascript:1\n',
            markdown: '|a| [x](|b|) <img alt="|a|">',
        });
        assert.deepEqual(texts(made), ['&lt;script>1&lt;/script> [x](about:blank) <img alt="&lt;script&gt;1&lt;/script&gt;">']);
        assert.deepEqual(saidIn(made.record, 'WARNING'), [
            'A cell of the column "b" was left out of a link or an attribute, because it could run a script or change the page there: "javascript:1". Others like it are not named.',
        ]);
    });
    it('so a text that would run one is refused', () =>
        tables.fails(
            'markdown',
            { csv: 'a\n1\n', markdown: '<p onclick="|a|">' },
            /^The markdown text puts the column "a" into the attribute onclick, where a cell would be run as a script\./,
        ));
});

describe('uploads', () => {
    const csv = `a\n${rows(250, (i) => `${i}\n`)}`;
    const sizes = async (config) => (await markdown({ csv, markdown: '|a|', config })).project.cloudCalls.map(({ count }) => count);
    it('are of 100 assets', async () => assert.deepEqual(await sizes({}), [100, 100, 50]));
    it('are as large as upload_batch_size says', async () => assert.deepEqual(await sizes({ upload_batch_size: 120 }), [120, 120, 10]));
    for (const size of [0, -5, null])
        it(`are of 100 assets if it says ${size}`, async () => assert.deepEqual(await sizes({ upload_batch_size: size }), [100, 100, 50]));
    it('are no larger than 1,000 assets, which is said', async () => {
        const made = await markdown({ csv, markdown: '|a|', config: { upload_batch_size: 5000 } });
        assert.deepEqual(
            made.project.cloudCalls.map(({ count }) => count),
            [250],
        );
        assert.deepEqual(saidIn(made.record, 'WARNING'), [
            'Option "upload_batch_size" is 5000: 1000 are sent at a time, which is the most.',
        ]);
    });
    it('come in the order of the rows', async () => {
        const made = await markdown({ csv, markdown: '|a|' });
        assert.deepEqual(
            texts(made),
            Array.from({ length: 250 }, (_, i) => String(i)),
        );
    });
});

describe('a table without rows', () => {
    it('makes nothing, which is said', async () => {
        for (const csv of ['a,b\n', 'a,b', '\ufeffa,b\r\n\r\n']) {
            const made = await markdown({ csv, markdown: '|a|' });
            assert.equal(made.answer, 'Created 0 assets from 0 rows of the CSV.');
            assert.deepEqual(saidIn(made.record, 'WARNING'), [
                'The CSV names columns but has no rows below them: there is nothing to create.',
            ]);
            assert.equal(made.project.cloudCalls.length, 0);
        }
    });
});

describe('one sentence names the mistake, and nothing is created:', () => {
    const good = rows(300, (i) => `${i},x\n`);
    for (const [what, csv, sentence] of [
        ['too few cells', `a,b\n${good}7\n`, /^Row 302 of the CSV has 1 cell, but row 1 names 2 columns\.$/],
        ['too many cells', `a,b\n\n${good}1,2,3\n`, /^Row 303 of the CSV has 3 cells, but row 1 names 2 columns\.$/],
        ['a name twice', 'a,b,a\n1,2,3\n', /^Row 1 of the CSV names two columns "a": 1 and 3\. Rename one\.$/],
        ['columns without a name', 'a,,\n1,2,3\n', /^Row 1 of the CSV gives no name to the columns 2 and 3\. Name or remove them\.$/],
        [
            'semicolons',
            'a;b\n1;2\n',
            /^The names in row 1 of the CSV are separated by semicolons, not by commas\. Save the file as comma-separated CSV\.$/,
        ],
        ['tabs', 'a\tb\n1\t2\n', /separated by tabs/],
        [
            'a zero byte',
            `a,b\n${good}1,\0\n`,
            /^Row 302 of the CSV holds a zero byte in cell 2, so this is not a CSV file\. Save it as CSV \(comma-separated, UTF-8\)\.$/,
        ],
        [
            'a cell larger than the limit',
            `a\n1\n${'x'.repeat(5 << 20)}\n`,
            /^Row 3 of the CSV is longer than 4 MB, which limits\.asset_mb allows\.$/,
        ],
        ['a quoted cell larger than the limit', `a\n"${'""'.repeat(5 << 20)}"\n`, /^Row 2 of the CSV is longer than 4 MB/],
        ['a row of endless commas', `a\n${','.repeat(20000)}\n`, /^Row 2 of the CSV has more than 16384 cells\.$/],
        [
            'text that is not UTF-8',
            Buffer.from(`a,b\n${good}1,caf\xe9\n`, 'latin1'),
            /^Row 302 of the CSV is not UTF-8 text: its cell 2 holds the byte 0xE9, which is "é" in Windows-1252\. Save the file as CSV UTF-8 \(comma-separated\)\.$/,
        ],
        [
            'UTF-16',
            Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'),
            /^The CSV file is UTF-16 text\. Save it as CSV UTF-8 \(comma-separated\)\.$/,
        ],
        [
            'two names that look the same',
            'name,name\u00a0\n1,2\n',
            /^Row 1 of the CSV gives the columns 1 and 2 names that differ only in blanks or other characters that cannot be seen: "name" and "name<U\+00A0>"\. Rename one\.$/,
        ],
        ['a workbook', Buffer.from('PK\x03\x04 and so on'), /^The file is a workbook, not a CSV\./],
        [
            'a quote that is never closed',
            `a,b\n${good}1,"2\n3,4\n`,
            /^Row 302 of the CSV has a quote that opens cell 2 and is never closed\.$/,
        ],
        ['text behind a quoted cell', `a,b\n${good}1,"2"3\n`, /^Row 302 of the CSV has text behind the closing quote of cell 2\./],
        ['an empty file', '', /^The CSV file is empty: its first row must name the columns\.$/],
        ['blank lines only', '\r\n\n', /^The CSV file is empty/],
    ])
        it(what, () => tables.fails('markdown', { csv, markdown: '|a|' }, sentence));

    for (const [what, inputFile, sentence] of [
        ['no base64', 'YSxi!', /^The CSV file is damaged: its base64 text holds '!' at character 5\. Upload it again\.$/],
        ['base64 that is cut off', 'YSxiC', /its base64 text is cut off/],
        ['base64 that goes on behind its end', 'YQ==YSxi', /goes on behind its end, at character 5/],
        ['a data URL of another kind', 'data:text/csv,a', /is a data URL of another kind/],
        ['base64 far in', `${'YWJj'.repeat(50000)}\u00e9`, /holds byte 0xc3 at character 200001/],
        ['no file', undefined, /^The event from Hub carries no CSV file in "inputFile"/],
        ['null for a file', null, /^The event from Hub carries no CSV file/],
        ['a number for a file', 5, /^The event from Hub carries no CSV file/],
    ])
        it(what, () => tables.fails('markdown', { extra: { inputFile }, markdown: '|a|' }, sentence));

    for (const [what, config, sentence] of [
        [
            'an unknown column for names',
            { external_id_columns: ['a', 'c'] },
            /^Option "external_id_columns" names the column "c", which the CSV does not have\. Its columns are "a", "b"\.$/,
        ],
        [
            'no list of columns for names',
            { external_id_columns: 'a' },
            /^Option "external_id_columns" is "a", but must be a list of column names\.$/,
        ],
        ['a number for the column of batches', { batch_name_column: 5 }, /^Option "batch_name_column" is 5, but must be/],
        [
            'a text for the size of uploads',
            { upload_batch_size: '100' },
            /^Option "upload_batch_size" is "100", but must be a whole number\.$/,
        ],
    ])
        it(what, () => tables.fails('markdown', { csv: 'a,b\n1,2\n', markdown: '|a|', config }, sentence));

    it('an empty text', () => tables.fails('markdown', { csv: 'a\n1\n', markdown: '' }, /^The run has no markdown text/));
    it('more batches than any project has', () =>
        tables.fails(
            'markdown',
            { csv: `batch\n${rows(10_001, (i) => `b${i}\n`)}`, markdown: 'x' },
            /^Row 10002 of the CSV names batch number 10001 in column "batch"/,
        ));
});

it('an unknown option is a warning', async () => {
    const made = await markdown({ csv: 'a\n1\n', markdown: '|a|', config: { external_id_column: ['a'] } });
    assert.deepEqual(saidIn(made.record, 'WARNING'), [
        'Option "external_id_column" is unknown and has no effect; did you mean "external_id_columns"?',
    ]);
});
