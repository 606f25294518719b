// Tables as Excel, LibreOffice, Numbers, Google Sheets and pandas save them, with names and bytes that cannot be seen.
import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { failed, input, makeRows, warnings } from './lib/running.mjs';

const TEXT = '# |name|: |text|';
const make = (csv, config) => makeRows(csv, TEXT, { config });
const texts = ({ assets }) => assets.map(({ data }) => data);
const latin1 = (text) => Buffer.from(text, 'latin1');
const utf16 = (text) => Buffer.from(`\ufeff${text}`, 'utf16le');
const utf16be = (text) => utf16(text).swap16();

/** Asserts that a table makes these texts, without a warning. */
async function makes(csv, wanted, config) {
    const made = await make(csv, config);
    assert.deepEqual([texts(made), warnings(made)], [wanted, []]);
    return made;
}

describe('rows that hold nothing are skipped and counted', () => {
    const EMPTY = {
        'commas, as Excel and Numbers leave them': [input('blank-rows.csv'), 3, 4],
        'commas between the others': ['name,text\n,\nfirst,Hello\n,\nsecond,World\n', 2, 2],
        'commas in the first rows': ['name,text\r\n,\r\n,\r\nfirst,Hello\r\nsecond,World\r\n', 2, 2],
        'quotes, as LibreOffice writes every cell': ['"name","text"\n"first","Hello"\n"second","World"\n"",""\n', 1, 4],
        'no-break spaces and tabs': ['name,text\nfirst,Hello\nsecond,World\n\u00a0,\t\n', 1, 4],
        'zero-width spaces': ['name,text\nfirst,Hello\nsecond,World\n\u200b,\u200b\n', 1, 4],
        'a thousand at the end': [`name,text\nfirst,Hello\nsecond,World\n${',\n'.repeat(1000)}`, 1000, 4],
    };
    for (const [what, [csv, empty, first]] of Object.entries(EMPTY))
        it(what, async () => {
            const made = await make(csv);
            assert.equal(made.code, 0, made.said.join('\n'));
            assert.deepEqual(texts(made), ['# first: Hello', '# second: World']);
            const sentence =
                empty === 1
                    ? `Row ${first} of the CSV has only empty cells and was left out.`
                    : `${empty} rows of the CSV, of which the first is row ${first}, have only empty cells and were left out.`;
            assert.deepEqual(
                made.said.filter((line) => /empty/.test(line)),
                [`info: ${sentence}`],
            );
        });

    it('and of a table of nothing else nothing is made', async () => {
        const made = await make('name,text\n,\n,\n');
        assert.deepEqual(made.assets, []);
        assert.deepEqual(warnings(made), ['The CSV names columns but has no rows below them: there is nothing to create.']);
    });
});

describe('a first line "sep=" is no row', () => {
    for (const [what, csv] of Object.entries({
        plain: input('sep-comma.csv'),
        quoted: input('sep-quoted.csv'),
        'in capitals': 'SEP=,\nname,text\nfirst,Hello\n',
        'with the line ends of Windows': 'sep=,\r\nname,text\r\nfirst,Hello\r\n',
        'behind a byte order mark': '\ufeffsep=,\r\nname,text\r\nfirst,Hello\r\n',
        'quoted behind a byte order mark': '\ufeff"sep=,"\r\nname,text\r\nfirst,Hello\r\n',
        'with the line ends of an old Mac': 'sep=,\rname,text\rfirst,Hello\r',
    }))
        it(what, () => makes(csv, ['# first: Hello']));

    for (const [what, csv] of Object.entries({
        semicolons: input('sep-semicolon.csv'),
        'quoted semicolons': '"sep=;"\nname;text\nfirst;Hello\n',
        tabs: 'sep=\t\nname\ttext\nfirst\tHello\n',
        bars: 'sep=|\nname|text\nfirst|Hello\n',
    }))
        it(`and names another separator than the comma, with which the table is read: ${what}`, () => makes(csv, ['# first: Hello']));
    it('and is named if the table has another separator than it says', async () =>
        failed(
            await make('sep=;\nname,text\nfirst,Hello\n'),
            'The names in row 2 of the CSV are separated by commas, not by semicolons as the line "sep=" in row 1 says, which a spreadsheet does not show. Save the file as comma-separated CSV without this line.',
        ));
    it('and is named if it gives no separator', async () =>
        failed(
            await make('sep=ab\nname,text\nfirst,Hello\n'),
            'Row 1 of the CSV is "sep=ab", which a spreadsheet reads as the separator of the cells and does not show, but it names none. Remove this row.',
        ));

    it('and is an ordinary cell anywhere else', () => makes('name,text\nsep=,Hello\n', ['# sep=: Hello']));
});

