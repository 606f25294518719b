// The jobs that the vendor's client and angod do. Each has a script for the client (scripts.py), and a module for angod that does the
// same with the same event.
import fs from 'node:fs';
import path from 'node:path';
import { example, fixture, module_ } from '../integration/lib/angod.mjs';
import { failed } from '../integration/lib/lines.mjs';
import { png } from '../integration/lib/png.mjs';

const BOX = { schemaId: 's-truck', 'bounding-box': { x: 1, y: 2, width: 3, height: 4 }, objectId: 'module-1' };
/** The second object has no id of its own. */
const ANSWER = {
    objects: [BOX, { schemaId: 's-bus', point: [3, 4] }],
    classifications: [{ schemaId: 'c', answer: 'new' }],
    relations: [{ schemaId: 'r', from: 'a', to: 'b' }],
};
/** The labels that a user has made before. */
const EXISTING = {
    tools: [{ objectId: 'old', schemaId: 's-bus', point: [1, 2] }],
    classifications: [
        { schemaId: 'c', answer: 'old' },
        { schemaId: 'd', answer: 'kept' },
    ],
    relations: [{ schemaId: 'r', from: 'c', to: 'd' }],
};
/** Brushes that are in a storage already. */
const ADDRESSES = { brushDataUrl: 'https://files.example.test/1.png', medicalBrushDataUrl: 'https://files.example.test/1.seg.nrrd' };
const NOTHING = { objects: [], classifications: [], relations: [] };
const [RED, BLUE, CLEAR] = [
    [255, 0, 0, 255],
    [0, 0, 255, 255],
    [0, 0, 0, 0],
];
const OLD_BRUSH = [RED, CLEAR, RED];
const NEW_BRUSH = [CLEAR, CLEAR, BLUE];
const pictureOf = (row) => png(row.length, 1, (x) => row[x]);

const INPUT = { type: 'Input' };
const WITNESS = { ...INPUT, script: 'witness', module: fixture('witness') };
const EXPORT = { type: 'Export', script: 'export_lines', module: fixture('exporter') };
/** The member of an event that names the result. */
const named = (name) => ({ fileName: Buffer.from(name).toString('hex') });
const FILE_NAME = named('result.zip');
const MODEL = { type: 'Model', script: 'label', module: fixture('labeller') };
const EXPLORER = { type: 'File Explorer', script: 'explore', module: fixture('explorer') };

/** The fields of a run whose model draws a brush. The script takes its pixels, and the module a file. */
const drawing = ({ dir }, more) => {
    const file = path.join(dir, 'brush.png');
    fs.writeFileSync(file, pictureOf(NEW_BRUSH));
    return { extra: { answer: NOTHING, brush: [NEW_BRUSH], uploadType: 'brushes', uploadName: 'b.png', uploadFile: file, ...more } };
};
/** Gives the task of the run labels, and a brush if this is asked for. */
const labelled = ({ hub, project }, hasBrush = false) => {
    const { taskId } = project.record(0).task;
    const brush = hasBrush ? { brushDataUrl: stored(hub, project, pictureOf(OLD_BRUSH)) } : {};
    project.changeTask(taskId, { answer: EXISTING, ...brush });
};
/** Puts a file into the Hub's storage. @returns {string} its address */
function stored(hub, project, bytes) {
    const object = hub.files.newUpload({ name: 'old.png', project: project.id, type: 'brushes' });
    fs.mkdirSync(path.dirname(object.path), { recursive: true });
    fs.writeFileSync(object.path, bytes);
    return hub.files.sign('PUT', object, hub.url).split('?')[0];
}

/**
 * By name. type: of the plugin; script: for the client; module: a file for angod; hub: options of the local Hub; project: fields of
 * the project; prepare: called before the first run; runs: makes the requests of Hub.run from {hub, project, dir}, one run after the
 * other; goesOn: the first run gets no answer from the client, so the second one starts when its session is as this function says;
 * hasOpening: the opening of the connection is compared too; allow: lines of angod's log.
 */
