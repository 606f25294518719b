// Draws faults and lets them happen. The seed decides the faults, their order and their parameters, but not when they end.
import { setTimeout as sleep } from 'node:timers/promises';

export class Storm {
    /** The faults that happened: {n, at, name, what}. */
    struck = [];
    #world;
    #faults;
    #random;
    #lasting = new Map();

    /** @param {object} world @param {object[]} faults @param {import('./random.mjs').Random} random */
    constructor(world, faults, random) {
        this.#world = world;
        this.#faults = faults;
        this.#random = random;
    }

    /** @param {number} count @param {number} deadline in ms of Date.now() @param {(fault: object) => void} told of each */
    async rage(count, deadline, told) {
        try {
            await this.#strike(count, deadline, told);
        } finally {
            await Promise.all(this.#lasting.values());
        }
    }

    async #strike(count, deadline, told) {
        for (let drawn = 0; this.struck.length < count && Date.now() < deadline && this.#world.problems.length === 0; ++drawn) {
            const random = this.#random.fork(`fault ${drawn}`);
            const pause = random.between(...(random.chance(0.2) ? [0, 50] : [100, 900]));
            await sleep(pause);
            const fault = random.weighed(this.#faults);
            await this.#lasting.get(fault.name); // only one fault of a kind lasts at a time
            const blow = await fault.strike(this.#world, random);
            if (!blow) continue; // there was nothing to hit
            const entry = { n: this.struck.length + 1, at: new Date().toISOString(), name: fault.name, what: blow.what };
            this.struck.push(entry);
            if (blow.lift) this.#lasting.set(fault.name, this.#liftLater(blow));
            told(entry);
        }
    }

    async #liftLater({ what, forMs, lift }) {
        await sleep(forMs);
        try {
            await lift();
        } catch (failed) {
            this.#world.problems.push(`the end of "${what}": ${failed.stack}`);
        }
    }
}
