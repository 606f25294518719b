// Random numbers from a seed. They are the same on every machine.
import { createHash } from 'node:crypto';

export class Random {
    #seed;
    #count = 0;

    /** @param {string} seed */
    constructor(seed) {
        this.#seed = seed;
    }

    /** A generator of its own: drawing from it does not change the numbers of others. */
    fork(name) {
        return new Random(`${this.#seed}/${name}`);
    }

    /** At least 0, below 1. */
    next() {
        this.#count += 1;
        return createHash('sha256').update(`${this.#seed}#${this.#count}`).digest().readUInt32BE() / 2 ** 32;
    }

    between(low, high) {
        return low + this.next() * (high - low);
    }
    /** Both ends are possible. */
    integer(low, high) {
        return low + Math.floor(this.next() * (high - low + 1));
    }
    chance(probability) {
        return this.next() < probability;
    }
    pick(list) {
        return list[Math.floor(this.next() * list.length)];
    }
    bytes(count) {
        return Buffer.from(Array.from({ length: count }, () => this.integer(0, 255)));
    }

    /** One of them, by their `weight`. */
    weighed(list) {
        let left = this.next() * list.reduce((sum, { weight }) => sum + weight, 0);
        return list.find(({ weight }) => (left -= weight) < 0) ?? list.at(-1);
    }
}
