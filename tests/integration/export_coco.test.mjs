// COCO files of whole exports: every layout, unusual assets, and the options of users.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { generateAsset, generateLegacyAsset } from '../hub/assets.mjs';
import { module_ } from './lib/angod.mjs';
import { checkCoco, checkReport, countTools } from './lib/coco.mjs';
import { Exporting, lines } from './lib/exporting.mjs';
import { png } from './lib/png.mjs';

const ASSETS = 500,
    SEED = 21;
const layouts = {
    'v3, a record a line': { assets: ASSETS, seed: SEED },
    'v3, one array': { assets: ASSETS, seed: SEED, format: 'json' },
    'v2, a record a line': { assets: ASSETS, seed: SEED, version: 2 },
    'v2, one array': { assets: ASSETS, seed: SEED, version: 2, format: 'json' },
};

let system, dir;
before(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-test-'));
    fs.mkdirSync(path.join(dir, 'images/yard'), { recursive: true });
    fs.writeFileSync(
        path.join(dir, 'images/yard/07.jpg'),
        png(64, 48, () => [0, 0, 0, 255]),
    );
    system = await Exporting.start({
        modules: [module_('export_coco')],
        plugins: {
            coco: { module: 'export-coco' },
            bridging: { module: 'export-coco', settings: { holes: 'bridge', annotations_name: 'ours.json' } },
            beside: { module: 'export-coco', settings: { image_dir: path.join(dir, 'images') } },
        },
    });
});
after(async () => {
    fs.rmSync(dir, { recursive: true, force: true });
    await system.close();
});

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
            const wanted = countTools(
                Array.from({ length: ASSETS }, (_, i) => (fields.version === 2 ? generateLegacyAsset : generateAsset)(i, SEED)),
            );
            const counted = { ...wanted, others: 0 };
            for (const [type, { in: came }] of Object.entries(report.tools)) {
                if (type in wanted) assert.equal(came, wanted[type], type);
                else counted.others += came;
            }
            assert.equal(counted.others, wanted.others);
        });
    }

    it('which is the same, whatever the layout', async () => {
        const [lined, array] = await Promise.all(
            Object.values(layouts)
                .slice(0, 2)
                .map((fields) => coco(fields)),
        );
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
    const withHoles = {
        text: JSON.stringify({
            asset: 'https://files.example.test/a.jpg',
            externalId: 'a.jpg',
            metadata: { width: 100, height: 80 },
            task: {
                taskId: 't',
                tools: [
                    {
                        segmentation: {
                            zones: [
                                {
                                    region: [
                                        [0, 0],
                                        [90, 0],
                                        [90, 60],
                                        [0, 60],
                                    ],
                                    holes: [
                                        [
                                            [10, 10],
                                            [20, 10],
                                            [20, 20],
                                            [10, 20],
                                        ],
                                    ],
                                },
                            ],
                        },
                        objectId: 'o',
                        schemaId: 's',
                        title: 'Field',
                    },
                ],
            },
        }),
    };

    it('holes = "rle", which is the default', async () => {
        const { file, report } = await coco(withHoles);
        checkCoco(file);
        checkReport(report, file, 1);
        assert.deepEqual([file.annotations[0].segmentation.size, file.annotations[0].area], [[80, 100], 5300]);
        assert.deepEqual(file.annotations[0].segmentation.counts.slice(0, 4), [0, 60, 20, 60]);
    });
    it('holes = "bridge"', async () => {
        const { file } = await coco(withHoles, { holes: 'bridge' });
        checkCoco(file); // it also checks that the ring with its hole has the net area
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
        assert.deepEqual(
            file.categories.map(({ name }) => name),
            ['Zebra', 'Truck', 'Car'],
        );
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
        assert.ok(
            lines(record, 'WARNING').some((line) => /"hole".*"holes"/.test(line)),
            lines(record, 'WARNING').join('\n'),
        );
    });
    it('omissions are reported in the session log', async () => {
        const { record, report } = await coco(fields);
        for (const [reason, count] of Object.entries(report.assets.skipped))
            assert.ok(lines(record, 'WARNING').includes(`${count} ${count === 1 ? 'asset was' : 'assets were'} left out (${reason}).`));
    });
});