export const JOBS = {
    connect: { ...INPUT, script: 'echo', module: example('echo'), runs: () => [], hasOpening: true },
    input: { ...INPUT, script: 'echo', module: example('echo'), runs: () => [{ extra: { fileExplorerOptions: { a: [1, null, 'ü'] } } }] },
    acknowledgement: { ...INPUT, script: 'echo', module: example('echo'), runs: () => [{ ack: true }] },
    'input-nothing': {
        ...INPUT,
        script: 'nothing',
        module: fixture('tricks'),
        runs: () => [{ extra: { trick: 'nothing' } }, {}],
        goesOn: () => true,
    },
    log: { ...WITNESS, runs: () => [{ extra: { lines: 2 } }] },
    exception: { ...WITNESS, runs: () => [{ extra: { lines: 1, end: 'fail' } }], allow: [failed('It cannot be done.')] },
    export: { ...EXPORT, runs: () => [{ extra: FILE_NAME }] },
    'export-chosen': {
        ...EXPORT,
        runs: ({ project }) => [
            {
                stage: ['Label', 'Ä & B'],
                batches: project.batches.map(({ _id }) => _id),
                config: { include_key_frames_only: true },
                extra: FILE_NAME,
            },
        ],
    },
    'export-all-stages': { ...EXPORT, runs: () => [{ stage: [], batches: [], extra: FILE_NAME }] },
    'export-storage': { ...EXPORT, runs: ({ hub }) => [{ extra: { ...FILE_NAME, toStorage: hub.storages[0]._id } }] },
    'export-name': { ...EXPORT, runs: () => [{ extra: named('Übersicht 1.zip') }] },
    'export-exception': {
        ...EXPORT,
        runs: () => [{ extra: { ...FILE_NAME, trick: 'fail' } }],
        allow: [failed('The classes of this project do not fit.')],
    },
    'export-refused': {
        ...EXPORT,
        prepare: ({ hub }) => hub.addFault({ match: 'GET /v2/export', status: 403, body: { status: 'fail', message: 'not yours' } }),
        runs: () => [{ extra: FILE_NAME }, { extra: FILE_NAME }],
        goesOn: ({ logs }) => logs.some(({ level }) => level === 'ERROR'),
        allow: [failed('Hub refused the export: not yours')],
    },
    model: { ...MODEL, prepare: labelled, runs: () => [{ extra: { answer: ANSWER } }] },
    'model-merge': { ...MODEL, prepare: labelled, runs: () => [{ extra: { answer: ANSWER, overwrite: false } }] },
    'model-brush': { ...MODEL, runs: (at) => [drawing(at)] },
    'model-without-address': {
        ...MODEL,
        script: 'label_by_record',
        hub: { modelDataUrl: false },
        runs: () => [{ extra: { answer: ANSWER } }],
    },
    'model-exception': {
        ...MODEL,
        runs: () => [{ extra: { failFor: '*' } }],
        allow: [failed('It is too dark in this picture.')],
    },
    workflow: { ...MODEL, prepare: labelled, runs: () => [{ extra: { workflow: true, answer: ANSWER } }] },
    'workflow-merge': { ...MODEL, prepare: labelled, runs: () => [{ extra: { workflow: true, answer: ANSWER, overwrite: false } }] },
    'workflow-brush': { ...MODEL, prepare: labelled, runs: (at) => [drawing(at, { workflow: true })] },
    'workflow-brush-address': { ...MODEL, runs: () => [{ extra: { workflow: true, answer: { ...ANSWER, ...ADDRESSES } } }] },
    'workflow-brush-merge': {
        ...MODEL,
        prepare: (at) => labelled(at, true),
        runs: (at) => [drawing(at, { workflow: true, overwrite: false })],
    },
    'workflow-exception': {
        ...MODEL,
        runs: () => [{ extra: { workflow: true, failFor: '*' } }],
        allow: [failed('It is too dark in this picture.')],
    },
    'batch-model': {
        type: 'Batch Model',
        script: 'label_batches',
        module: fixture('labeller'),
        project: { records: [['b-day'], ['b-night'], ['b-day', 'b-night'], []].map(recordIn) },
        runs: () => [{ batches: ['day', 'b-night'], extra: { answer: { ...NOTHING, objects: [{ schemaId: 's' }] } } }],
    },
    explorer: { ...EXPLORER, runs: () => [{ extra: { folder: 'photos/', count: 3 } }] },
    'explorer-import': {
        ...EXPLORER,
        project: { assets: 0 },
        runs: () => [{ extra: { upload: true, files: ['photos/1.jpg', 'photos/2.jpg'] } }],
    },
    markdown: {
        type: 'Markdown Generator',
        script: 'markdown',
        module: module_('markdown'),
        project: { assets: 0 },
        runs: () => [
            {
                csv: 'name,batch\nAda,day\nGrace,new\nJoan,new\n',
                markdown: '# |name|\n<b class="x">|batch|</b> & more',
                config: { upload_batch_size: 2 },
            },
        ],
    },
};

/** An asset of a project that is in these batches. */
function recordIn(batches, n) {
    const id = `${n}`.repeat(24);
    return {
        assetId: id,
        externalId: `${n}.jpg`,
        asset: `https://files.example.test/${n}.jpg`,
        batches,
        task: { taskId: `7${id.slice(1)}`, stage: 'Label', tools: [] },
    };
}
