// Keeps every load going: runs are started at random, as many as are allowed to be open at a time.
import { setTimeout as sleep } from 'node:timers/promises';

export class Traffic {
    /** By session: the load, the time of the start, the connection that carried the event, and the notes of the load. */
    runs = new Map();
    #world;
    #loads;
    #random;
    #ended = null;
    #stop = new AbortController();

    /** @param {object} world @param {object[]} loads @param {import('./random.mjs').Random} random */
    constructor(world, loads, random) {
        this.#world = world;
        this.#loads = loads;
        this.#random = random;
    }

    start() {
        this.#stop = new AbortController();
        this.#ended = Promise.all(this.#loads.map((load) => this.#keepGoing(load, this.#random.fork(load.name))));
    }

    async stop() {
        this.#stop.abort();
        await this.#ended;
    }

    /** Starts one run of a load; null if Hub has no connection of its plugin. */
    begin(load, random) {
        const { hub } = this.#world;
        const { live, socketIds } = hub.plugin(this.#world.id(load.name));
        if (live === 0) return null;
        const { request = {}, ...kept } = load.begin(this.#world, random);
        const session = hub.run(this.#world.id(load.name), { ack: true, ...request });
        this.runs.set(session, { session, load, at: Date.now(), socketId: socketIds.at(-1), ...kept });
        return session;
    }

    async #keepGoing(load, random) {
        const open = new Set();
        while (!this.#stop.signal.aborted) {
            for (const session of open) if (this.isOver(session)) open.delete(session);
            if (open.size < load.open) {
                const session = this.begin(load, random);
                if (session) open.add(session);
            }
            await sleep(random.between(0.5, 1.5) * load.everyMs, null, { signal: this.#stop.signal }).catch(() => {});
        }
    }

    /** Whether the run has ended, or was lost with the connection that carried its event. */
    isOver(session) {
        const { state, acked } = this.#world.hub.session(session);
        const { at, socketId } = this.runs.get(session);
        return state !== 'running' || (!acked && Date.now() > at + 2000 && this.#world.connectionEnd(socketId) !== null);
    }
}
