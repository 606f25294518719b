// Runs of plugins: the event that was sent, and every answer and log line in the order of arrival, including repeated ones.
import { HubError } from './ids.mjs';

/** All sessions of the Hub, and the answers and lines that belong to none of them. */
export class Sessions {
    #byId = new Map();
    #waiters = new Map();
    #workflowTasks = new Map();
    #watch;
    #limit;
    strays = [];

    /**
     * @param {import('./watch.mjs').Watch} watch
     * @param {number} limit the number of sessions that are kept; the oldest are removed first
     */
    constructor(watch, limit) {
        this.#watch = watch;
        this.#limit = limit;
    }

    /**
     * Opens a session, or reopens it if it is used for another event.
     * @param {object} fields session, pluginId, projectId, event
     */
    open({ session, pluginId, projectId, event }) {
        const key = String(session);
        let record = this.#byId.get(key);
        if (!record) {
            record = { session, pluginId, answers: [], logs: [], runs: 0, acks: [], calls: [] };
            this.#byId.set(key, record);
            if (this.#byId.size > this.#limit) this.#byId.delete(this.#byId.keys().next().value);
        }
        Object.assign(record, { projectId, event, state: 'running', acked: false, startedAt: Date.now(), endedAt: null, elapsedMs: null });
        record.started = performance.now();
        record.runs += 1;
        if (event.workflow) this.#workflowTasks.set(event.taskId, record);
        this.#watch.changed();
        return record;
    }

    /** A workflow run has no `response` event: annotating its task ends its session. */
    annotated(taskId, body) {
        const record = this.#workflowTasks.get(taskId);
        if (record) this.answer({ session: record.session, response: body }, { via: 'annotate' });
    }

    /** @param {string} session */
    find(session) {
        return this.#byId.get(String(session));
    }

    /** @param {string} session */
    get(session) {
        const record = this.find(session);
        if (!record) throw new HubError(404, `no session ${session}`);
        return record;
    }

    all() {
        return [...this.#byId.values()];
    }

    /** Records that the event is sent to the plugin: the clock of the round trip starts here. */
    sent(record) {
        record.sentAt = Date.now();
        record.started = performance.now();
    }

    /** @param {object} record @param {any[]} args */
    ack(record, args) {
        record.acked = true;
        record.acks.push({ at: Date.now(), args });
        this.#watch.changed();
    }

    /**
     * Records an answer. `from` is its origin: {socketId, pluginId, via}.
     * @param {any} message
     * @param {object} from
     */
    answer(message, from) {
        const record = this.#owner('response', message, from);
        if (!record) return;
        record.answers.push({ at: Date.now(), via: from.via, socketId: from.socketId, message });
        if (record.state === 'running') {
            record.state = message.error ? 'failed' : 'answered';
            record.endedAt = Date.now();
            record.elapsedMs = performance.now() - record.started;
        }
        for (const wake of this.#waiters.get(String(record.session)) ?? []) wake();
        this.#watch.changed();
    }

    /** @param {any} message @param {object} from */
    log(message, from) {
        const record = this.#owner('log', message, from);
        if (!record) return;
        record.logs.push({ at: Date.now(), via: from.via, socketId: from.socketId, ...message });
        this.#watch.changed();
    }

    /** Records something that belongs to no session of that plugin. */
    stray(kind, reason, message, from) {
        this.strays.push({ at: Date.now(), kind, reason, message, ...from });
        this.#watch.changed();
    }

    #owner(kind, message, from) {
        const record = message && typeof message === 'object' ? this.find(message.session) : undefined;
        let reason;
        if (!record) reason = 'unknown session';
        else if (from.via === 'socket' && !from.pluginId) reason = 'no right heartbeat on this connection yet';
        else if (from.via === 'socket' && from.pluginId !== record.pluginId) reason = 'session of another plugin';
        if (!reason) return record;
        this.stray(kind, reason, message, from);
        return undefined;
    }

    /**
     * Resolves with the session when it has ended, or with its present state if the time is up and `orNow` is set.
     * @param {string} session
     * @param {number} timeoutMs
     * @param {boolean} [orNow]
     */
    wait(session, timeoutMs, orNow = false) {
        const record = this.get(session);
        if (record.state !== 'running') return Promise.resolve(record);
        const key = String(session);
        // Each session has its own waiters: a benchmark waits for thousands at a time, and must not ask all of them at every change.
        return new Promise((resolve, reject) => {
            const waiters = this.#waiters.get(key) ?? new Set();
            this.#waiters.set(key, waiters);
            const end = (settle) => {
                clearTimeout(timer);
                waiters.delete(wake);
                if (waiters.size === 0) this.#waiters.delete(key);
                settle();
            };
            const wake = () => end(() => resolve(record));
            waiters.add(wake);
            const timer = setTimeout(
                () =>
                    end(() => {
                        if (orNow) resolve(record);
                        else reject(new Error(`session ${key} has no answer after ${timeoutMs} ms`));
                    }),
                timeoutMs,
            );
        });
    }
}

/**
 * A session as the control API shows it.
 * @param {object} record
 */
export function sessionView(record) {
    const { started, event, ...rest } = record;
    return rest;
}
