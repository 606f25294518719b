// The unusual assets. In any 50 consecutive assets each kind below occurs once: ODD[index % 50].
import { objectId, stamp, toolText } from './parts.mjs';

/** Names that a converter must not use as a path without changes. */
export const UNSAFE_IDS = [
    '../../etc/passwd',
    '/absolute/name.jpg',
    'a\\b\\c.jpg',
    'C:\\Users\\x.jpg',
    'line\nbreak\tand\u0007bell.jpg',
    '..',
    '.',
    '',
    ' leading and trailing ',
    'nul\u0000byte.jpg',
    'CON.jpg',
    'Straße/日本語/🚗.jpg',
    'e\u0301 combining.jpg',
    '\u202egpj.exe',
    'a'.repeat(300),
    'no_extension',
    'semi;colon,"quote".jpg',
    'deep/er/than/usual/name.png',
    '%2e%2e%2fescaped.jpg',
    '\ud83d half of a pair',
];

const toolsOf = (text) => (draft) => {
    draft.tools = text(draft);
};

function video(draft) {
    const { random, seed, index, size } = draft;
    const frames = 30;
    draft.asset = `https://files.example.test/v/${index}.mp4`;
    draft.externalId = JSON.stringify(`video/${index}.mp4`);
    draft.metadata = `{"width":${size.width},"height":${size.height},"frameTotal":${frames},"frameRate":29.97}`;
    const tools = [];
    // Flat layout: one entry per object and frame, all with the same objectId. The last one marks the end of the object.
    for (let object = 0; object < 2; object += 1) {
        for (let page = object * 3; page < 20; page += 4) {
            tools.push(
                toolText(
                    random,
                    'bounding-box',
                    objectId(seed, index, object),
                    size,
                    page + 4 >= 20 ? `,"page":${page},"interpolationStopped":true` : `,"page":${page}`,
                ),
            );
        }
    }
    draft.tools = tools.join();
}

function pages(draft) {
    const { random, seed, index, size } = draft;
    const urls = [0, 1, 2].map((page) => `https://files.example.test/d/${index}-${page}.jpg`);
    draft.asset = urls[0];
    draft.more += `,"dataset":${JSON.stringify(urls)}`;
    draft.tools = [0, 2, 2].map((page, n) => toolText(random, 'polygon', objectId(seed, index, n), size, `,"page":${page}`)).join();
}

const text = toolsOf(
    ({ seed, index }) =>
        `{"ner":{"start":4,"end":11},"objectId":"${objectId(seed, index, 0)}",` +
        '"schemaId":"s-name","title":"Name","classifications":[]}',
);

const pdf = toolsOf(({ seed, index }) => {
    const rect = '{"x1":72,"y1":90.5,"x2":180,"y2":104,"width":612,"height":792}';
    return [`[${rect},${rect}]`, '[]']
        .map(
            (rects, n) =>
                `{"pdf":{"position":{"boundingRect":${rect},"rects":${rects},` +
                `"pageNumber":${n + 1}},"content":{"text":"Total 12"}},"objectId":"${objectId(seed, index, n)}",` +
                `"schemaId":"s-total","title":"Total","page":${n},"classifications":[]}`,
        )
        .join();
});

const unknownShapes = toolsOf(({ random, seed, index, size }) =>
    [
        toolText(random, 'spline', objectId(seed, index, 0), size),
        `{"hexagon":{"centre":[5,5]},"objectId":"${objectId(seed, index, 1)}","schemaId":"s-hex","title":"Hex"}`,
        `{"medical-brush":true,"objectId":"${objectId(seed, index, 2)}","schemaId":"7","title":"Lung","classifications":[]}`,
    ].join(),
);

const strange = toolsOf(({ seed, index }) =>
    [
        // exported without points, holes as one flat ring, no title, an answer with nulls, a box without area
        `{"segmentation":{},"objectId":"${objectId(seed, index, 0)}","schemaId":"s-field","title":"Field"}`,
        `{"segmentation":{"zones":[{"region":[[0,0],[90,0],[90,60],[0,60]],"holes":[[10,10],[20,10],[20,20]]}]},` +
            `"objectId":"${objectId(seed, index, 1)}","schemaId":"s-field","title":"Field"}`,
        `{"bounding-box":{"x":5,"y":5,"width":10,"height":10},"objectId":"${objectId(seed, index, 2)}","schemaId":"s-car",` +
            '"classifications":[{"objectId":"n","schemaId":"s-damage","tool":"checkbox","title":"Damage","answer":[null,"dent"]}]}',
        `{"bounding-box":{"x":5,"y":5,"width":0,"height":0},"objectId":"${objectId(seed, index, 3)}","schemaId":"s-car",` +
            '"title":"Car"}',
    ].join(),
);

/** The changes to an ordinary draft, by index % 50. */
export const ODD = {
    3: video,
    7: pages,
    11: (draft) => {
        draft.asset = `https://files.example.test/t/${draft.index}.txt`;
        text(draft);
    },
    13: (draft) => {
        draft.asset = `https://files.example.test/t/${draft.index}.pdf`;
        pdf(draft);
    },
    17: unknownShapes,
    19: (draft) => {
        draft.externalId = JSON.stringify(UNSAFE_IDS[Math.floor(draft.index / 50) % UNSAFE_IDS.length]);
    },
    23: (draft) => {
        draft.externalId = JSON.stringify(`yard/${String(draft.index - 1).padStart(7, '0')}.jpg`);
    },
    29: (draft) => {
        draft.metadata = undefined;
    },
    31: (draft) => {
        draft.metadata = '{"width":"1280","height":null}';
    },
    37: (draft) => {
        draft.batches = '["night",null]';
    },
    41: (draft) => {
        draft.taskMore +=
            `,"stageHistory":[{"stage":"Start","stageId":"Start","duration":0,"completedAt":"${stamp(draft.index)}"},` +
            `{"stage":"Label","stageId":"Label","duration":41250,"completedAt":"${stamp(draft.index)}",` +
            `"completedBy":"ann@example.test","tools":[${draft.tools}],"classifications":[],"relations":[]}]`;
    },
    43: (draft) => {
        draft.tools = undefined;
        draft.classifications = undefined;
    },
    47: (draft) => {
        strange(draft);
        draft.relations = '{"objectId":"r1","schemaId":"s-near","title":"near","from":"gone","to":"away","direction":"straight"}';
    },
};
