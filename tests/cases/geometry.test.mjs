// Outlines and sizes as people and cameras make them: what they cover must be what the COCO file says.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { before, describe, it, test } from 'node:test';
import { covered } from './lib/covered.mjs';
import { exifSegment, jfif, jpeg, png, xmp } from './lib/photos.mjs';
import { convert, dir, input, record, warnings } from './lib/running.mjs';

const IMAGE = { width: 100, height: 100 };
const tool = (objectId, shape) => ({ objectId, schemaId: 's', title: 'Leaf', ...shape });
const box = (x, y, width, height) => ({ 'bounding-box': { x, y, width, height } });
const polygon = (...points) => ({ polygon: points });
const rotated = (x, y, width, height, rotation, more = {}) => ({ 'rotated-bounding-box': { x, y, width, height, rotation, ...more } });
const zones = (...all) => ({ segmentation: { zones: all } });
const square = (x, y, side) => [
    [x, y],
    [x + side, y],
    [x + side, y + side],
    [x, y + side],
];

const annotationOf = ({ coco }, id) => coco.annotations.filter(({ ango_object_id: object }) => object === id);
/** The books of a run: the reasons for which tools of a type were dropped, with their numbers. */
const dropped = ({ report }, type) => report.tools[type].dropped;

/** Converts these shapes, each on an image of its own. The ids are the names. */
const convertAll = (shapes) => convert(Object.entries(shapes).map(([name, shape], n) => record(n, [tool(name, shape)])));

describe('outlines that cross themselves', () => {
    let made;
    before(async () => {
        made = await convert(input('self-intersecting.ndjson'));
    });

    for (const [name, area, bbox] of [
        ['bowtie', 800, [10, 10, 40, 40]],
        ['eight', 520, [10, 60, 40, 30]],
        ['tail', 900.5, [60, 9, 30, 31]],
        ['plain', 450, [60, 60, 30, 30]],
    ])
        it(`are kept with the area of their points: ${name}`, () => {
            const [annotation, ...more] = annotationOf(made, name);
            assert.deepEqual([annotation?.area, annotation?.bbox, more.length], [area, bbox, 0]);
        });
});

describe('boxes that rounding makes flat', () => {
    let made;
    before(async () => {
        made = await convert(input('tiny-boxes.ndjson'));
    });

    it('are left out as degenerate, beside a good one', () => {
        assert.deepEqual(
            made.coco.annotations.map(({ ango_object_id: id, bbox }) => [id, bbox]),
            [['good', [10, 10, 5, 20]]],
        );
        assert.deepEqual([dropped(made, 'bounding-box'), dropped(made, 'polygon')], [{ degenerate: 3 }, { degenerate: 1 }]);
    });
});

