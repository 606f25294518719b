// Projects: their contents, their export, and everything that was written to them.
import { generateAsset, indexOfAsset, indexOfTask } from '../assets.mjs';
import { defaultSchema } from './generate/schema.mjs';
import { HubError, newId, pushBounded } from './ids.mjs';
import { AssetIndex, brushesOf, storedAnswer, withLabels } from './labels.mjs';

const CALLS_KEPT = 100000;
const DEFAULT_ASSETS = 100;
/** The creation times of the assets that a project has from the start: one per second. */
const FIRST_CREATED_AT = Date.UTC(2026, 0, 1);
const STAGES = [
    { id: 'Start', name: 'Start', type: 'Start', next: ['Label'] },
    { id: 'Label', name: 'Label', type: 'Label', next: ['Complete'] },
    { id: 'Complete', name: 'Complete', type: 'Complete', next: [] },
];

/** One project. */
export class Project {
    #cloudTasks = new Map();
    #cloudPlaces = new Map();

    /**
     * @param {object} fields see README: id, name, categorySchema, stages, batches (names), and the export's source
     * @param {number} seed used when the fields have none
     */
    constructor(fields, seed) {
        const { id, name, categorySchema, stages, batches, records, odd } = fields;
        this.id = id ?? newId();
        this.name = name ?? 'Project';
        this.categorySchema = categorySchema ?? defaultSchema();
        this.stages = stages ?? STAGES;
        this.batches = (batches ?? ['day', 'night', 'rework']).map((entry) => (entry.name ? entry : { _id: newId(), name: entry }));
        this.seed = fields.seed ?? seed;
        this.records = records;
        const isGiven = ['text', 'zip', 'file', 'records'].some((key) => fields[key] !== undefined);
        this.generated = fields.assets ?? (isGiven ? 0 : DEFAULT_ASSETS);
        this.source = exportSource(fields, isGiven ? {} : { assets: this.generated, seed: this.seed });
        this.odd = odd;
        this.exports = [];
        this.cloudCalls = [];
        this.cloudAssets = [];
        this.labelCalls = [];
        this.labels = [];
        this.batchCalls = [];
        this.annotations = [];
        this.tasks = new Map();
        this.index = new AssetIndex();
    }

    /** Number of assets in the project, imported ones included. */
    get count() {
        return (this.records?.length ?? this.generated) + this.cloudAssets.length;
    }

    /** The asset at that place, as an export record; imported ones come last. */
    record(index) {
        const own = this.records?.length ?? this.generated;
        if (index < own) return this.records?.[index] ?? generateAsset(index, this.seed, { odd: this.odd });
        return this.cloudAssets[index - own];
    }

    /** The place of the asset with that id, or undefined. Generated assets are not looked through: there can be a million of them. */
    placeOfAsset(assetId) {
        const index = this.records ? this.records.findIndex((record) => record.assetId === assetId) : indexOfAsset(assetId, this.seed);
        if (index >= 0 && index < (this.records?.length ?? this.generated)) return index;
        const cloud = this.cloudAssets.findIndex((asset) => asset.assetId === assetId);
        return cloud < 0 ? undefined : (this.records?.length ?? this.generated) + cloud;
    }

    /** The creation time of the asset at that place. */
    createdAt(index) {
        const own = this.records?.length ?? this.generated;
        return new Date(index < own ? FIRST_CREATED_AT + index * 1000 : this.cloudAssets[index - own].at).toISOString();
    }

