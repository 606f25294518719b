// Rules that every COCO file and its report must follow.
import assert from 'node:assert/strict';

const ROUNDED = 0.0051; // an area is rounded to two decimals
const ARITHMETIC = 1e-6;
const sum = (numbers) => numbers.reduce((total, n) => total + n, 0);
const near = (a, b, tolerance) => Math.abs(a - b) <= tolerance;

/** Ids start at 1 without gaps, references have targets, boxes and areas fit the outlines, names can be used for files. */
export function checkCoco({ images, annotations, categories }) {
    for (const list of [images, annotations, categories])
        assert.deepEqual(
            list.map(({ id }) => id),
            list.map((_, i) => i + 1),
        );
    for (const { file_name: name } of images) {
        assert.ok(name.length > 0 && Buffer.byteLength(name) <= 255, name);
        assert.ok(name.isWellFormed?.() ?? true, name);
        assert.doesNotMatch(name, /^\/|\\|[\u0000-\u001f\u007f<>:"|?*]|(^|\/)\.{1,2}(\/|$)/, name);
    }
    const names = images.map(({ file_name: name }) => name.toLowerCase());
    assert.equal(new Set(names).size, names.length, 'two images have one name');
    assert.equal(new Set(categories.map(({ name }) => name)).size, categories.length);
    for (const annotation of annotations) {
        const image = images[annotation.image_id - 1];
        assert.ok(image && categories[annotation.category_id - 1], JSON.stringify(annotation).slice(0, 300));
        checkAnnotation(annotation, image);
    }
}

function checkAnnotation(annotation, { width, height }) {
    const isSized = width !== undefined; // without it, nothing is cut at the edges
    const [low, rightEdge, bottomEdge] = isSized ? [0, width, height] : [-Infinity, Infinity, Infinity];
    const about = JSON.stringify(annotation).slice(0, 400);
    const {
        bbox: [x, y, w, h],
        area,
        segmentation,
    } = annotation;
    assert.ok([x, y, w, h, area].every(Number.isFinite) && w > 0 && h > 0 && area > 0, about);
    assert.ok(x >= low && y >= low && x + w <= rightEdge + ARITHMETIC && y + h <= bottomEdge + ARITHMETIC, about);
    assert.ok(area <= w * h + ROUNDED, about);
    assert.equal(annotation.iscrowd, 0);
    if (!Array.isArray(segmentation)) return checkRunLengths(segmentation, annotation, { width, height }, about);
    if (segmentation.length === 0) return undefined;
    const xs = segmentation.flatMap((ring) => ring.filter((_, i) => i % 2 === 0)),
        ys = segmentation.flatMap((ring) => ring.filter((_, i) => i % 2 === 1));
    for (const ring of segmentation) assert.ok(ring.length >= 6 && ring.length % 2 === 0 && ring.every(Number.isFinite), about);
    const [left, top, right, bottom] = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    assert.ok(
        near(x, left, ARITHMETIC) && near(y, top, ARITHMETIC) && near(x + w, right, ARITHMETIC) && near(y + h, bottom, ARITHMETIC),
        about,
    );
    // The rings of generated objects do not cross themselves or each other.
    const shoelace = (ring) =>
        Math.abs(sum(ring.map((n, i) => (i % 2 === 0 ? n * ring[(i + 3) % ring.length] : -n * ring[(i + 1) % ring.length])))) / 2;
    return assert.ok(near(area, sum(segmentation.map(shoelace)), ROUNDED + ARITHMETIC), about);
}

function checkRunLengths({ size, counts }, { bbox: [x, y, w, h], area }, { width, height }, about) {
    assert.deepEqual(size, [height, width], about);
    assert.equal(sum(counts), width * height, about);
    assert.ok(
        counts.every((n, i) => Number.isInteger(n) && (n > 0 || i === 0)),
        about,
    );
    let at = 0,
        filled = 0,
        [left, right, top, bottom] = [Infinity, 0, Infinity, 0];
    counts.forEach((n, i) => {
        if (i % 2 === 1) {
            filled += n;
            left = Math.min(left, Math.floor(at / height));
            right = Math.max(right, Math.floor((at + n - 1) / height) + 1);
            const isOneColumn = (at % height) + n <= height;
            top = Math.min(top, isOneColumn ? at % height : 0);
            bottom = Math.max(bottom, isOneColumn ? (at % height) + n : height);
        }
        at += n;
    });
    assert.deepEqual([left, top, right, bottom], [x, y, x + w, y + h], about);
    assert.equal(filled, area, about);
}

/** Every tool of the export is counted in exactly one place, and the report belongs to this file. */
export function checkReport(report, { images, annotations, categories }, assets) {
    assert.deepEqual([report.schema, report.target], [1, 'coco']);
    assert.equal(report.assets.in, assets);
    assert.equal(report.assets.in, report.assets.converted + sum(Object.values(report.assets.skipped)));
    for (const [type, { in: came, emitted, merged, ended, dropped }] of Object.entries(report.tools)) {
        assert.equal(came, emitted + merged + ended + sum(Object.values(dropped)), `tools of type ${type}`);
    }
    const made = (report.notes.interpolated ?? 0) + (report.notes.brush_annotations ?? 0); // of input that is not a tool
    assert.equal(sum(Object.values(report.tools).map(({ emitted }) => emitted)) + made, annotations.length);
    assert.deepEqual(
        report.classes.map(({ id, name }) => [id, name]),
        categories.map(({ id, name }) => [id, name]),
    );
    assert.deepEqual(report.names.map(({ out }) => out).sort(), images.map(({ file_name: name }) => name).sort());
}

/** The number of tool entries with each shape key in the records. */
export function countTools(records) {
    const counts = {};
    const keys = ['bounding-box', 'rotated-bounding-box', 'polygon', 'polyline', 'point', 'segmentation', 'ner', 'pdf'];
    const tools = records.flatMap(({ task, tasks }) => (task ? (task.tools ?? []) : tasks.flatMap(({ objects }) => objects)));
    for (const tool of tools) {
        const key = keys.find((name) => name in tool) ?? 'others';
        counts[key] = (counts[key] ?? 0) + 1;
    }
    return counts;
}
