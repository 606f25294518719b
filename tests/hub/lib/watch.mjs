// Lets callers wait for a condition instead of sleeping. After every change of the Hub's state all waiters check again.
import { patient } from './patience.mjs';

/** Waiters for conditions on the Hub's state. */
export class Watch {
    #waiters = new Set();
    #closed = false;

    /** Reports a change. It is cheap if there are no waiters. */
    changed() {
        for (const waiter of this.#waiters) waiter.check();
    }

    /**
     * Resolves with the predicate's value as soon as it is truthy.
     * @template T
     * @param {() => T} predicate
     * @param {number} [timeoutMs]
     * @param {string} [what] for the error when the time is up
     * @returns {Promise<T>}
     */
    waitFor(predicate, timeoutMs = 5000, what = 'a condition') {
        return new Promise((resolve, reject) => {
            const waiter = {
                check: () => {
                    let value;
                    try {
                        value = predicate();
                    } catch (error) {
                        waiter.end(() => reject(error));
                        return;
                    }
                    if (value) waiter.end(() => resolve(value));
                },
                end: (settle) => {
                    clearTimeout(waiter.timer);
                    this.#waiters.delete(waiter);
                    settle();
                },
                fail: (why) => waiter.end(() => reject(new Error(`${why} while waiting for ${what}`))),
            };
            if (this.#closed) {
                reject(new Error(`the Hub is closed; cannot wait for ${what}`));
                return;
            }
            this.#waiters.add(waiter);
            waiter.timer = setTimeout(() => waiter.fail(`${patient(timeoutMs)} ms passed`), patient(timeoutMs));
            waiter.check();
        });
    }

    /** Fails all waiters, because nothing will change any more. */
    close() {
        this.#closed = true;
        for (const waiter of this.#waiters) waiter.fail('the Hub was closed');
    }
}
