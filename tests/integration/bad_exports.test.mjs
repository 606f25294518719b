// Faulty exports: each run ends with one clear message and does not affect other runs and plugins.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { generateAssetText } from '../hub/assets.mjs';
import { example, module_ } from './lib/angod.mjs';
import { Exporting, lines } from './lib/exporting.mjs';
import { assertWell } from './lib/neighbour.mjs';
import { bomb, zipOf } from './lib/zips.mjs';

let system, good;
before(async () => {
    system = await Exporting.start({
        modules: [module_('export_coco'), example('export_lines_cpp')],
        plugins: { coco: { module: 'export-coco' }, lines: { module: 'export-lines-cpp' }, neighbour: { module: 'export-lines-cpp' } },
        config: { limits: { unzip_mb: 110, asset_mb: 64 } },
    });
    good = system.project({ assets: 3, odd: false });
});
after(() => system.close());

const assets = Array.from({ length: 3 }, (_, i) => generateAssetText(i, 5, { odd: false }));
const neighbourIsWell = () => assertWell(system.hub, system.plugins.neighbour.id, { projectId: good.id });

/** Asserts that the run fails with this line, that both plugins go on, and that nothing is left on the disk. */
async function fails(plugin, fields, sentence) {
    const record = await system.run(plugin, system.project(fields));
    system.failed(record, sentence);
    system.result(await system.run(plugin, good));
    await neighbourIsWell();
    await system.scratchIsEmpty();
}

async function delivers(plugin, fields) {
    const record = await system.run(plugin, system.project(fields));
    const result = system.result(record);
    await neighbourIsWell();
    return { record, result, warnings: lines(record, 'WARNING') };
}

describe('an empty export', () => {
    const sentence = 'the export holds no assets: there was nothing to convert. Check the stages and batches that were chosen for it.';

    for (const [plugin, entry] of [
        ['coco', 'annotations.json'],
        ['lines', 'assets.ndjson'],
    ])
        for (const [what, fields] of Object.entries({
            'of no bytes': { text: '' },
            'of an empty array': { text: '[]' },
            'of a zip without entries': { zip: zipOf([]) },
        }))
            it(`${what} gives a valid, empty result and one warning (${plugin})`, async () => {
                const { record, result, warnings } = await delivers(plugin, fields);
                assert.deepEqual(warnings, [sentence]);
                assert.ok(result.names.includes(entry));
                assert.equal(
                    record.logs.filter(
                        ({ msg }) =>
                            /no assets|0 assets|valid, but empty/.test(msg) && msg !== sentence && !/^uploaded|^Converted 0 of 0/.test(msg),
                    ).length,
                    0,
                    'said once',
                );
                if (plugin === 'coco')
                    assert.deepEqual(
                        [result.json(entry).images, result.json('conversion_report.json').assets],
                        [[], { in: 0, converted: 0, skipped: {} }],
                    );
                else assert.equal(result.text(entry), '');
            });
});

describe('of a good export the session log says once', () => {
    const said = async (plugin) =>
        (await delivers(plugin, { text: assets.join('\n') })).record.logs.map(({ msg }) =>
            msg.replace(/[\w.-]+\.zip/, 'FILE').replace(/[\d.]+ (?:bytes|[KM]B)/, 'SIZE'),
        );

    it('the number of converted assets, if the module reports it', async () => {
        const told = (await said('coco')).filter((line) => /3 assets/.test(line));
        assert.equal(told.length, 2, told.join('\n'));
        assert.match(told[0], /^Converted 3 of 3 assets: \d+ images, \d+ annotations, \d+ categories\.$/);
        assert.equal(told[1], 'uploaded the result of 3 assets: FILE (SIZE)');
    });

    it('the number of assets, if the module reports nothing', async () =>
        assert.deepEqual(await said('lines'), [
            'getting the export; a large one can take minutes',
            'downloaded the export: SIZE',
            'uploaded the result of 3 assets: FILE (SIZE)',
        ]));
});

describe('a file that is no export ends the run with its reason:', () => {
    const whole = zipOf([{ name: 'export.ndjson', data: assets.join('\n') }]);
    const again = / Run the plugin again\.$/;

    for (const [what, zip, sentence, remedy] of [
        ['no zip', Buffer.from(assets[0]), /^the export from Hub is not a zip file/],
        ['nothing', Buffer.alloc(0), /^the export from Hub is incomplete: the file is empty\./, again],
        ['the first bytes of a zip', whole.subarray(0, 20), /^the export from Hub is incomplete: its zip ends too early\./, again],
        ['half of a zip', whole.subarray(0, whole.length / 2), /^the export from Hub is incomplete: its zip ends too early\./, again],
        ['bytes that were changed on the way', zipOf([{ name: 'a', data: assets[0], crc: 1 }]), /^the export from Hub is damaged: /, again],
    ])
        it(what, async () => {
            await fails('coco', { zip }, sentence);
            if (remedy) await fails('lines', { zip }, remedy);
        });
});

describe('a bad record', () => {
    const bad = '{"asset":"https://files.example.test/x.jpg","task":{"taskId":"t","tools":[}';

    it('in a line costs that line, which is named', async () => {
        const { result, warnings } = await delivers('coco', { text: [assets[0], bad, assets[1]].join('\n') });
        assert.deepEqual(result.json('conversion_report.json').assets, { in: 3, converted: 2, skipped: { bad_record: 1 } });
        assert.match(
            warnings[0],
            new RegExp(`^Line 2 of the export was left out: it is not valid JSON: .* at byte ${assets[0].length + 1 + bad.length - 1}\\.$`),
        );
    });

    it('of 10,000 levels in a line costs that line', async () => {
        const deep = `{"asset":"u","task":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
        const { result, warnings } = await delivers('coco', { text: [assets[0], deep, assets[1]].join('\n') });
        assert.deepEqual(result.json('conversion_report.json').assets, { in: 3, converted: 2, skipped: { bad_record: 1 } });
        assert.match(
            warnings[0],
            /^Line 2 of the export was left out: it is not valid JSON: it is cut off, or nested deeper than 64 levels, at byte \d+\.$/,
        );
    });

    it('of 10,000 levels in an array ends the run at its byte', () =>
        fails(
            'coco',
            { text: `[{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}]` },
            /^asset 1 of the export is nested deeper than 64 levels at byte 69\.?$/,
        ));

    it('of 100 MB ends the run with the limit that it passes', () =>
        fails(
            'lines',
            { text: `{}\n{"a":"${'x'.repeat(100e6)}"}\n{}` },
            /^the asset at byte 3 of the export is longer than 64 MB, which limits\.asset_mb allows\.?$/,
        ));
});

describe('a zip bomb ends the run with the limit that it passes', () => {
    it('of ten gigabytes of blanks', () =>
        fails('lines', { zip: bomb(10_000, '\n') }, /^the export is larger than 110 MB unzipped, which limits\.unzip_mb allows\.?$/));
    it('of ten gigabytes of records', () =>
        fails('coco', { zip: bomb(10_000, '{"a":1}\n') }, /^the export is larger than 110 MB unzipped, which limits\.unzip_mb allows\.?$/));
    it('of one record without an end', () =>
        fails(
            'lines',
            { zip: bomb(150, '{"a":') },
            /^the asset at byte 0 of the export is longer than 64 MB|nested deeper than 64 levels/,
        ));
});
