// Projects: their contents, their export, and everything that was written to them.
import { generateAsset, indexOfAsset, indexOfTask } from '../assets.mjs';
import { defaultSchema } from './generate/schema.mjs';
import { HubError, newId, pushBounded } from './ids.mjs';
import { Issues } from './issues.mjs';
import { AssetIndex, withLabels } from './labels.mjs';
import { ProjectTasks } from './project_tasks.mjs';

const CALLS_KEPT = 100000;
const DEFAULT_ASSETS = 100;
/** The creation times of the assets that a project has from the start: one per second. */
const FIRST_CREATED_AT = Date.UTC(2026, 0, 1);
const STAGES = [
    { id: 'Start', name: 'Start', type: 'Start', next: ['Label'], position: { x: 0, y: 0 } },
    { id: 'Label', name: 'Label', type: 'Label', next: ['Complete'], position: { x: 300, y: 0 } },
    { id: 'Complete', name: 'Complete', type: 'Complete', next: [], position: { x: 600, y: 0 } },
];

/** One project. */
export class Project {
    #cloudTasks = new Map();
    #cloudPlaces = new Map();
    #batchesOfAssets = new Map();
    #tasks;

    /**
     * @param {object} fields see README: id, name, categorySchema, stages, batches (names), issues, and the export's source
     * @param {number} seed used when the fields have none
     */
    constructor(fields, seed) {
        const { id, name, batches, records, odd, issues } = fields;
        this.id = id ?? newId();
        this.name = name ?? 'Project';
        this.categorySchema = fields.categorySchema ?? defaultSchema();
        this.stages = fields.stages ?? STAGES;
        this.batches = (batches ?? ['day', 'night', 'rework']).map((entry) => (entry.name ? entry : { _id: newId(), name: entry }));
        this.seed = fields.seed ?? seed;
        this.records = records;
        const isGiven = ['text', 'zip', 'file', 'records'].some((key) => fields[key] !== undefined);
        this.generated = fields.assets ?? (isGiven ? 0 : DEFAULT_ASSETS);
        this.source = exportSource(fields, isGiven ? {} : { assets: this.generated, seed: this.seed });
        this.odd = odd;
        /** The name of the list of objects in exports and answers: tools, objects, or null for none. */
        this.toolsName = fields.toolsName === undefined ? 'tools' : fields.toolsName;
        this.madeAt = new Date().toISOString();
        /** Settings that the pages of Hub show and no part of the local Hub uses. */
        this.details = { description: fields.description ?? '', type: fields.type ?? 'ango' };
        this.assignedTo = [];
        this.templates = [];
        this.attachments = new Map();
        this.deleted = new Set();
        this.exports = [];
        this.cloudCalls = [];
        this.cloudAssets = [];
        this.labelCalls = [];
        this.labels = [];
        this.batchCalls = [];
        this.annotations = [];
        this.issues = new Issues(issues);
        this.#tasks = new ProjectTasks(this);
        this.index = new AssetIndex();
    }

    /** Number of places that assets have or had: those of the export's records, then those of imported assets. */
    get places() {
        return this.#own + this.cloudAssets.length;
    }

    /** Number of assets in the project, imported ones included. */
    get count() {
        return this.places - this.deleted.size;
    }

