// File Explorer, browsing: the answer is a page of a folder.
import assert from 'node:assert/strict';
import { fixture } from '../../integration/lib/angod.mjs';

const PAGE = 50;

export default {
    type: 'File Explorer',
    entry: { module: 'explorer', kind: 'file-explorer' },
    modules: () => [fixture('explorer')],
    open: 3,
    everyMs: 300,
    begin(_world, random) {
        const count = random.integer(0, 120),
            from = random.chance(0.5) ? 0 : random.integer(0, count);
        return {
            shown: Math.min(PAGE, count - from),
            request: { extra: { folder: 'a/', count, scrollToken: from === 0 ? null : `${from}` } },
        };
    },
    check({ shown }, { message }) {
        assert.equal(message.response.files.length, shown);
    },
};
