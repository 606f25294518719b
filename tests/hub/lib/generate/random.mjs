// Fast and repeatable random numbers: the same seed and index give the same asset on every machine.

/**
 * @param {number} seed
 * @param {number} index
 */
export function randomFor(seed, index) {
    let state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)) | 0;
    const next = () => {
        // mulberry32
        state = (state + 0x6d2b79f5) | 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    return {
        /** Whole number in [0, n). */
        int: (n) => Math.floor(next() * n),
        /** Number in [from, to) with at most two decimals, as coordinates in Hub have. */
        coordinate: (from, to) => Math.round((from + next() * (to - from)) * 100) / 100,
        chance: (p) => next() < p,
        pick: (list) => list[Math.floor(next() * list.length)],
    };
}

/**
 * An id of 24 hexadecimal digits, from which seed, purpose and index can be read.
 * @param {number} seed
 * @param {string} purpose four hexadecimal digits
 * @param {number} index
 */
export function idFor(seed, purpose, index) {
    return (seed >>> 0).toString(16).padStart(8, '0') + purpose + index.toString(16).padStart(12, '0');
}

/**
 * The index in an id that idFor made, or -1 for any other id.
 * @param {number} seed
 * @param {string} purpose
 * @param {string} id
 */
export function indexOf(seed, purpose, id) {
    if (!/^[0-9a-f]{24}$/.test(id)) return -1;
    const index = parseInt(id.slice(12), 16);
    return idFor(seed, purpose, index) === id ? index : -1;
}