describe('another reader sees the same pixels', () => {
    it('in the run lengths and in the bridged polygons of 2000 assets of every shape', async () => {
        const fields = { assets: 2000, seed: SEED };
        const files = await Promise.all(
            ['rle', 'bridge'].map(async (holes) => {
                const { result } = await coco(fields, { holes });
                const file = path.join(dir, `${holes}.json`);
                fs.writeFileSync(file, result.text('annotations.json'));
                return file;
            }),
        );
        const { stdout } = await promisify(execFile)('python3', [new URL('lib/coco_decode.py', import.meta.url).pathname, ...files]);
        const seen = JSON.parse(stdout);
        assert.ok(seen.run_lengths > 100 && seen.polygons > 2000 && seen.images > 1500, stdout);
        assert.ok(seen.compared > 100, stdout);
    });
});

describe('data from outside of the export', { concurrency: 4 }, () => {
    const text = (...records) => ({ text: records.map((record) => JSON.stringify(record)).join('\n') });

    it('the frames between key frames, with interpolate = "linear"', async () => {
        const box = (x, page, more) => ({
            'bounding-box': { x, y: 10, width: 20, height: 10 },
            objectId: 'o',
            schemaId: 's',
            title: 'Car',
            page,
            ...more,
        });
        const fields = text({
            externalId: 'clip.mp4',
            metadata: { width: 200, height: 100, frameTotal: 90 },
            task: { taskId: 't', tools: [box(0, 2), box(40, 6), box(40, 8, { interpolationStopped: true })] },
        });
        const { file, report } = await coco(fields, { video: 'frames', interpolate: 'linear' });
        checkCoco(file);
        checkReport(report, file, 1);
        assert.deepEqual(
            file.images.map(({ file_name: name }) => name),
            [2, 3, 4, 5, 6, 7].map((page) => `clip_p00000${page}.jpg`),
        );
        assert.deepEqual(
            file.annotations.map(({ bbox }) => bbox[0]),
            [0, 10, 20, 30, 40, 40],
        );
        assert.equal(report.notes.interpolated, 4);
        assert.equal((await coco(fields, { video: 'frames' })).file.images.length, 2);
    });

    it('sizes from the headers of files beside it, with image_dir in the settings', async () => {
        const fields = text(
            { externalId: 'yard/07.jpg', task: { taskId: 't', tools: [] } },
            { externalId: '../07.jpg', task: { taskId: 'u', tools: [] } },
        );
        const { file, report } = await coco(fields, {}, 'beside');
        assert.deepEqual(
            file.images.map(({ width, height }) => [width, height]),
            [
                [64, 48],
                [undefined, undefined],
            ],
        );
        assert.equal(report.notes.image_without_size, 1);
    });

    it('image_dir cannot be set by the user who starts a run', async () => {
        system.failed(
            await system.run('coco', system.project(), { config: { image_dir: '/etc' } }),
            /^Option "image_dir" is a folder of the machine/,
        );
    });

    describe('masks = "fetch"', { concurrency: 4 }, () => {
        const schema = {
            tools: [
                { schemaId: 's-road', title: 'Road', tool: 'brush', color: '#FF0000' },
                { schemaId: 's-sky', title: 'Sky', tool: 'brush', color: '#0000FF' },
            ],
        };
        const publish = (name, bytes) => {
            const file = path.join(dir, name);
            fs.writeFileSync(file, bytes);
            return system.hub.files.sign('GET', system.hub.files.published(file, name), system.hub.url);
        };
        const record = (task) => ({ externalId: 'a.png', metadata: { width: 40, height: 30 }, task: { taskId: 't', ...task } });
        const withSchema = (...records) => ({ ...text(...records), categorySchema: schema });

        it('makes annotations of brush traces, by the colours that Hub tells', async () => {
            const url = publish(
                'brush.png',
                png(40, 30, (x, y) => (y < 10 ? [255, 0, 0, 255] : x < 5 ? [0, 0, 255, 200] : x === 39 ? [1, 2, 3, 255] : [0, 0, 0, 0])),
            );
            const { file, report, record: session } = await coco(withSchema(record({ brushDataUrl: url })), { masks: 'fetch' });
            checkCoco(file);
            assert.deepEqual(
                file.categories.map(({ name }) => name),
                ['Road', 'Sky'],
            );
            assert.deepEqual(
                file.annotations.map(({ area, bbox }) => [area, bbox]),
                [
                    [400, [0, 0, 40, 10]],
                    [100, [0, 10, 5, 20]],
                ],
            );
            assert.deepEqual([report.notes.brush_annotations, report.notes.brush_unmatched_px], [2, 20]);
            assert.ok(!JSON.stringify([file, report, session.logs]).includes('X-Signature'));
        });

        it('and of segmentations that were exported without points', async () => {
            const url = publish(
                'mask.png',
                png(40, 30, (x, y) => (x > 9 && x < 20 && y > 4 ? [255, 255, 255, 255] : [0, 0, 0, 255])),
            );
            const fields = withSchema(record({ tools: [{ objectId: 'o', schemaId: 's', title: 'Field', masks: [url] }] }));
            const { file, report } = await coco(fields, { masks: 'fetch' });
            checkCoco(file);
            checkReport(report, file, 1);
            assert.deepEqual(
                file.annotations.map(({ area, bbox }) => [area, bbox]),
                [[250, [10, 5, 10, 25]]],
            );
            assert.equal((await coco(fields)).report.tools.segmentation.dropped.segmentation_without_points, 1);
        });

        it('a picture that cannot be had costs its traces, and the log says why without the address', async () => {
            const { pathname } = new URL(
                publish(
                    'gone.png',
                    png(1, 1, () => [0, 0, 0, 0]),
                ),
            );
            const expired = `${system.hub.url}${pathname}?X-Method=GET&X-Expires=1&X-Signature=00`;
            const { record: session, report } = await coco(
                withSchema(record({ brushDataUrl: expired }), record({ brushDataUrl: 'http://192.0.2.1/x.png' })),
                { masks: 'fetch' },
            );
            assert.equal(report.notes.mask_unreadable, 2);
            const said = lines(session, 'WARNING').filter((line) => line.startsWith('A mask of "a.png" was left out: '));
            assert.equal(said.length, 2);
            assert.match(said[0], /HTTP 403/);
            assert.match(said[1], /neither https nor of Hub/);
            assert.ok(said.every((line) => !line.includes('gone.png')));
        });

        it('without it, brush traces are left out with a warning', async () => {
            const { record: session, report } = await coco(withSchema(record({ brushDataUrl: 'https://files.example.test/b.png' })));
            assert.equal(report.notes.brush_ignored, 1);
            assert.ok(lines(session, 'WARNING').some((line) => line.startsWith('The brush traces of 1 task were left out')));
        });
    });
});