/** name: [shape, area and bbox, or the reason for which the tool is dropped]. */
const SHAPES = {
    // Clipped.
    'a box drawn from beyond the lower right corner to beyond the upper left one': [box(120, 120, -150, -150), 10000, [0, 0, 100, 100]],
    'a box that touches the image from the right': [box(100, 0, 10, 10), 'outside_image'],
    'a box that touches a corner of the image': [box(-10, -10, 10, 10), 'outside_image'],
    'a box of which less than half of a hundredth lies in the image': [box(99.996, 10, 30, 10), 'degenerate'],
    'an outline around the whole image': [polygon([-50, -50], [150, -50], [150, 150], [-50, 150]), 10000, [0, 0, 100, 100]],
    'an outline that runs around a corner outside of the image': [
        polygon([50, 10], [150, 10], [150, 150], [10, 150], [10, 120], [140, 120], [140, 20], [50, 20]),
        500,
        [50, 10, 50, 10],
    ],
    'a bow tie of which one half lies outside': [polygon([60, 10], [140, 50], [140, 10], [60, 50]), 800, [60, 10, 40, 40]],
    'an outline beside the image, with an edge on its side': [polygon([100, 10], [130, 10], [130, 40], [100, 40]), 'outside_image'],
    // Crossing and touching.
    'a star of five strokes without its middle': [polygon([50, 10], [74, 82], [12, 38], [88, 38], [26, 82]), null],
    'an outline with a spike that has no area': [polygon([10, 10], [50, 10], [50, 90], [50, 10], [50, 50], [10, 50]), 1600],
    'an outline that goes there and back on one line': [polygon([10, 10], [50, 30], [90, 50], [50, 30]), 'degenerate'],
    'two squares that meet in a corner': [polygon([10, 10], [30, 10], [30, 50], [50, 50], [50, 30], [10, 30]), null],
    'an outline closed by its first point twice': [polygon([10, 10], [50, 10], [50, 50], [10, 10], [10, 10]), 800, [10, 10, 40, 40]],
    'an outline of two different points': [polygon([10, 10], [50, 50], [10, 10]), 'degenerate'],
    'an outline whose points are one after rounding': [polygon([10, 10], [10.001, 10.002], [50, 50], [50.001, 50]), 'degenerate'],
    // Zones and holes.
    'a zone that is there twice': [zones({ region: square(10, 10, 40) }, { region: square(10, 10, 40) }), 1600, [10, 10, 40, 40]],
    'two zones that overlap': [zones({ region: square(10, 10, 40) }, { region: square(30, 30, 40) }), 2800, [10, 10, 60, 60]],
    'a zone in the hole of another': [
        zones({ region: square(10, 10, 60), holes: [square(20, 20, 40)] }, { region: square(30, 30, 20) }),
        2400,
        [10, 10, 60, 60],
    ],
    'a hole of which a part lies outside of its region': [
        zones({ region: square(10, 10, 40), holes: [square(30, 30, 40)] }),
        1200,
        [10, 10, 40, 40],
    ],
    'two holes that overlap': [
        zones({ region: square(10, 10, 40), holes: [square(15, 15, 20), square(25, 25, 20)] }),
        900,
        [10, 10, 40, 40],
    ],
    'a hole that covers its region': [zones({ region: square(20, 20, 20), holes: [square(10, 10, 40)] }), 'degenerate'],
    'a hole that is its region': [zones({ region: square(20, 20, 20), holes: [square(20, 20, 20)] }), 'degenerate'],
    'a hole that crosses itself': [
        zones({
            region: square(0, 0, 60),
            holes: [
                [
                    [10, 10],
                    [50, 50],
                    [50, 10],
                    [10, 50],
                ],
            ],
        }),
        2800,
        [0, 0, 60, 60],
    ],
    'a hole without a region around it, beside a good zone': [
        zones({ region: [], holes: [square(10, 10, 10)] }, { region: square(40, 40, 10) }),
        100,
        [40, 40, 10, 10],
    ],
    'holes as one flat ring': [zones({ region: square(10, 10, 40), holes: square(20, 20, 10) }), 1500, [10, 10, 40, 40]],
    'a zone outside of the image and one inside': [
        zones({ region: square(200, 200, 40) }, { region: square(10, 10, 10) }),
        100,
        [10, 10, 10, 10],
    ],
    // Rotated boxes.
    'a box turned by 90 degrees': [rotated(50, 50, 20, 10, 90), 200, [40, 50, 10, 20]],
    'a box turned by 90 degrees, drawn to the left': [rotated(50, 50, -20, 10, 90), 200, [40, 30, 10, 20]],
    'a turned box of which a half lies outside': [rotated(105, 50, 20, 10, 90), 100, [95, 50, 5, 20]],
    'a box turned by 360 degrees': [rotated(10, 20, 30, 40, 360), 1200, [10, 20, 30, 40]],
    'a turned box whose corners are one point': [rotated(10, 10, 30, 40, 0, { corners: Array(4).fill([10, 10]) }), 'degenerate'],
    'a turned box without a width': [rotated(10, 10, 0, 40, 30), 'degenerate'],
    'a turned box with three corners': [rotated(10, 10, 20, 20, 0, { corners: square(50, 50, 9).slice(0, 3) }), 400, [10, 10, 20, 20]],
    // Numbers.
    'a box of texts': [{ 'bounding-box': { x: '10', y: '10', width: 'a', height: '5' } }, 'invalid_geometry'],
    'a box without a height': [{ 'bounding-box': { x: 10, y: 10, width: 5 } }, 'invalid_geometry'],
    'a box that is null': [{ 'bounding-box': null }, 'invalid_geometry'],
    'an outline with null in it': [polygon([10, 10], [null, 10], [50, 50]), 'invalid_geometry'],
    'an outline as one flat list': [{ polygon: [10, 10, 50, 10, 50, 50] }, 'invalid_geometry'],
    'an outline whose points have names': [
        {
            polygon: [
                { x: 10, y: 10 },
                { x: 50, y: 10 },
                { x: 50, y: 50 },
            ],
        },
        'invalid_geometry',
    ],
    'a box a billion pixels wide': [box(0, 10, 1e9, 10), 1000, [0, 10, 100, 10]],
    'a box of more than a billion pixels': [box(0, 10, 3e9, 10), 'invalid_geometry'],
    'a box at minus zero': [box(-0, -0, 5, 5), 25, [0, 0, 5, 5]],
    'a box of the smallest number': [box(5, 5, 5e-324, 10), 'degenerate'],
};

