// COCO files of whole exports: of every layout, with odd assets among them, and with the options of users.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { generateAsset, generateLegacyAsset } from '../hub/assets.mjs';
import { module_ } from './lib/angod.mjs';
import { checkCoco, checkReport, countTools } from './lib/coco.mjs';
import { Exporting, lines } from './lib/exporting.mjs';

const ASSETS = 500, SEED = 21;
const layouts = {
    'v3, a record a line': { assets: ASSETS, seed: SEED },
    'v3, one array': { assets: ASSETS, seed: SEED, format: 'json' },
    'v2, a record a line': { assets: ASSETS, seed: SEED, version: 2 },
    'v2, one array': { assets: ASSETS, seed: SEED, version: 2, format: 'json' },
};

let system;
before(async () => {
    system = await Exporting.start({
        modules: [module_('export_coco')],
        plugins: { coco: { module: 'export-coco' }, bridging: { module: 'export-coco', settings: { holes: 'bridge', annotations_name: 'ours.json' } } },
    });
});
after(() => system.close());

async function coco(fields, config = {}, plugin = 'coco', name = 'annotations.json') {
    const record = await system.run(plugin, system.project(fields), { config });
    const result = system.result(record);
    return { record, result, file: result.json(name), report: result.json('conversion_report.json') };
}

describe('an export of 500 assets of every shape becomes a COCO file that holds together', { concurrency: 4 }, () => {
    for (const [name, fields] of Object.entries(layouts)) {
        it(name, async () => {
            const { file, report, result } = await coco(fields);
            assert.deepEqual(result.names, ['annotations.json', 'conversion_report.json']);
            checkCoco(file);
            checkReport(report, file, ASSETS);
            assert.ok(file.images.length > 400 && file.annotations.length > 1000 && file.categories.length > 2);
            const wanted = countTools(Array.from({ length: ASSETS }, (_, i) => (fields.version === 2 ? generateLegacyAsset : generateAsset)(i, SEED)));
            const counted = { ...wanted, others: 0 };
            for (const [type, { in: came }] of Object.entries(report.tools)) {
                if (type in wanted) assert.equal(came, wanted[type], type);
                else counted.others += came;
            }
            assert.equal(counted.others, wanted.others);
        });
    }

    it('which is the same, whatever the layout', async () => {
        const [lined, array] = await Promise.all(Object.values(layouts).slice(0, 2).map((fields) => coco(fields)));
        assert.deepEqual(lined.file, array.file);
        assert.deepEqual(lined.report, array.report);
    });

    it('with every frame of the videos as an image', async () => {
        const { file, report } = await coco(layouts['v3, a record a line'], { video: 'frames' });
        checkCoco(file);
        checkReport(report, file, ASSETS);
        assert.ok(file.images.some(({ file_name: name }) => /_p\d{6}\./.test(name)));
    });

    it('with all tasks of an old export', async () => {
        const { file, report } = await coco(layouts['v2, a record a line'], { v2_task: 'all' });
        checkCoco(file);
        checkReport(report, file, ASSETS);
        assert.ok(file.images.length > (await coco(layouts['v2, a record a line'])).file.images.length);
    });
});

