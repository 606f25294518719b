// A Hub of its own for each test of the file that imports this, and calls of it.
import { afterEach, beforeEach } from 'node:test';
import { startHub } from '../hub.mjs';
import { asker, caller } from './calling.mjs';

/** The Hub of the test that runs, and `caller` and `asker` for it. */
export let hub, call, ask;
beforeEach(async () => {
    hub = await startHub();
    call = caller(hub);
    ask = asker(hub);
});
afterEach(() => hub.close());
