import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateAsset, generateAssetText, generateLegacyAsset, indexOfTask } from '../assets.mjs';
import { rotatedCorners } from '../lib/generate/shapes.mjs';

const range = (count) => [...Array(count).keys()];

test('the same seed and index give the same text, others do not', () => {
    assert.equal(generateAssetText(5, 1), generateAssetText(5, 1));
    assert.notEqual(generateAssetText(5, 1), generateAssetText(5, 2));
    assert.equal(generateAssetText(5, 1).includes('\n'), false);
});

test('records are of a usual size', () => {
    const bytes = range(2000).reduce((sum, i) => sum + Buffer.byteLength(generateAssetText(i)), 0) / 2000;
    assert.ok(bytes > 1500 && bytes < 2100, `${bytes} bytes`);
});

test('every shape and every oddity occurs', () => {
    const records = range(1000).map((i) => generateAsset(i, 3));
    const tools = records.flatMap((record) => record.task.tools ?? []);
    for (const shape of [
        'bounding-box',
        'rotated-bounding-box',
        'polygon',
        'polyline',
        'point',
        'segmentation',
        'spline',
        'ner',
        'pdf',
        'hexagon',
        'medical-brush',
    ]) {
        assert.ok(
            tools.some((tool) => shape in tool),
            shape,
        );
    }
    assert.ok(tools.some((tool) => tool['bounding-box']?.width < 0));
    assert.ok(tools.some((tool) => tool.segmentation?.zones?.length > 1));
    assert.ok(tools.some((tool) => tool.segmentation?.zones?.[0].holes.length > 0));
    assert.ok(tools.some((tool) => tool.interpolationStopped));
    assert.ok(tools.some((tool) => tool.classifications?.[0]?.classifications?.length > 0));
    assert.ok(records.some((record) => record.metadata === undefined));
    assert.ok(records.some((record) => record.batches?.includes(null)));
    assert.ok(records.some((record) => record.dataset));
    assert.ok(records.some((record) => record.task.stageHistory));
    assert.ok(records.some((record) => record.task.relations?.length > 0));
    assert.ok(records.some((record) => record.externalId.includes('..')));
    assert.ok(new Set(records.map((record) => record.externalId)).size < records.length);
});

test('corners of a rotated box: at 0 degrees from the top left down, and clockwise with the angle', () => {
    assert.deepEqual(rotatedCorners(1, 2, 10, 20, 0), [
        [1, 2],
        [1, 22],
        [11, 22],
        [11, 2],
    ]);
    assert.deepEqual(rotatedCorners(0, 0, 10, 20, 90), [
        [0, 0],
        [-20, 0],
        [-20, 10],
        [0, 10],
    ]);
});

test('legacy records and task ids', () => {
    assert.equal(generateLegacyAsset(9).tasks.length, 2);
    assert.ok(generateLegacyAsset(5).tasks[0].isSkipped);
    assert.equal(indexOfTask(generateAsset(42, 7).task.taskId, 7), 42);
    assert.equal(indexOfTask('other', 7), -1);
});