describe('the options of a run do what they say', { concurrency: 8 }, () => {
    const fields = { assets: 150, seed: SEED };
    const withHoles = { text: JSON.stringify({ asset: 'https://files.example.test/a.jpg', externalId: 'a.jpg', metadata: { width: 100, height: 80 }, task: { taskId: 't', tools: [{ segmentation: { zones: [{ region: [[0, 0], [90, 0], [90, 60], [0, 60]], holes: [[[10, 10], [20, 10], [20, 20], [10, 20]]] }] }, objectId: 'o', schemaId: 's', title: 'Field' }] } }) };

    it('holes = "rle", which is the default', async () => {
        const { file, report } = await coco(withHoles);
        checkCoco(file);
        checkReport(report, file, 1);
        assert.deepEqual([file.annotations[0].segmentation.size, file.annotations[0].area], [[80, 100], 5300]);
        assert.deepEqual(file.annotations[0].segmentation.counts.slice(0, 4), [0, 60, 20, 60]);
    });
    it('holes = "bridge"', async () => {
        const { file } = await coco(withHoles, { holes: 'bridge' });
        checkCoco(file); // also that the ring with its hole has the net area
        assert.deepEqual([file.annotations[0].segmentation.length, file.annotations[0].area], [1, 5300]);
    });
    it('holes = "drop"', async () => {
        const { file, report } = await coco(withHoles, { holes: 'drop' });
        assert.deepEqual(file.annotations[0].segmentation, [[0, 0, 90, 0, 90, 60, 0, 60]]);
        assert.equal(report.notes.hole_dropped, 1);
    });
    it('box_segmentation = false', async () => {
        const { file } = await coco(fields, { box_segmentation: false });
        assert.ok(file.annotations.some(({ segmentation }) => Array.isArray(segmentation) && segmentation.length === 0));
    });
    it('class_list', async () => {
        const { file, report } = await coco(fields, { class_list: ['Zebra', 'Truck', 'Car'] });
        checkCoco(file);
        checkReport(report, file, 150);
        assert.deepEqual(file.categories.map(({ name }) => name), ['Zebra', 'Truck', 'Car']);
        assert.ok(Object.values(report.tools).some(({ dropped }) => dropped.no_class > 0));
    });
    it('annotations_name', async () => {
        const { result } = await coco(fields, { annotations_name: 'train/instances.json' }, 'coco', 'train/instances.json');
        assert.deepEqual(result.names, ['train/instances.json', 'conversion_report.json']);
    });
    it('batch_names', async () => {
        const { file, report } = await coco(fields, { batch_names: ['night'] });
        checkReport(report, file, 150);
        assert.ok(report.assets.skipped.filtered_batch > 0 && file.images.length > 0);
    });
    it('attributes = false', async () => {
        const { file } = await coco(fields, { attributes: false });
        assert.ok(file.annotations.every((annotation) => !('attributes' in annotation)));
    });
    it('the settings of the plugin are the defaults', async () => {
        const { file } = await coco(withHoles, {}, 'bridging', 'ours.json');
        assert.ok(Array.isArray(file.annotations[0].segmentation));
    });
    it('and the options of the run win', async () => {
        const { file } = await coco(withHoles, { holes: 'rle', annotations_name: 'theirs.json' }, 'bridging', 'theirs.json');
        assert.ok('counts' in file.annotations[0].segmentation);
    });
    it('an unknown name is a warning, with the name that was perhaps meant', async () => {
        const { record } = await coco(fields, { hole: 'bridge' });
        assert.ok(lines(record, 'WARNING').some((line) => /"hole".*"holes"/.test(line)), lines(record, 'WARNING').join('\n'));
    });
    it('what was left out is said in the session log', async () => {
        const { record, report } = await coco(fields);
        for (const [reason, count] of Object.entries(report.assets.skipped)) assert.ok(lines(record, 'WARNING').includes(`${count} assets were left out (${reason}).`));
    });
});

describe('a configuration that is wrong ends the run with one clear sentence', { concurrency: 8 }, () => {
    const fails = async (request, sentence) => {
        const project = system.project();
        system.failed(await system.run('coco', project, request), sentence);
        return project;
    };
    it('for a value that is not among the choices', () => fails({ config: { holes: 'fill' } }, /^Option "holes" is "fill", but must be one of "rle", "bridge" or "drop"\.$/));
    it('for a value of another type', () => fails({ config: { min_area: 'big' } }, /^Option "min_area" is "big", but must be a number from .*\.$/));
    it('for a name that leads out of the zip', () => fails({ config: { annotations_name: '../x.json' } }, /^Option "annotations_name" is ".*", but must be a plain relative file name/));
    it('for text that is not JSON, with line and column', async () => {
        const project = await fails({ configJSON: '{\n  "holes": "rle",\n  "clip": tru\n}' }, /configuration is not a valid JSON object: .*line 3, column 1\d/);
        assert.equal(system.requests(project, 'ask').length, 0, 'Hub is not asked for an export in vain');
    });
    it('for a list', () => fails({ configJSON: '[1]' }, /configuration is not a valid JSON object/));
    it('for JSON that is nested too deep', () => fails({ configJSON: `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}` }, /configuration is not a valid JSON object/));
});

describe('no configuration is none', { concurrency: 8 }, () => {
    for (const configJSON of [null, '', ' \n', '{}']) {
        it(JSON.stringify(configJSON), async () => system.result(await system.run('coco', system.project(), { configJSON })));
    }
});