describe('characters that cannot be seen around the name of a column do not count:', () => {
    for (const [what, csv] of Object.entries({
        blanks: input('header-blanks.csv'),
        'a no-break space': input('header-nbsp.csv'),
        'a tab': 'name\t,text,batch\nfirst,Hello,a\n',
        'a zero-width space': '\u200bname,text\u200b,batch\nfirst,Hello,a\n',
        'a second byte order mark': '\ufeff\ufeffname,text,batch\nfirst,Hello,a\n',
        'a byte order mark before a quote': '\ufeff"name","text","batch"\nfirst,Hello,a\n',
        'a byte order mark in a quoted name': '"\ufeffname",text,batch\nfirst,Hello,a\n',
        'a byte order mark of a table that was put behind another': 'batch,\ufeffname,text\na,first,Hello\n',
        'blanks in quotes': '" name ","text ",batch\nfirst,Hello,a\n',
    }))
        it(what, () => makes(csv, ['# first: Hello']));

    for (const [what, name] of Object.entries({
        'a blank': 'Batch ',
        'a no-break space': '\u00a0batch',
        'a zero-width space': 'batch_name\u200b',
    }))
        it(`so the column of batches is found behind ${what}`, async () => {
            const { assets } = await makes(`name,text,${name}\nfirst,Hello,a\n`, ['# first: Hello']);
            assert.equal(assets[0].batches.length, 1);
        });
    it('so the column of batches is found in the file of a case', async () => {
        const { assets } = await makes(input('header-batch.csv'), ['# first: Hello']);
        assert.equal(assets[0].batches.length, 1);
    });
    it('so a configured name finds its column', async () => {
        const { assets } = await makes('name,text, id\u00a0\nfirst,Hello,x7\n', ['# first: Hello'], { external_id_columns: ['id'] });
        assert.equal(assets[0].externalId, 'x7');
    });
    it('so two names that differ in them alone are one name twice, which is refused with both columns', async () =>
        failed(
            await make('name,text,name \nfirst,Hello,x\n'),
            'Row 1 of the CSV gives the columns 1 and 3 names that differ only in blanks or other characters that cannot be seen: "name" and "name␠". Rename one.',
        ));
    it('so two columns that may name batches are told to the user', async () => {
        const made = await make('name,text,batch,Batch \nfirst,Hello,a,b\n');
        assert.deepEqual(warnings(made), [
            'The columns "batch" and "Batch" of the CSV differ only in upper and lower case: "batch" names the batches. Option "batch_name_column" can name the other.',
        ]);
    });
    it('and inside of a name a no-break space is a blank', async () => {
        const made = await makeRows('first\u00a0name,text\nx,Hello\n', '# |first name|: |text|');
        assert.deepEqual([texts(made), warnings(made)], [['# x: Hello'], []]);
    });
});

describe('the encoding of a file is UTF-8, and another one is named with the remedy:', () => {
    for (const [what, csv] of Object.entries({
        'UTF-16, as Excel saves "Unicode Text"': utf16('name,text\r\nfirst,Hello\r\n'),
        'UTF-16 of tabs': utf16('name\ttext\r\nfirst\tHello\r\n'),
        'UTF-16, most significant byte first': utf16be('name,text\r\nfirst,Hello\r\n'),
        'UTF-16 without a mark': utf16('name,text\r\nfirst,Hello\r\n').subarray(2),
    }))
        it(what, async () => failed(await make(csv), 'The CSV file is UTF-16 text. Save it as CSV UTF-8 (comma-separated).'));
    it('Windows-1252, as Excel saves "CSV", with the row', async () =>
        failed(
            await make(latin1('name,text\r\nfirst,Hello\r\nz\xfcrich,caf\xe9\r\n')),
            `Row 3 of the CSV is not UTF-8 text: its cell 1 holds the byte 0xFC, which is "ü" in Windows-1252. Save the file as CSV UTF-8 (comma-separated).`,
        ));
    it('Windows-1252 in the names of the columns', async () =>
        failed(
            await make(latin1('name,gr\xf6\xdfe\r\nfirst,1\r\n')),
            `Row 1 of the CSV is not UTF-8 text: its cell 2 holds the byte 0xF6, which is "ö" in Windows-1252. Save the file as CSV UTF-8 (comma-separated).`,
        ));
});