    /** Places of the assets with one of these names, newest first. */
    placesOf(externalIds) {
        const own = this.records?.length ?? this.generated;
        const wanted = new Set(externalIds);
        const places = [];
        for (let i = 0; i < own; i += 1) if (wanted.has(this.record(i).externalId)) places.push(i);
        for (const name of wanted) places.push(...(this.#cloudPlaces.get(name) ?? []).map((place) => own + place));
        return places.sort((a, b) => b - a);
    }

    /** The task with that id, with all later changes, or undefined. */
    task(taskId) {
        const changed = this.tasks.get(taskId);
        const record = this.#recordOfTask(taskId);
        if (!record && !changed) return undefined;
        const { tools = [], classifications = [], relations = [], ...task } = record?.task ?? {};
        return {
            _id: taskId,
            project: this.id,
            asset: record?.assetId,
            externalId: record?.externalId,
            stage: task.stage ?? 'Label',
            status: 'In Progress',
            updatedAt: task.updatedAt,
            ...brushesOf(task),
            ...changed,
            answer: changed?.answer ?? { tools, classifications, relations },
        };
    }

    /** Changes a task, as a user or a plugin does. `answer`: in any form in which Hub takes it. */
    changeTask(taskId, change) {
        const answer = change.answer ? { answer: storedAnswer(change.answer) } : {};
        this.tasks.set(taskId, { ...this.tasks.get(taskId), updatedAt: new Date().toISOString(), ...change, ...answer });
    }

    /** Deletes one of the records of the project, as a user does; returns it. */
    deleteRecord(place) {
        this.index = new AssetIndex();
        return this.records.splice(place, 1)[0];
    }

    /** Imports labels into the tasks of all assets that they name. Returns the number of entries that found an asset. */
    addLabels(labels) {
        pushBounded(this.labelCalls, { at: Date.now(), count: labels.length }, CALLS_KEPT);
        let found = 0;
        for (const label of labels) {
            this.labels.push(label);
            const records = this.index.find(this, label.externalId ?? label.data).map((place) => this.record(place));
            if (records.length > 0) found += 1;
            for (const { task } of records) {
                if (task) this.changeTask(task.taskId, withLabels(this.task(task.taskId).answer, label.answer ?? label));
            }
        }
        return found;
    }

    #recordOfTask(taskId) {
        if (this.#cloudTasks.has(taskId)) return this.#cloudTasks.get(taskId);
        if (this.records) return this.records.find((record) => record.task?.taskId === taskId);
        const index = indexOfTask(taskId, this.seed);
        return index >= 0 && index < this.generated ? this.record(index) : undefined;
    }

    /** Assets imported by `POST /cloud`. */
    addCloud(call) {
        pushBounded(this.cloudCalls, { at: Date.now(), count: call.assets.length, ...call, assets: undefined }, CALLS_KEPT);
        for (const asset of call.assets) {
            const places = this.#cloudPlaces.get(asset.externalId);
            if (places) places.push(this.cloudAssets.length);
            else this.#cloudPlaces.set(asset.externalId, [this.cloudAssets.length]);
            const record = {
                ...asset,
                assetId: newId(),
                asset: asset.data ?? asset.dataset[0],
                at: Date.now(),
                task: { taskId: newId(), stage: 'Label' },
            };
            this.cloudAssets.push(record);
            this.#cloudTasks.set(record.task.taskId, record);
        }
    }

    /** Replaces the batches, as Hub does: batches that are not in the list are removed. */
    setBatches(batches) {
        pushBounded(this.batchCalls, { at: Date.now(), batches }, CALLS_KEPT);
        this.batches = batches.map(({ _id, name }) => ({ _id: _id ?? newId(), name }));
    }

    /** Counts and the last entries of each kind, for the control API. */
    view(last = 20) {
        const lists = {
            exports: this.exports,
            cloudCalls: this.cloudCalls,
            cloudAssets: this.cloudAssets,
            labelCalls: this.labelCalls,
            labels: this.labels,
            batchCalls: this.batchCalls,
            annotations: this.annotations,
        };
        const each = (map) => Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, map(list)]));
        return {
            id: this.id,
            name: this.name,
            batches: this.batches,
            stages: this.stages,
            counts: { assets: this.count, ...each((list) => list.length) },
            doubles: { cloudAssets: doubles(this.cloudAssets), labels: doubles(this.labels), batches: doubles(this.batches, 'name') },
            last: each((list) => list.slice(-last)),
        };
    }
}

/** Names that occur more than once, with their counts. Tests prove with it that nothing was created twice. */
function doubles(list, key = 'externalId') {
    const counts = new Map();
    for (const entry of list) counts.set(entry[key], (counts.get(entry[key]) ?? 0) + 1);
    return Object.fromEntries([...counts].filter(([, count]) => count > 1));
}

/** Exactly the fields that decide the bytes of the export. They are the key under which the zip is kept. */
function exportSource(fields, generated) {
    const source = { ...generated };
    for (const key of ['text', 'zip', 'file', 'records', 'format', 'version', 'odd', 'entryName', 'compressionLevel']) {
        if (fields[key] !== undefined) source[key] = fields[key];
    }
    return source;
}

/** All projects of the Hub. */
export class Projects {
    #byId = new Map();
    #seed;

    /** @param {number} seed */
    constructor(seed) {
        this.#seed = seed;
    }

    /** @param {object} [fields] */
    create(fields = {}) {
        if (this.#byId.has(fields.id)) throw new HubError(409, `a project ${fields.id} exists`);
        const project = new Project(fields, this.#seed);
        this.#byId.set(project.id, project);
        return project;
    }

    /** @param {string} id */
    get(id) {
        const project = this.#byId.get(id);
        if (!project) throw new HubError(404, `no project ${id}`);
        return project;
    }

    /** The project with the id. Without an id: the first one, which is created if there is none. */
    getOrDefault(id) {
        if (id !== undefined) return this.get(id);
        return this.#byId.values().next().value ?? this.create();
    }

    all() {
        return [...this.#byId.values()];
    }

    /** The project that has a task. If several have it, because equal seeds make equal ids, the newest one. */
    ofTask(taskId) {
        const project = this.all()
            .reverse()
            .find((candidate) => candidate.task(taskId));
        if (!project) throw new HubError(404, `no task ${taskId}`);
        return project;
    }
}
