// Input: a module with good and bad versions. Its answers name the version.
import assert from 'node:assert/strict';

export default {
    type: 'Input',
    entry: { module: 'swap', concurrency: 2 },
    modules: ({ versions }) => [['swap.so', versions.file(versions.good[0])]],
    open: 4,
    everyMs: 150,
    begin: () => ({}),
    check(_run, { message }) {
        assert.match(message.response, /^good-\d+$/);
    },
    /** Errors of a version that crashes or cannot be used. */
    failures: [/^The plugin crashed while it was working on this run\./, /^The plugin could not be started\./],
};