describe('line ends may be', () => {
    const wanted = ['# first: Hello', '# second: World'];
    for (const [what, csv] of Object.entries({
        'those of Windows': 'name,text\r\nfirst,Hello\r\nsecond,World\r\n',
        'those of an old Mac, as Excel saves "CSV (Macintosh)"': 'name,text\rfirst,Hello\rsecond,World\r',
        mixed: 'name,text\nfirst,Hello\r\nsecond,World\n',
        'missing at the end': 'name,text\r\nfirst,Hello\r\nsecond,World',
        'followed by the end-of-file mark of DOS': 'name,text\r\nfirst,Hello\r\nsecond,World\r\n\x1a',
        'followed by empty lines': 'name,text\nfirst,Hello\nsecond,World\n\n\n',
    }))
        it(what, async () => assert.deepEqual(texts(await make(csv)), wanted));
    it('in a cell, where they stay', () => makes('name,text\r\nfirst,"a\r\nb"\r\n', ['# first: a\r\nb']));
});

describe('other separators are recognised and named:', () => {
    for (const [what, separator, csv] of [
        ['the semicolons of a German Excel', 'semicolons', 'name;text\r\nfirst;Hello\r\n'],
        ['semicolons beside commas in numbers', 'semicolons', 'name;price\r\nfirst;1,5\r\n'],
        ['the tabs of a copy from Google Sheets', 'tabs', 'name\ttext\nfirst\tHello\n'],
    ])
        it(what, async () =>
            failed(
                await make(csv),
                `The names in row 1 of the CSV are separated by ${separator}, not by commas. Save the file as comma-separated CSV.`,
            ),
        );
});

describe('columns and rows of another length', () => {
    it('of a row are an error with the row and both numbers', async () => {
        failed(await make('name,text\nfirst,Hello\nsecond\n'), 'Row 3 of the CSV has 1 cell, but row 1 names 2 columns.');
        failed(await make('name,text\nfirst,Hello\nsecond,a,b\n'), 'Row 3 of the CSV has 3 cells, but row 1 names 2 columns.');
    });
    it('of a row behind skipped rows are counted as the spreadsheet counts', async () =>
        failed(await make('sep=,\nname,text\n,\nfirst\n'), 'Row 4 of the CSV has 1 cell, but row 2 names 2 columns.'));
    it('of a row of names with commas behind are an error with their columns', async () =>
        failed(await make('name,text,,\nfirst,Hello,,\n'), 'Row 1 of the CSV gives no name to the columns 3 and 4. Name or remove them.'));
    it('of pandas are an index without a name', () =>
        makes(',name,text\n0,first,Hello\n1,second,World\n', ['# first: Hello', '# second: World']));
    it('of a quote that is never closed are an error with the row where it began', async () =>
        failed(
            await make('name,text\nfirst,"Hello\nsecond,World\n'),
            'Row 2 of the CSV has a quote that opens cell 2 and is never closed.',
        ));
});

describe('two rows with one external ID', () => {
    const ids = { external_id_columns: ['id'] };
    const same = (one, other, id) =>
        `Rows ${one} and ${other} of the CSV have the same external ID "${id}". Hub finds assets by this ID, so labels of one may reach the other.`;
    it('are a warning with both rows, because labels go by external ID', async () => {
        const made = await makeRows(input('external-ids.csv'), '|text|', { config: ids });
        assert.deepEqual(
            made.assets.map(({ externalId }) => externalId),
            ['7', '00001.md', '7'],
        );
        assert.deepEqual(warnings(made), [same(2, 4, '7')]);
    });
    it('may be joined of different cells', async () => {
        const made = await make('name,text,id,no\na_b,x,a_b,c\na,y,a,b_c\n', { external_id_columns: ['id', 'no'] });
        assert.deepEqual(warnings(made), [same(2, 3, 'a_b_c')]);
    });
    it('may have the name of a row without one', async () => {
        const made = await make('name,text,id\na,x,00001.md\nb,y,\n', ids);
        assert.deepEqual(warnings(made), [same(2, 3, '00001.md')]);
    });
    it('are a few warnings, however many there are', async () => {
        const made = await make(`name,text,id\n${'a,b,same\n'.repeat(5000)}`, ids);
        assert.equal(made.assets.length, 5000);
        assert.deepEqual(warnings(made), [same(2, 3, 'same'), 'In all, 4999 rows of the CSV repeat the external ID of an earlier row.']);
    });
    it('are no warning if nothing repeats', () => makes('name,text,id\na,x,1\nb,y,01\nc,z,1.0\n', ['# a: x', '# b: y', '# c: z'], ids));
});

test('letters that are equal, but encoded in another way, are one name', async () => {
    const made = await makeRows('Gro\u0308\u00dfe,text\n1,x\n', '|Gr\u00f6\u00dfe|: |text|');
    assert.deepEqual([texts(made), warnings(made)], [['1: x'], []]);
});
