// The contents of an export's zip: layouts of JSON, damage, and zips of all sorts.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import zlib from 'node:zlib';
import { generateAsset } from '../hub/assets.mjs';
import { example, module_ } from './lib/angod.mjs';
import { Exporting, lines } from './lib/exporting.mjs';
import { zipOf } from './lib/zips.mjs';

const assets = Array.from({ length: 6 }, (_, i) => JSON.stringify(generateAsset(i, 9, { odd: false })));
const BROKEN = '{"asset":"https://files.example.test/x.jpg","task":{"taskId":"t","tools":[}';

let system;
before(async () => {
    system = await Exporting.start({
        modules: [example('export_lines_cpp'), module_('export_coco')],
        plugins: { lines: { module: 'export-lines-cpp' }, coco: { module: 'export-coco' } },
    });
});
after(() => system.close());

const linesOf = async (fields) => system.result(await system.run('lines', system.project(fields))).records;
const fails = async (fields, sentence, plugin = 'lines') => system.failed(await system.run(plugin, system.project(fields)), sentence);

describe('every layout gives the same records', { concurrency: 16 }, () => {
    const layouts = {
        'one record a line': assets.join('\n') + '\n',
        'a last line without newline': assets.join('\n'),
        CRLF: assets.join('\r\n') + '\r\n',
        'a byte order mark': '\ufeff' + assets.join('\n'),
        'blank lines': '\n \r\n' + assets.join('\n\n \t\n') + '\n\n',
        'several records on a line': assets.slice(0, 3).join('') + '\n' + assets.slice(3).join(' , ') + '\n',
        'a comma behind each record': assets.join(',\n') + ',\n',
        'joined files, each with a byte order mark': assets.map((text) => `\ufeff${text}\n`).join(''),
        'one array': JSON.stringify(assets.map((text) => JSON.parse(text))),
        'an array with a byte order mark and blanks': `\ufeff \r\n[ ${assets.join(' ,\r\n')}\r\n]\n\n`,
        'an array printed for people': JSON.stringify(
            assets.map((text) => JSON.parse(text)),
            null,
            2,
        ),
        'records printed for people': assets.map((text) => JSON.stringify(JSON.parse(text), null, 4)).join('\n'),
    };
    for (const [name, text] of Object.entries(layouts)) {
        it(name, async () => {
            // Indented JSON has line ends in its records, so records are compared as parsed values.
            const { images, annotations } = system.result(await system.run('coco', system.project({ text }))).json('annotations.json');
            const plain = system.result(await system.run('coco', system.project({ text: assets.join('\n') }))).json('annotations.json');
            assert.deepEqual([images, annotations], [plain.images, plain.annotations]);
        });
    }

    it('bytes of a record are not touched', async () => {
        const odd = ['{"a": 1e400, "b":"\\u0000\\ud800 é", "a":-0.0 , "long": 12345678901234567890}', '{}'];
        assert.deepEqual(await linesOf({ text: odd.join('\r\n') }), odd);
    });

    it('one record alone', async () => assert.deepEqual(await linesOf({ text: assets[0] }), [assets[0]]));
});

describe('an export without assets gives a valid, empty result and a WARNING', { concurrency: 16 }, () => {
    for (const [name, text] of Object.entries({
        'nothing at all': '',
        'blank lines': '\n \r\n',
        'a byte order mark': '\ufeff',
        'an empty array': ' [ ]\n',
    })) {
        it(name, async () => {
            const record = await system.run('coco', system.project({ text }));
            const coco = system.result(record).json('annotations.json');
            assert.deepEqual([coco.images, coco.annotations], [[], []]);
            assert.ok(
                lines(record, 'WARNING').some((line) => /no assets/.test(line)),
                lines(record, 'WARNING').join(),
            );
        });
    }

    it('a zip without entries', async () => {
        const record = await system.run('coco', system.project({ zip: zipOf([]) }));
        assert.deepEqual(system.result(record).json('annotations.json').images, []);
    });

    it('also of a module that writes nothing of it', async () => {
        const record = await system.run('lines', system.project({ text: '' }));
        assert.deepEqual(system.result(record).records, []);
        assert.ok(lines(record, 'WARNING').some((line) => /no assets/.test(line)));
    });
});

