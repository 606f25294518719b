// Input: quick runs, answered with the event itself.
import assert from 'node:assert/strict';
import { example } from '../../integration/lib/angod.mjs';

export default {
    type: 'Input',
    entry: { module: 'echo', concurrency: 4 },
    modules: () => [example('echo')],
    open: 8,
    everyMs: 120,
    begin(_world, random) {
        const pad = 'e'.repeat(random.chance(0.05) ? random.integer(1000, 200_000) : random.integer(0, 100));
        return { pad, request: { runBy: `user-${random.integer(1, 5)}`, extra: { pad } } };
    },
    check({ session, pad }, { message }) {
        const { echo } = message.response;
        assert.ok(echo.session === session && echo.pad === pad, 'the answer is not the event');
    },
};