describe('a configuration that is wrong ends the run with one clear sentence', { concurrency: 8 }, () => {
    const fails = async (request, sentence) => {
        const project = system.project();
        system.failed(await system.run('coco', project, request), sentence);
        return project;
    };
    it('for a value that is not among the choices', () =>
        fails({ config: { holes: 'fill' } }, /^Option "holes" is "fill", but must be one of "rle", "bridge" or "drop"\.$/));
    it('for a value of another type', () =>
        fails({ config: { min_area: 'big' } }, /^Option "min_area" is "big", but must be a number from .*\.$/));
    it('for a name that leads out of the zip', () =>
        fails({ config: { annotations_name: '../x.json' } }, /^Option "annotations_name" is ".*", but must be a plain relative file name/));
    it('for text that is not JSON, with line and column', async () => {
        const project = await fails(
            { configJSON: '{\n  "holes": "rle",\n  "clip": tru\n}' },
            /configuration is not a valid JSON object: .*line 3, column 1\d/,
        );
        assert.equal(system.requests(project, 'ask').length, 0, 'Hub is not asked for an export in vain');
    });
    it('for a list', () => fails({ configJSON: '[1]' }, /configuration is not a valid JSON object/));
    it('for JSON that is nested too deep', () =>
        fails({ configJSON: `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}` }, /configuration is not a valid JSON object/));
});

describe('no configuration is none', { concurrency: 8 }, () => {
    for (const configJSON of [null, '', ' \n', '{}']) {
        it(JSON.stringify(configJSON), async () => system.result(await system.run('coco', system.project(), { configJSON })));
    }
});