describe('damage costs as little as possible', { concurrency: 16 }, () => {
    it('a bad line costs that line, and is named with its number', async () => {
        const text = [assets[0], '', BROKEN, assets[1], 'null', '[1]', assets[2]].join('\n');
        const record = await system.run('coco', system.project({ text }));
        const result = system.result(record);
        assert.equal(result.json('annotations.json').images.length, 3);
        assert.deepEqual(result.json('conversion_report.json').assets, { in: 6, converted: 3, skipped: { bad_record: 3 } });
        const said = lines(record, 'WARNING').join('\n');
        for (const line of [3, 5, 6]) assert.match(said, new RegExp(`Line ${line} of the export was left out`));
    });

    it('a first line that is bad costs that line', async () => {
        const result = system.result(await system.run('coco', system.project({ text: [BROKEN, assets[0], assets[1]].join('\n') })));
        assert.deepEqual(result.json('conversion_report.json').assets, { in: 3, converted: 2, skipped: { bad_record: 1 } });
    });

    for (const [name, whole] of Object.entries({ NDJSON: (lines_) => lines_.join('\n'), 'an array': (lines_) => `[${lines_}]` })) {
        it(`a NaN in ${name} costs its tool`, async () => {
            const box = (x) =>
                `{"externalId":"a.jpg","task":{"taskId":"t","tools":[{"bounding-box":{"x":${x},"y":1,"width":3,"height":3},"title":"A"},` +
                '{"bounding-box":{"x":1,"y":1,"width":3,"height":3},"title":"A"}]}}';
            const text = whole([box('NaN'), box('-Infinity'), box('1e400'), box('1')]);
            const record = await system.run('coco', system.project({ text }));
            const report = system.result(record).json('conversion_report.json');
            assert.deepEqual(report.assets, { in: 4, converted: 4, skipped: {} });
            assert.deepEqual(report.tools['bounding-box'], { in: 8, emitted: 5, merged: 0, ended: 0, dropped: { invalid_geometry: 3 } });
            assert.ok(
                lines(record, 'WARNING').includes(
                    '3 tools were left out (invalid_geometry): their coordinates are missing or are no usable numbers ["bounding-box" 3].',
                ),
                lines(record, 'WARNING').join('\n'),
            );
        });
    }

    it('many bad lines do not flood the session log', async () => {
        const record = await system.run('coco', system.project({ text: Array(500).fill(BROKEN).concat(assets[0]).join('\n') }));
        assert.equal(system.result(record).json('conversion_report.json').assets.skipped.bad_record, 500);
        assert.ok(lines(record, 'WARNING').length < 20);
        assert.ok(lines(record, 'WARNING').some((line) => line.includes('500')));
    });

    it('a record of 10,000 levels costs that record', async () => {
        const deep = `{"asset":"u","task":${'['.repeat(10000)}${']'.repeat(10000)}}`;
        const result = system.result(await system.run('coco', system.project({ text: [assets[0], deep, assets[1]].join('\n') })));
        assert.deepEqual(result.json('conversion_report.json').assets, { in: 3, converted: 2, skipped: { bad_record: 1 } });
    });

    it('64 levels are allowed', async () => {
        const record = `{"a":${'['.repeat(63)}${']'.repeat(63)}}`;
        assert.deepEqual(await linesOf({ text: `${record}\n[${record.slice(5)}` }), [record, `[${record.slice(5)}`]);
    });
});