    get #own() {
        return this.records?.length ?? this.generated;
    }

    /** The asset at that place, as an export record; imported ones come last. */
    record(index) {
        if (index < this.#own) return this.records?.[index] ?? generateAsset(index, this.seed, { odd: this.odd });
        return this.cloudAssets[index - this.#own];
    }

    /** The place of the asset with that id, or undefined. Generated assets are not looked through: there can be a million of them. */
    placeOfAsset(assetId) {
        if (this.deleted.has(assetId)) return undefined;
        const index = this.records ? this.records.findIndex((record) => record.assetId === assetId) : indexOfAsset(assetId, this.seed);
        if (index >= 0 && index < this.#own) return index;
        const cloud = this.cloudAssets.findIndex((asset) => asset.assetId === assetId);
        return cloud < 0 ? undefined : this.#own + cloud;
    }

    /** The place of the asset that has that task, or undefined. */
    placeOfTask(taskId) {
        if (this.#cloudTasks.has(taskId)) return this.#own + this.#cloudTasks.get(taskId);
        const index = this.records ? this.records.findIndex(({ task }) => task?.taskId === taskId) : indexOfTask(taskId, this.seed);
        return index >= 0 && index < this.#own ? index : undefined;
    }

    /** The creation time of the asset at that place. */
    createdAt(index) {
        const own = this.#own;
        return new Date(index < own ? FIRST_CREATED_AT + index * 1000 : this.cloudAssets[index - own].at).toISOString();
    }

    /** Places of the assets with one of these names, newest first. */
    placesOf(externalIds) {
        const own = this.#own;
        const wanted = new Set(externalIds);
        const places = [];
        for (let i = 0; i < own; i += 1) if (wanted.has(this.record(i).externalId)) places.push(i);
        for (const name of wanted) places.push(...(this.#cloudPlaces.get(name) ?? []).map((place) => own + place));
        return places.filter((place) => !this.isDeleted(place)).sort((a, b) => b - a);
    }

    isDeleted(place) {
        return this.deleted.size > 0 && this.deleted.has(this.record(place).assetId);
    }

    /** Deletes assets with their tasks; their places stay empty. Returns the number of those that existed. */
    deleteAssets(assetIds) {
        const before = this.deleted.size;
        for (const id of assetIds) if (this.placeOfAsset(id) !== undefined) this.deleted.add(id);
        return this.deleted.size - before;
    }

    /** The stage with that id or name, or undefined. */
    stage(idOrName) {
        return this.stages.find(({ id }) => id === idOrName) ?? this.stages.find(({ name }) => name === idOrName);
    }

    /** The id of the batch with that id or name; the text itself if there is none. */
    batchId(idOrName) {
        return this.batches.find(({ _id, name }) => _id === idOrName || name === idOrName)?._id ?? idOrName;
    }

    /** The batches of an asset, as they were given: ids or names. */
    batchesOf(record) {
        return this.#batchesOfAssets.get(record.assetId) ?? record.batches ?? [];
    }

    /** Puts an asset into batches; it stays in those in which it is. */
    addToBatches(record, batches) {
        const all = [...this.batchesOf(record), ...batches].map((batch) => this.batchId(batch));
        this.#batchesOfAssets.set(record.assetId, [...new Set(all)]);
    }

    /** The tasks, with their histories. */
    get tasks() {
        return this.#tasks;
    }

    /** The task with that id, with all later changes, or undefined. */
    task(taskId) {
        return this.#tasks.get(taskId);
    }

    /** Changes a task, as a user or a plugin does. `answer`: in any form in which Hub takes it. */
    changeTask(taskId, change) {
        this.#tasks.change(taskId, change);
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
            const places = this.#placesOfLabel(label).filter((place) => !this.isDeleted(place));
            if (places.length > 0) found += 1;
            for (const place of places) {
                const task = this.#tasks.at(place);
                if (task) this.changeTask(task._id, { ...withLabels(task.answer, label.answer ?? label), isPreLabeled: true });
            }
        }
        return found;
    }

    #placesOfLabel({ externalId, data, assetId }) {
        if (externalId === undefined && data === undefined) return [this.placeOfAsset(assetId)].filter((place) => place !== undefined);
        return this.index.find(this, externalId ?? data);
    }

    /** Assets imported by `POST /cloud`. `batches`: those into which all of them go, beside their own. */
    addCloud(call, batches = []) {
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
                ...(call.priority && { priority: call.priority }),
            };
            if (batches.length > 0) record.batches = [...new Set([...(asset.batches ?? []), ...batches].map((one) => this.batchId(one)))];
            this.#cloudTasks.set(record.task.taskId, this.cloudAssets.length);
            this.cloudAssets.push(record);
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
    for (const key of ['text', 'zip', 'file', 'records', 'format', 'version', 'odd', 'toolsName', 'entryName', 'compressionLevel']) {
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

    /** @param {string} id */
    remove(id) {
        this.#byId.delete(id);
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
