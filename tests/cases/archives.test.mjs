// Zips of exports as people and programs make them: zipped again on a Mac or in Windows, in parts, cut off.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { archive } from './lib/archives.mjs';
import { convert, failed, record, warnings } from './lib/running.mjs';

const line = (n) => `${JSON.stringify(record(n))}\n`;
const [ONE, TWO, THREE] = [line(1), line(2), line(3)];
const imagesOf = ({ coco }) => coco.images.map(({ ango_external_id: id }) => id);

/** The notes that the Finder puts beside a file with extended attributes. */
const APPLE_DOUBLE = Buffer.concat([
    Buffer.from('0005160700020000', 'hex'),
    Buffer.from('Mac OS X        \0\x02', 'latin1'),
    Buffer.alloc(100),
]);
const DS_STORE = Buffer.concat([Buffer.from('\0\0\0\x01Bud1', 'latin1'), Buffer.alloc(64)]);
const folder = (name) => ({ name, method: 0 });

/** Asserts that a zip gives the images of these numbers, and these words in lines for the user. */
async function gives(zip, numbers, ...words) {
    const made = await convert(zip, { name: 'export.zip' });
    assert.equal(made.code, 0, made.said.join('\n'));
    assert.deepEqual(
        imagesOf(made),
        numbers.map((n) => `${n}.png`),
    );
    assert.deepEqual(made.report.assets, { in: numbers.length, converted: numbers.length, skipped: {} });
    for (const word of words)
        assert.ok(
            made.said.some((said) => said.includes(word)),
            `${word} in\n${made.said.join('\n')}`,
        );
    return made;
}

describe('a zip of the Finder', () => {
    const double = (name) => ({ name: `__MACOSX/${name.replace(/[^/]*$/, '._$&')}`, data: APPLE_DOUBLE });
    for (const [what, entries] of Object.entries({
        'with its notes first': [double('export.ndjson'), { name: 'export.ndjson', data: ONE }],
        'with the store of a folder first': [
            folder('export/'),
            { name: 'export/.DS_Store', data: DS_STORE },
            { name: 'export/export.ndjson', data: ONE },
        ],
        'with a folder first and the notes last': [
            folder('export/'),
            { name: 'export/export.ndjson', data: ONE },
            double('export/export.ndjson'),
        ],
        'whose sizes stand behind the data': [
            { name: 'export.ndjson', data: ONE, streamed: true },
            { ...double('export.ndjson'), streamed: true },
        ],
        'with notes beside the file': [
            { name: '._export.ndjson', data: APPLE_DOUBLE },
            { name: 'export.ndjson', data: ONE },
        ],
    }))
        it(`${what} gives the export, and says nothing about these files`, async () => {
            const made = await gives(archive(entries), [1]);
            assert.deepEqual(
                warnings(made).filter((said) => /MACOSX|DS_Store|\._/.test(said)),
                [],
            );
        });
});

describe('a zip of Windows', () => {
    for (const [what, entries] of Object.entries({
        'with the files of the Explorer': [
            { name: 'desktop.ini', data: '[.ShellClassInfo]\r\n' },
            { name: 'Thumbs.db', data: DS_STORE },
            { name: 'export.ndjson', data: ONE },
        ],
        'with backslashes, as old .NET writes them': [{ name: 'export\\export.ndjson', data: ONE }],
        'with a name of code page 437': [{ name: Buffer.from('\x81bung.ndjson', 'latin1'), data: ONE }],
        'with the line ends of Windows': [{ name: 'export.ndjson', data: ONE.replace('\n', '\r\n') }],
    }))
        it(`${what} gives the export`, () => gives(archive(entries), [1]));

    for (const [what, method, name] of [
        ['Deflate64, which the Explorer uses for files above 2 GB', 9, /deflat.*64|method 9/i],
        ['a method that no program has', 77, /method|77/i],
    ])
        it(`packed with ${what}, is refused by that name`, async () =>
            failed(await convert(archive([{ name: 'export.ndjson', method, body: Buffer.from(ONE) }])), /method|compress|pack/i, name));
    it('with a password is refused, and the password is named as the reason', async () =>
        failed(await convert(archive([{ name: 'export.ndjson', data: ONE, flags: 1 }])), /encrypt|password/i));
});