describe('unreadable input ends the run with a reason', { concurrency: 16 }, () => {
    it('an array with a bad element, at its byte', () => {
        const start = `[${assets[0]},`;
        return fails(
            { text: `${start}{"asset": tru},${assets[1]}]` },
            new RegExp(`element 2 is not valid JSON.* at byte ${start.length + 13}`),
            'coco',
        );
    });
    it('an array with brackets that do not match', () => fails({ text: `[${assets[0]},${BROKEN},${assets[1]}]` }, /byte \d+/, 'coco'));
    it('an array that is cut off', () =>
        fails(
            { text: `[${assets[0]},${assets[1].slice(0, 40)}` },
            new RegExp(
                `^the export from Hub is incomplete: it ends at byte ${assets[0].length + 42} inside of its JSON array\\. Run the plugin again\\.$`,
            ),
        ));
    it('a last line that is cut off, for the lines behind it are missing as well', () =>
        fails(
            { text: `${assets[0]}\n${assets[1].slice(0, 40)}` },
            new RegExp(
                `^the export from Hub is incomplete: it ends at byte ${assets[0].length + 41} inside of the record that begins at byte ${assets[0].length + 1}\\. Run the plugin again\\.$`,
            ),
        ));
    it('an array with something behind it', () =>
        fails({ text: `[${assets[0]}] x` }, new RegExp(`damaged: 'x' at byte ${assets[0].length + 3}`)));
    it('an array without a comma', () => fails({ text: `[{} {}]` }, /damaged: '\{' at byte 4/));
    it('an array of 10,000 levels', () =>
        fails({ text: `[{"a":${'['.repeat(10000)}${']'.repeat(10000)}}]` }, /nested deeper than 64 levels at byte 69/));
    it('text that is no JSON', () => fails({ text: 'asset,task\nx,y\n' }, /not JSON: its only file, "[^"]+", begins with 'a'/));
    it('a sign-in page instead of a zip', async () => {
        const project = system.project();
        system.fault(project, 'download', { action: 'html' });
        system.failed(await system.run('lines', project), /not a zip file/);
    });
    it('a file that is no zip', () => fails({ zip: Buffer.from(assets[0]) }, /not a zip file/));
    it('an empty file', () => fails({ zip: Buffer.alloc(0) }, /the file is empty/));
    it('a zip that ends too early', () => {
        const whole = zipOf([{ name: 'a', data: assets.join('\n') }]);
        return fails({ zip: whole.subarray(0, whole.length / 2) }, /its zip ends too early/);
    });
    it('a zip whose checksum is wrong', () => fails({ zip: zipOf([{ name: 'a', data: assets[0], crc: 1 }]) }, /damaged/));
    it('a zip with bad compressed data', () =>
        fails({ zip: zipOf([{ name: 'a', deflated: Buffer.alloc(100, 0xff), size: 500 }]) }, /damaged/));
    it('a zip that is encrypted', () => fails({ zip: zipOf([{ name: 'a', data: 'x'.repeat(100), stored: true, flags: 1 }]) }, /encrypted/));
});

describe('every file of a zip that holds JSON is a part of the export', { concurrency: 16 }, () => {
    it('in the order of the zip, each in its own layout', async () => {
        const parts = [
            { name: 'empty.ndjson', data: '' },
            { name: 'part-1.ndjson', data: `${assets[0]}\n${assets[1]}` },
            { name: 'part-2.json', data: `[${assets[2]},${assets[3]}]` },
            { name: 'part-3', data: assets.slice(4).join('\r\n') },
        ];
        assert.deepEqual(await linesOf({ zip: zipOf(parts) }), assets);
    });
    it('and other files are left out, by name unless an operating system made them', async () => {
        const session = await system.run(
            'lines',
            system.project({
                zip: zipOf([
                    { name: '__MACOSX/._a.ndjson', data: '{}' },
                    { name: 'manifest.json', data: '{"parts":["a.ndjson"]}' },
                    { name: 'a.ndjson', data: assets[0] },
                    { name: '.DS_Store', data: '{}' },
                    { name: 'read me.txt', data: 'not JSON' },
                ]),
            }),
        );
        assert.deepEqual(system.result(session).records, [assets[0]]);
        const left = lines(session, 'INFO').filter((line) => line.includes('left '));
        assert.deepEqual(
            left.map((line) => /"(.*)"/.exec(line)[1]),
            ['manifest.json', 'read me.txt'],
        );
    });
    it('and a zip without such a file is refused by the names of its files', () =>
        fails(
            {
                zip: zipOf([
                    { name: 'a.txt', data: 'x' },
                    { name: 'manifest.json', data: '{}' },
                ]),
            },
            /the zip from Hub holds no export, only "a.txt", "manifest.json"/,
        ));
    it('also when a server has gzipped the zip', async () => {
        assert.deepEqual(await linesOf({ zip: zlib.gzipSync(zipOf([{ name: 'a.ndjson', data: assets[0] }])) }), [assets[0]]);
    });
    it('stored as well as compressed', async () => {
        assert.deepEqual(await linesOf({ zip: zipOf([{ name: 'a.ndjson', data: assets.join('\n'), stored: true }]) }), assets);
    });
    it('behind a folder', async () => {
        assert.deepEqual(
            await linesOf({
                zip: zipOf([
                    { name: 'export/', stored: true },
                    { name: 'export/a.ndjson', data: assets[0] },
                ]),
            }),
            [assets[0]],
        );
    });
    it('with a name that leads out of any folder', async () => {
        assert.deepEqual(await linesOf({ zip: zipOf([{ name: '../../../../tmp/angod-must-not-write-this', data: assets[0] }]) }), [
            assets[0],
        ]);
    });
    it('with trailing bytes behind the zip', async () => {
        assert.deepEqual(await linesOf({ zip: Buffer.concat([zipOf([{ name: 'a', data: assets[0] }]), zlib.deflateRawSync('rubbish')]) }), [
            assets[0],
        ]);
    });
});
