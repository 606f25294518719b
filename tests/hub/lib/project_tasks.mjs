// The tasks of one project: what they are from the start, what was changed since, and the stages that they have left.
import { createHash } from 'node:crypto';
import { newId } from './ids.mjs';
import { brushesOf, storedAnswer } from './labels.mjs';

const STAGES_ON_A_WAY = 1000;

/** The tasks of a project. */
export class ProjectTasks {
    #project;
    #changes = new Map();
    /** By task: the stages that it left while the Hub ran, and whether the ones before were removed. */
    #left = new Map();
    /** By id of an entry of a history: its task. */
    #told = new Map();

    /** @param {import('./projects.mjs').Project} project */
    constructor(project) {
        this.#project = project;
    }

    /** The task with that id, with all later changes, or undefined. */
    get(taskId) {
        const place = this.#project.placeOfTask(taskId);
        return this.#view(taskId, place, place === undefined ? undefined : this.#project.record(place));
    }

    /** The task of the asset at that place, or undefined. `record` is that of the asset. */
    at(place, record = this.#project.record(place)) {
        return record.task ? this.#view(record.task.taskId, place, record) : undefined;
    }

    #view(taskId, place, record) {
        const changed = this.#changes.get(taskId);
        if ((!record && !changed) || this.#project.deleted.has(record?.assetId)) return undefined;
        const { tools = [], classifications = [], relations = [], ...task } = record?.task ?? {};
        const stage = changed?.stage ?? task.stage ?? 'Label';
        const isComplete = this.#project.stage(stage)?.type === 'Complete';
        const updatedAt = changed?.updatedAt ?? task.updatedAt;
        return {
            _id: taskId,
            project: this.#project.id,
            asset: record?.assetId,
            externalId: record?.externalId,
            batches: record && this.#project.batchesOf(record),
            stageId: changed?.stage || !task.stageId ? (this.#project.stage(stage)?.id ?? stage) : task.stageId,
            status: isComplete ? 'Completed' : 'TODO',
            type: 'default',
            assignee: null,
            priority: record?.priority ?? 0,
            isSkipped: false,
            isBenchmark: false,
            isDraft: false,
            isPreLabeled: false,
            openIssuesCount: this.#project.issues.openOf(taskId),
            createdAt: place === undefined ? undefined : this.#project.createdAt(place),
            ...(isComplete && { completedAt: updatedAt }),
            updatedBy: task.updatedBy,
            // Exports count milliseconds here, tasks count seconds.
            duration: (task.totalDuration ?? 0) / 1000,
            totalDuration: task.totalDuration ?? 0,
            ...brushesOf(task),
            ...changed,
            stage,
            updatedAt,
            answer: changed?.answer ?? { tools, classifications, relations },
        };
    }

    /** Changes a task, as a user or a plugin does. `answer`: in any form in which Hub takes it. */
    change(taskId, change) {
        const before = change.stage === undefined ? undefined : this.get(taskId);
        if (before && before.stage !== change.stage && before.stageId !== change.stage) this.#leave(before);
        const answer = change.answer ? { answer: storedAnswer(change.answer) } : {};
        this.#changes.set(taskId, { ...this.#changes.get(taskId), updatedAt: new Date().toISOString(), ...change, ...answer });
    }

    #leave(task) {
        const { stage, stageId, answer, reviewStatus, updatedBy } = task;
        const left = this.#left.get(task._id) ?? { isFirst: false, entries: [] };
        left.entries.push({
            ...entry({ id: stageId, name: stage }, new Date().toISOString(), answer),
            _id: newId(),
            ...(updatedBy && { completedBy: updatedBy }),
            ...(reviewStatus && { reviewStatus }),
            ...Object.fromEntries(Object.entries(brushesOf(task)).filter(([, url]) => url)),
        });
        this.#left.set(task._id, left);
    }

    /** Forgets the stages that the task has left. */
    forgetHistory(taskId) {
        this.#left.set(taskId, { isFirst: true, entries: [] });
    }

    /** The stages that the task has left, the oldest first, as the export has them; each has an `_id` too. `place`: that of its asset. */
    history(taskId, place = this.#project.placeOfTask(taskId)) {
        const { isFirst = false, entries = [] } = this.#left.get(taskId) ?? {};
        return [...(isFirst ? [] : this.#earlier(taskId, place)), ...entries];
    }

    /** The stages before those that the Hub saw: those of the record, or the way from the first stage to that of the record. */
    #earlier(taskId, place) {
        const record = place === undefined ? undefined : this.#project.record(place);
        const { task } = record ?? {};
        if (!task) return [];
        const id = (n) => createHash('sha256').update(`${taskId} ${n}`).digest('hex').slice(0, 24);
        if (Array.isArray(task.stageHistory)) return task.stageHistory.map((one, n) => ({ _id: id(n), ...one }));
        const at = task.updatedAt ?? this.#project.createdAt(place);
        return this.#wayTo(task.stageId ?? task.stage ?? 'Label').map((stage, n) => ({
            _id: id(n),
            ...entry(stage, at, stage.type === 'Start' ? {} : task),
            ...(stage.type !== 'Start' && task.updatedBy && { completedBy: task.updatedBy }),
        }));
    }

    #wayTo(name) {
        const { stages } = this.#project;
        const target = this.#project.stage(name);
        const first = stages.find(({ type }) => type === 'Start') ?? stages[0];
        const cameFrom = new Map([[first, null]]);
        for (const stage of cameFrom.keys()) {
            if (stage === target || cameFrom.size > STAGES_ON_A_WAY) break;
            for (const next of [].concat(stage?.next ?? [])) {
                const following = this.#project.stage(next);
                if (following && !cameFrom.has(following)) cameFrom.set(following, stage);
            }
        }
        const way = [];
        for (let stage = cameFrom.get(target); stage; stage = cameFrom.get(stage)) way.unshift(stage);
        return way;
    }

    /** The history in the form of `GET /v2/task/ID/history`. */
    historyView(taskId, organization) {
        const task = this.get(taskId);
        return this.history(taskId).map(({ _id, tools, classifications, relations, ...rest }) => {
            this.#told.set(_id, taskId);
            return {
                _id,
                id: _id,
                labelTaskId: taskId,
                project: this.#project.id,
                organization,
                asset: task.asset,
                batches: task.batches ?? [],
                answer: { tools, classifications, relations },
                createdAt: task.createdAt,
                deleted: false,
                rework: false,
                isSkipped: false,
                ...rest,
            };
        });
    }

    /** The task that has that entry in its history, as far as the history was asked for before. */
    ofHistory(id) {
        return this.#told.get(id);
    }
}

function entry(stage, completedAt, { tools = [], classifications = [], relations = [] }) {
    return { stage: stage.name, stageId: stage.id, duration: 0, completedAt, tools, classifications, relations };
}
