// The issues of one project, with their comments.
import { HubError, newId } from './ids.mjs';

const MOST_ISSUES = 100_000;
const STATUSES = ['Open', 'Resolved', 'Closed'];
/** The members that a request may set. */
const WRITABLE = [
    'content',
    'contentMentions',
    'position',
    'page',
    'pageEnd',
    'objectId',
    'errorCodes',
    'errorType',
    'errorCode',
    'pctDetails',
];

/** All issues of a project, in the order of their creation. */
export class Issues {
    #byId = new Map();
    #open = new Map();

    /** @param {object[]} [issues] that a test gave to the project */
    constructor(issues = []) {
        for (const issue of issues) this.#put({ ...fresh(), ...issue });
    }

    #put(issue) {
        if (this.#byId.size >= MOST_ISSUES) throw new HubError(400, `the project has ${MOST_ISSUES} issues; delete some first`);
        this.#byId.set(issue._id, issue);
        this.#count(issue, 1);
        return issue;
    }

    #count({ labelTask, status }, step) {
        if (status === 'Open') this.#open.set(labelTask, (this.#open.get(labelTask) ?? 0) + step);
    }

    /** Number of open issues of a task. */
    openOf(taskId) {
        return this.#open.get(taskId) ?? 0;
    }

    all() {
        return [...this.#byId.values()];
    }

    /** @param {string} id */
    find(id) {
        return this.#byId.get(id);
    }

    /** @param {object} task @param {object} body of the request @param {string} createdBy */
    create(task, body, createdBy) {
        return this.#put({
            ...fresh(),
            labelTask: task._id,
            project: task.project,
            asset: task.asset,
            stage: task.stageId,
            createdBy,
            ...written(body),
        });
    }

    change(issue, body, updatedBy) {
        const { status } = body;
        if (status !== undefined && !STATUSES.includes(status)) throw new HubError(400, `status must be one of ${STATUSES.join(', ')}`);
        this.#count(issue, -1);
        const at = new Date().toISOString();
        Object.assign(issue, written(body), status && { status }, { updatedBy, updatedAt: at });
        if (status === 'Resolved') Object.assign(issue, { resolvedBy: updatedBy, resolvedAt: at });
        this.#count(issue, 1);
        return issue;
    }

    comment(issue, { content, contentMentions = [] }, createdBy) {
        if (typeof content !== 'string' || content === '') throw new HubError(400, 'content is required');
        const at = new Date().toISOString();
        issue.comments.push({ _id: newId(), content, contentMentions, createdBy, createdAt: at, updatedAt: at });
        return issue;
    }

    remove(issue) {
        this.#byId.delete(issue._id);
        this.#count(issue, -1);
    }
}

function fresh() {
    const at = new Date().toISOString();
    return { _id: newId(), status: 'Open', contentMentions: [], comments: [], createdAt: at, updatedAt: at };
}

const written = (body) => Object.fromEntries(WRITABLE.filter((name) => body[name] !== undefined).map((name) => [name, body[name]]));
