// Makes export records of every shape. The same seed and index give the same record. The text form comes first, because
// exports of a million assets are written with it; the object form is parsed from it.
import { ODD } from './lib/generate/odd.mjs';
import { assetAnswers, imageTools, relations, stamp } from './lib/generate/parts.mjs';
import { idFor, indexOf, randomFor } from './lib/generate/random.mjs';

const SIZES = [
    { width: 1920, height: 1080 },
    { width: 1280, height: 720 },
    { width: 640, height: 480 },
    { width: 4032, height: 3024 },
];
const BATCHES = ['["day"]', '["night"]', '["day","rework"]', '[]'];

/** Part of the key of cached exports. Raise it when the generated text changes. */
export const GENERATOR_VERSION = 2;

const field = (name, value) => (value === undefined ? '' : `,"${name}":${value}`);
const list = (value) => (value === undefined ? undefined : `[${value}]`);

/**
 * One v3 record as a line of JSON (without the newline).
 * @param {number} index
 * @param {number} [seed]
 * @param {{odd?: boolean}} [options] odd: with unusual assets (default); false: ordinary images only
 * @returns {string}
 */
export function generateAssetText(index, seed = 1, { odd = true } = {}) {
    const random = randomFor(seed, index);
    const size = random.pick(SIZES);
    const name = `${String(index).padStart(7, '0')}.jpg`;
    const assetId = idFor(seed, '0a55', index);
    const draft = {
        random,
        seed,
        index,
        size,
        asset: `https://files.example.test/p/${name}`,
        externalId: `"yard/${name}"`,
        metadata: `{"width":${size.width},"height":${size.height}}`,
        batches: random.pick(BATCHES),
        more: random.chance(0.3) ? ',"contextData":{"camera":"north","lane":"2"}' : '',
        tools: imageTools(random, seed, index, size),
        classifications: assetAnswers(random, assetId),
        relations: relations(random, seed, index),
        taskMore: '',
    };
    if (odd) ODD[index % 50]?.(draft);
    return (
        `{"asset":"${draft.asset}","assetId":"${assetId}","externalId":${draft.externalId}` +
        `${field('metadata', draft.metadata)}${field('batches', draft.batches)}${draft.more}` +
        `,"task":{"taskId":"${idFor(seed, '7a5c', index)}","stage":"Complete","stageId":"Complete",` +
        `"updatedAt":"${stamp(index)}","updatedBy":"ann@example.test","totalDuration":${1000 + random.int(90000)}` +
        `${field('tools', list(draft.tools))}${field('classifications', list(draft.classifications))}` +
        `${field('relations', list(draft.relations))}${draft.taskMore}}}`
    );
}

/**
 * The same record as an object.
 * @param {number} index
 * @param {number} [seed]
 * @param {{odd?: boolean}} [options]
 */
export function generateAsset(index, seed = 1, options = {}) {
    return JSON.parse(generateAssetText(index, seed, options));
}

/**
 * The record in the shape of the legacy v2 export: `tasks` with `objects`, one per labeller, names instead of e-mails.
 * @param {number} index
 * @param {number} [seed]
 * @param {{odd?: boolean}} [options]
 */
export function generateLegacyAsset(index, seed = 1, options = {}) {
    const { asset, externalId, metadata, batches, task } = generateAsset(index, seed, options);
    const legacyTask = {
        taskId: task.taskId,
        completedBy: 'Ann Example',
        completedAt: task.updatedAt,
        'duration(ms)': task.totalDuration,
        isSkipped: index % 50 === 5,
        status: 'Completed',
        updatedBy: 'Ann Example',
        updatedAt: task.updatedAt,
        review: { status: 'Accepted', completedBy: 'Rob Example', completedAt: task.updatedAt, 'duration(ms)': 1200 },
        isBenchmark: false,
        benchmark: '100',
        issues: [],
        objects: task.tools ?? [],
        classifications: task.classifications ?? [],
        relations: task.relations ?? [],
    };
    const second = index % 50 === 9 ? [{ ...legacyTask, taskId: `${task.taskId}-b`, completedBy: 'Ben Example' }] : [];
    return {
        asset,
        externalId,
        metadata,
        batches,
        labeledAt: task.updatedAt,
        reviewedAt: task.updatedAt,
        status: 'Completed',
        'labelDuration(ms)': task.totalDuration,
        consensus: 100,
        tasks: [legacyTask, ...second],
    };
}

/**
 * The index of the generated asset with this task id, or -1.
 * @param {string} taskId
 * @param {number} seed
 */
export function indexOfTask(taskId, seed) {
    return indexOf(seed, '7a5c', taskId);
}

/**
 * The place of the asset with that id, as indexOfTask.
 * @param {string} assetId
 * @param {number} seed
 */
export function indexOfAsset(assetId, seed) {
    return indexOf(seed, '0a55', assetId);
}