describe('a shape covers what it is drawn around:', () => {
    let made;
    before(async () => {
        made = await convertAll(Object.fromEntries(Object.entries(SHAPES).map(([name, [shape]]) => [name, shape])));
    });

    for (const [name, [shape, area, bbox]] of Object.entries(SHAPES))
        it(name, async () => {
            const annotations = annotationOf(made, name);
            if (typeof area === 'string') {
                assert.deepEqual(annotations, []);
                const alone = await convertAll({ [name]: shape });
                assert.deepEqual(dropped(alone, Object.keys(shape)[0]), { [area]: 1 });
                return;
            }
            assert.equal(annotations.length, 1);
            assert.equal(annotations[0].area, area ?? Math.round(covered([{ region: shape.polygon }], IMAGE).area * 100) / 100);
            if (bbox) assert.deepEqual(annotations[0].bbox, bbox);
        });

    it('and every tool is accounted for', () => {
        for (const [type, { in: came, emitted, merged, ended, dropped: reasons }] of Object.entries(made.report.tools))
            assert.equal(emitted + merged + ended + Object.values(reasons).reduce((sum, n) => sum + n, 0), came, type);
    });
});

/** Numbers that look random, the same in each run. */
function numbers(seed) {
    let state = seed;
    return (limit) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor((state / 2 ** 32) * limit);
    };
}

test('two hundred scribbles have the area and the extents of their points, also where the image cuts them', async () => {
    const next = numbers(7);
    const point = () => [next(140) - 20, next(140) - 20];
    const ring = (points) => Array.from({ length: points }, point);
    const shapes = {};
    for (let n = 0; n < 100; n += 1) shapes[`polygon ${n}`] = polygon(...ring(3 + next(9)));
    for (let n = 0; n < 100; n += 1)
        shapes[`zones ${n}`] = zones(...Array.from({ length: 1 + next(3) }, () => ({ region: ring(3 + next(5)), holes: [] })));
    const made = await convertAll(shapes);
    const wrong = [];
    for (const [name, shape] of Object.entries(shapes)) {
        const right = covered(shape.polygon ? [{ region: shape.polygon }] : shape.segmentation.zones, IMAGE);
        const [annotation] = annotationOf(made, name);
        // Corners where the image cuts an edge, or two edges cross, may be rounded before they are measured.
        const isNear = (a, b, most) => Math.abs(a - b) <= most;
        const fits =
            right.area < 0.5
                ? !annotation || isNear(annotation.area, right.area, 2)
                : annotation &&
                  isNear(annotation.area, right.area, 3) &&
                  annotation.bbox.every((side, i) => isNear(side, right.bbox[i], 0.02));
        if (!fits) wrong.push({ name, shape: JSON.stringify(shape), right, made: annotation && [annotation.area, annotation.bbox] });
    }
    assert.deepEqual(wrong, []);
});

/** The pixels of run lengths: their number and extents. */
function pixelsOf({ size: [height], counts }) {
    let at = 0,
        number = 0;
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    counts.forEach((count, i) => {
        if (i % 2 === 1)
            for (let pixel = at; pixel < at + count; pixel += 1) {
                const [x, y] = [Math.floor(pixel / height), pixel % height];
                number += 1;
                box.splice(0, 4, Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x + 1), Math.max(box[3], y + 1));
            }
        at += count;
    });
    return { number, box: [box[0], box[1], box[2] - box[0], box[3] - box[1]] };
}

test('beside run lengths, area and box are those of the pixels', async () => {
    const shapes = {
        ring: zones({ region: square(10.25, 10.25, 40), holes: [square(20.75, 20.75, 10)] }),
        'off the image': zones({ region: square(70.5, 70.5, 60), holes: [square(80, 80, 5)] }),
        overlapping: zones({ region: square(10, 10, 40), holes: [square(20, 20, 10)] }, { region: square(15, 15, 20) }),
        triangle: zones({
            region: [
                [3.3, 3.7],
                [90.1, 14.2],
                [33.9, 88.8],
            ],
            holes: [
                [
                    [30, 20],
                    [40, 22],
                    [35, 30],
                ],
            ],
        }),
    };
    const made = await convertAll(shapes);
    for (const name of Object.keys(shapes)) {
        const [{ segmentation, area, bbox }] = annotationOf(made, name);
        assert.ok(segmentation.counts, name);
        const pixels = pixelsOf(segmentation);
        assert.deepEqual([area, bbox], [pixels.number, pixels.box], name);
    }
});

