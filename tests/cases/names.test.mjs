// Names that look alike: files that a Mac, Windows or an archive would put one over the other.
import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { convert, makeRows, record, warnings } from './lib/running.mjs';

const named = (names) => convert(names.map((externalId, n) => ({ ...record(n), externalId })));

/** Names as a file system sees them that tells neither capital letters nor encodings apart. */
const seen = (name) => name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');

describe('outputs have names that no file system takes for one:', () => {
    for (const [what, names] of Object.entries({
        'letters of two encodings, as a Mac and Linux write them': ['Gr\u00f6\u00dfe.jpg', 'Gro\u0308\u00dfe.jpg'],
        'capital letters': ['IMG_1.JPG', 'img_1.jpg', 'Img_1.Jpg'],
        'capital letters with accents': ['\u00c9T\u00c9.jpg', '\u00e9t\u00e9.jpg', 'e\u0301te\u0301.JPG'],
        'a sign that is a letter': ['\u212bngstr\u00f6m.jpg', '\u00c5ngstr\u00f6m.jpg'],
        'the same name three times': ['a.jpg', 'a.jpg', 'a.jpg'],
        'dots and blanks at the end': ['a.jpg', 'a.jpg.', 'a.jpg '],
        'folders that are joined': ['a/b.jpg', 'a_b.jpg', 'a\\b.jpg'],
        'a name that another one gets': ['a.jpg', 'a.jpg', 'a__t-1.jpg'],
        'Korean in two encodings': ['\ud55c\uae00.png', '\u1112\u1161\u11ab\u1100\u1173\u11af.png'],
    }))
        it(what, async () => {
            const made = await named(names);
            const files = made.coco.images.map(({ file_name: name }) => name);
            assert.equal(files.length, names.length);
            assert.equal(new Set(files.map(seen)).size, names.length, files.join(' '));
            assert.deepEqual(
                made.report.names.map(({ externalId }) => externalId),
                names,
            );
            assert.ok(made.report.notes.name_changed > 0);
        });

    it('a name that is only dots, or nothing, is replaced', async () => {
        const made = await named(['..', './', '', '\u0000']);
        for (const { file_name: name } of made.coco.images) assert.match(name, /^[\w~-][\w.~-]*$/);
    });
});

test('batches that look alike are one batch, or are told to the user', async () => {
    const made = await makeRows('text,batch\na,day\nb,day \nc,day\u00a0\n', '|text|');
    const batches = new Set(made.assets.map(({ batches: [name] }) => name));
    assert.ok(batches.size === 1 || warnings(made).length > 0, [...batches].join());
});

test('classes that look alike are categories of their own, and the user is told', async () => {
    const box = { 'bounding-box': { x: 1, y: 1, width: 4, height: 4 } };
    const titles = ['Car', 'car', 'Caf\u00e9', 'Cafe\u0301', 'dog', 'dog\u00a0', 'boat'];
    const tools = titles.map((title, n) => ({ objectId: `o${n}`, classId: `c${n}`, title, schemaId: `s${n}`, ...box }));
    const made = await convert([record(0, tools)]);
    assert.equal(made.coco.annotations.length, titles.length);
    const told = warnings(made).filter((line) => line.includes('differ only'));
    assert.equal(told.length, 3, told.join('\n'));
    assert.ok(told.every((line) => /^The names of the categories ".+" and ".+" differ only in .+\. If they are one class, /.test(line)));
});
