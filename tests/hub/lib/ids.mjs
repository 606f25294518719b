import { randomBytes, randomUUID } from 'node:crypto';

/** A Hub-like id: 24 hexadecimal digits. */
export const newId = () => randomBytes(12).toString('hex');

/** A plugin secret or API key. */
export const newSecret = () => randomUUID();

/** An error that the HTTP side answers with this status. */
export class HubError extends Error {
    /**
     * @param {number} status
     * @param {string} message
     */
    constructor(status, message) {
        super(message);
        this.status = status;
    }
}

/**
 * Appends to a list of limited length. The oldest entries are removed first.
 * @param {any[]} list
 * @param {any} item
 * @param {number} limit
 */
export function pushBounded(list, item, limit) {
    list.push(item);
    // Entries are removed in blocks, because shifting a big array at every push would be slow.
    if (list.length > limit * 1.25) list.splice(0, list.length - limit);
}