describe('the size of an image in a folder is that of the picture as it is shown', () => {
    test('a portrait of a phone has its boxes', async () => {
        const images = path.join(dir, 'phone');
        fs.mkdirSync(images);
        fs.writeFileSync(path.join(images, 'upright.jpg'), jpeg(40, 30, [exifSegment(1)]));
        fs.writeFileSync(path.join(images, 'phone.jpg'), jpeg(40, 30, [exifSegment(6)]));
        const made = await convert(input('exif-orientation.ndjson'), { settings: { image_dir: images } });
        assert.deepEqual(
            made.coco.images.map(({ file_name: name, width, height }) => [name, width, height]),
            [
                ['upright.jpg', 40, 30],
                ['phone.jpg', 30, 40],
            ],
        );
        assert.deepEqual(
            made.coco.annotations.map(({ ango_object_id: id, bbox }) => [id, bbox]),
            [
                ['a', [5, 5, 30, 20]],
                ['b', [2, 24, 20, 14]],
                ['c', [4, 32, 10, 6]],
            ],
        );
    });

    const [LYING, STANDING] = [
        [40, 30],
        [30, 40],
    ];
    const photos = {
        ...Object.fromEntries([1, 2, 3, 4].map((n) => [`orientation ${n}`, [jpeg(40, 30, [exifSegment(n)]), LYING]])),
        ...Object.fromEntries([5, 6, 7, 8].map((n) => [`orientation ${n}`, [jpeg(40, 30, [exifSegment(n)]), STANDING]])),
        'orientation 0, which means nothing': [jpeg(40, 30, [exifSegment(0)]), LYING],
        'orientation 9, which means nothing': [jpeg(40, 30, [exifSegment(9)]), LYING],
        'little-endian EXIF': [jpeg(40, 30, [exifSegment(8, { bigEndian: false })]), STANDING],
        'EXIF behind JFIF': [jpeg(40, 30, [jfif, exifSegment(6)]), STANDING],
        'EXIF behind XMP': [jpeg(40, 30, [jfif, xmp, exifSegment(6)]), STANDING],
        'XMP behind EXIF': [jpeg(40, 30, [exifSegment(6), xmp]), STANDING],
        'EXIF whose directory lies outside': [jpeg(40, 30, [exifSegment(6, { offset: 4000 })]), LYING],
        'EXIF whose directory overlaps its head': [jpeg(40, 30, [exifSegment(6, { offset: 0 })]), LYING],
        'no EXIF': [jpeg(40, 30, [jfif]), LYING],
        'PNG with EXIF': [png(40, 30, 6), STANDING],
    };
    let made;
    before(async () => {
        const images = path.join(dir, 'photos');
        fs.mkdirSync(images);
        Object.values(photos).forEach(([bytes], n) => fs.writeFileSync(path.join(images, `${n}.png`), bytes));
        const records = Object.keys(photos).map((_, n) => record(n, [], {}));
        made = await convert(records, { settings: { image_dir: images } });
    });
    for (const [n, [name, [, size]]] of Object.entries(photos).entries())
        test(name, () => assert.deepEqual([made.coco.images[n].width, made.coco.images[n].height], size));

    test('a size in the export counts before the file', async () => {
        const images = path.join(dir, 'sized');
        fs.mkdirSync(images);
        fs.writeFileSync(path.join(images, '1.png'), jpeg(40, 30, [exifSegment(6)]));
        const { coco } = await convert([record(1, [], { width: 77, height: 88 })], { settings: { image_dir: images } });
        assert.deepEqual([coco.images[0].width, coco.images[0].height], [77, 88]);
    });
});

test('sizes that are no numbers above 0 do not count, and a numeric text does', async () => {
    const sizes = [
        [{ width: '120', height: '90' }, [120, 90]],
        [{ width: 0, height: 90 }, []],
        [{ width: -5, height: 90 }, []],
        [{ width: null, height: 90 }, []],
        [{ width: '120px', height: 90 }, []],
        [{ width: true, height: 90 }, []],
        [{ width: '', height: '' }, []],
        [{}, []],
    ];
    const made = await convert(sizes.map(([size], n) => record(n, [tool('o', box(-5, 5, 20, 20))], size)));
    assert.deepEqual(
        made.coco.images.map(({ width, height }) => [width, height].filter((side) => side !== undefined)),
        sizes.map(([, size]) => size),
    );
    assert.equal(made.report.notes.image_without_size, 7);
    assert.ok(warnings(made).every((line) => !/undefined|NaN/.test(line)));
});
