// Tools, answers and relations of generated tasks, as JSON text.
import { idFor } from './random.mjs';
import { CLASSES, COLOR, DAMAGE, PLATE, ROAD, WEATHER } from './schema.mjs';
import { SHAPES } from './shapes.mjs';

const IMAGE_TOOLS = [
    ...Array(10).fill('bounding-box'),
    'rotated-bounding-box',
    'rotated-bounding-box',
    'polygon',
    'polygon',
    'polygon',
    'polyline',
    'point',
    'segmentation',
];
const STAMP = Date.UTC(2024, 4, 2, 9, 10, 11, 123);

/** ISO time, derived from the index. */
export const stamp = (index) => new Date(STAMP + index * 61_000).toISOString();

/** Id of the n-th object of an asset. */
export const objectId = (seed, index, n) => idFor(seed, (0x1000 + n).toString(16), index);

const answered = (id, kind, answer, nested = '') =>
    `{"objectId":"${id}","schemaId":"${kind.schemaId}",` +
    `"tool":"${kind.tool}","title":"${kind.title}","answer":${answer},"classifications":[${nested}]}`;

/** Answers below an object: a radio, sometimes with a checkbox below it, or a text. */
function nestedAnswers(random, id) {
    if (random.chance(0.3)) return answered(`${id}-p`, PLATE, JSON.stringify(`AB ${random.int(9999)} "x"`));
    const below = random.chance(0.3) ? answered(`${id}-d`, DAMAGE, `["${random.pick(DAMAGE.options).value}"]`) : '';
    return answered(`${id}-c`, COLOR, `"${random.pick(COLOR.options).value}"`, below);
}

/**
 * One tool entry. `extra` is added before the closing brace, with a comma in front of it.
 * @returns {string}
 */
export function toolText(random, kind, id, size, extra = '') {
    const entry = random.pick(CLASSES[kind]);
    const nested = kind === 'bounding-box' && random.chance(0.3) ? nestedAnswers(random, id) : '';
    return (
        `{${SHAPES[kind](random, size.width, size.height)},"objectId":"${id}","schemaId":"${entry.schemaId}",` +
        `"title":"${entry.title}","classifications":[${nested}]${extra}}`
    );
}

/** The tools of an ordinary image. */
export function imageTools(random, seed, index, size) {
    const count = 3 + random.int(6);
    let text = '';
    for (let n = 0; n < count; n += 1) {
        const kind = random.pick(IMAGE_TOOLS);
        // Segmentations never have metadata. Some of the other tools have it, with either spelling of the time.
        const time = random.chance(0.5) ? STAMP + index : `"${stamp(index)}"`;
        const extra =
            kind !== 'segmentation' && random.chance(0.1)
                ? `,"metadata":{"createdAt":${time},"createdBy":"ann@example.test","createdIn":"Label"}`
                : '';
        text += `${n ? ',' : ''}${toolText(random, kind, objectId(seed, index, n), size, extra)}`;
    }
    return text;
}

/** Answers about the whole asset. */
export function assetAnswers(random, id) {
    const weather = answered(`${id}-w`, WEATHER, `["${random.pick(WEATHER.options).value}"]`);
    if (random.chance(0.5)) return weather;
    return `${weather},${answered(`${id}-r`, ROAD, `"${random.pick(ROAD.options).value}"`)}`;
}

/** Sometimes a relation between the first two objects, sometimes a group. */
export function relations(random, seed, index) {
    const [first, second] = [objectId(seed, index, 0), objectId(seed, index, 1)];
    if (random.chance(0.1)) {
        return (
            `{"objectId":"${objectId(seed, index, 99)}","schemaId":"s-near","title":"near","from":"${first}",` +
            `"to":"${second}","direction":"${random.chance(0.5) ? 'straight' : 'bidirectional'}"}`
        );
    }
    if (random.chance(0.05)) {
        return `{"objectId":"${objectId(seed, index, 98)}","schemaId":"s-convoy","title":"convoy",` + `"group":["${first}","${second}"]}`;
    }
    return '';
}