describe('a zip with several parts is read whole, in the order of its directory:', () => {
    const parts = (...texts) => archive(texts.map((data, i) => ({ name: `part-${i + 1}.ndjson`, data })));
    it('lines in each', () => gives(parts(ONE, TWO + THREE), [1, 2, 3]));
    it('without a line end behind the first', () => gives(parts(ONE.trimEnd(), TWO, THREE.trimEnd()), [1, 2, 3]));
    it('with an empty one first', () => gives(parts('', ONE), [1]));
    it('with an empty one last', () => gives(parts(ONE, ''), [1]));
    it('with a byte order mark in each', () => gives(parts(`\ufeff${ONE}`, `\ufeff${TWO}`), [1, 2]));
    it('arrays in each', () =>
        gives(
            archive([
                { name: 'a.json', data: `[${ONE}]` },
                { name: 'b.json', data: `[${TWO},${THREE}]` },
            ]),
            [1, 2, 3],
        ));
    it('an empty array among them', () =>
        gives(
            archive([
                { name: 'a.json', data: '[]' },
                { name: 'b.json', data: `[${TWO}]` },
            ]),
            [2],
        ));
    it('ten, of which the tenth is last', () =>
        gives(parts(...Array.from({ length: 10 }, (_, n) => line(n + 1))), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
    it('in folders', () =>
        gives(archive([folder('a/'), { name: 'a/x.ndjson', data: ONE }, folder('b/'), { name: 'b/x.ndjson', data: TWO }]), [1, 2]));
    it('stored and packed', () =>
        gives(
            archive([
                { name: 'a.ndjson', data: ONE, method: 0 },
                { name: 'b.ndjson', data: TWO },
            ]),
            [1, 2],
        ));
    it('with sizes behind their data', () =>
        gives(
            archive([
                { name: 'a.ndjson', data: ONE, streamed: true },
                { name: 'b.ndjson', data: TWO, streamed: true },
            ]),
            [1, 2],
        ));
    it('with sizes of 64 bits', () =>
        gives(
            archive([
                { name: 'a.ndjson', data: ONE, zip64: true },
                { name: 'b.ndjson', data: TWO, zip64: true },
            ]),
            [1, 2],
        ));
    it('lines in one and an array in another, or a sentence', async () => {
        const made = await convert(
            archive([
                { name: 'a.ndjson', data: ONE },
                { name: 'b.json', data: `[${TWO}]` },
            ]),
        );
        if (made.code === 0) assert.deepEqual(imagesOf(made), ['1.png', '2.png']);
        else failed(made, /b\.json/);
    });

    it('which says whose line is bad', async () => {
        const made = await convert(parts(ONE, `{"asset":}\n${TWO}`));
        assert.deepEqual(imagesOf(made), ['1.png', '2.png']);
        assert.match(warnings(made).join('\n'), /^Line 2 of the export was left out: /m);
    });
});

describe('what is no part of the export is named:', () => {
    it('a text beside it', () =>
        gives(
            archive([
                { name: 'README.txt', data: 'Made by a script.\n' },
                { name: 'export.ndjson', data: ONE },
            ]),
            [1],
            'README.txt',
        ));
    it('a manifest in front', () =>
        gives(
            archive([
                { name: 'manifest.json', data: '{"parts":["export.ndjson"],"count":2}' },
                { name: 'export.ndjson', data: ONE + TWO },
            ]),
            [1, 2],
            'manifest.json',
        ));
    it('a manifest behind', () =>
        gives(
            archive([
                { name: 'export.ndjson', data: ONE + TWO },
                { name: 'manifest.json', data: '{"parts":["export.ndjson"],"count":2}' },
            ]),
            [1, 2],
            'manifest.json',
        ));
    it('a manifest that counts other records than there are', () =>
        gives(
            archive([
                { name: 'export.ndjson', data: ONE + TWO },
                { name: 'manifest.json', data: '{"parts":["export.ndjson"],"count":3}' },
            ]),
            [1, 2],
            'the manifest in the zip from Hub counts 3, but the export has 2 assets.',
        ));
    it('pictures beside it', () =>
        gives(
            archive([
                { name: 'images/1.png', data: '\x89PNG\r\n\x1a\n' },
                { name: 'export.ndjson', data: ONE },
            ]),
            [1],
            'images/1.png',
        ));
    it('another zip in it', () =>
        gives(
            archive([
                { name: 'old.zip', data: archive([{ name: 'x', data: TWO }]) },
                { name: 'export.ndjson', data: ONE },
            ]),
            [1],
            'old.zip',
        ));
    it('a name that would be a path elsewhere, without its control characters', async () => {
        const made = await gives(
            archive([
                { name: '../../\x1b[31mred.txt', data: 'x' },
                { name: 'export.ndjson', data: ONE },
            ]),
            [1],
            'red.txt',
        );
        assert.ok(!made.said.some((said) => said.includes('\x1b')));
    });

    for (const [what, entries, ...names] of [
        ['nothing but notes of the Finder', [{ name: '__MACOSX/._export.ndjson', data: APPLE_DOUBLE }]],
        [
            'nothing but texts',
            [
                { name: 'README.txt', data: 'Hello.\n' },
                { name: 'LICENSE', data: 'Free.\n' },
            ],
            /README\.txt/,
            /LICENSE/,
        ],
        ['a zip in the zip', [{ name: 'export.zip', data: archive([{ name: 'export.ndjson', data: ONE }]) }], /export\.zip/],
        ['a file that is packed once more', [{ name: 'export.ndjson.gz', data: gzipSync(ONE) }], /export\.ndjson\.gz/],
        ['the page of an error', [{ name: 'export.json', data: '<!DOCTYPE html><title>504</title>' }], /export\.json/],
    ])
        it(`${what} is an error`, async () => failed(await convert(archive(entries)), /export/, ...names));
});

describe('a zip that is not whole', () => {
    const two = [
        { name: 'a.ndjson', data: ONE + TWO },
        { name: 'b.ndjson', data: THREE },
    ];
    const whole = archive(two);
    const [second, directory, end] = ['PK\x03\x04', 'PK\x01\x02', 'PK\x05\x06'].map((mark) => whole.indexOf(mark, 10, 'latin1'));
    for (const [what, at] of Object.entries({
        'in its first part': second - 20,
        'between two parts': second,
        'in its second part': directory - 20,
        'before its directory': directory,
    }))
        it(`is refused when it is cut ${what}`, async () =>
            failed(await convert(whole.subarray(0, at)), /zip/, /too early|incomplete|damaged|not a zip/));

    for (const [what, at] of Object.entries({ 'in its directory': directory + 60, 'before its end': end, 'in its end': end + 10 }))
        it(`is refused, or read whole, when it is cut ${what}`, async () => {
            const made = await convert(whole.subarray(0, at));
            if (made.code === 0) assert.deepEqual(imagesOf(made), ['1.png', '2.png', '3.png']);
            else failed(made, /zip/);
        });

    it('is refused when a part is damaged', async () => {
        for (const at of [0, 1])
            failed(await convert(archive(two.map((entry, i) => (i === at ? { ...entry, crc: 1 } : entry)))), /damaged/);
    });
    it('is refused when zeros follow from some point on, as after a download that was resumed wrongly', async () => {
        const holes = Buffer.from(whole);
        holes.fill(0, second, directory);
        failed(await convert(holes), /zip|damaged/);
    });
    it('is refused, or read whole, when its first bytes are missing', async () =>
        failed(await convert(whole.subarray(7)), /zip|JSON|damaged/));
});

describe('bytes around a zip do no harm:', () => {
    const entries = [{ name: 'export.ndjson', data: ONE }];
    it('a comment', () => gives(archive(entries, { comment: 'made by a script PK' }), [1]));
    it('line ends behind, as some servers add them', () => gives(archive(entries, { behind: '\r\n' }), [1]));
    it('a program in front, as in files that unpack themselves', async () => {
        const made = await convert(archive(entries, { before: '#!/bin/sh\nexit 0\n' }));
        if (made.code === 0) assert.deepEqual(imagesOf(made), ['1.png']);
        else failed(made, /zip|JSON/);
    });
    it('an entry that the directory no longer names, which is not read', async () => {
        const made = await convert(archive([{ name: 'old.ndjson', data: TWO, isHidden: true }, ...entries]));
        if (made.code === 0) assert.deepEqual(imagesOf(made), ['1.png']);
        else failed(made, /its directory names 1 file, but 2 could be read/);
    });
    it('two entries of one name, which are both read or named', async () => {
        const made = await convert(archive([...entries, { name: 'export.ndjson', data: TWO }]));
        if (made.code === 0) assert.deepEqual(imagesOf(made), ['1.png', '2.png']);
        else failed(made, /export\.ndjson/);
    });
});
