// Model, started by a user who waits: the labels of one asset are the answer, and nothing is written to Hub.
import assert from 'node:assert/strict';
import { fixture } from '../../integration/lib/angod.mjs';

export default {
    type: 'Model',
    entry: { module: 'labeller', kind: 'model' },
    modules: () => [fixture('labeller')],
    open: 3,
    everyMs: 250,
    prepare(world) {
        world.asked = world.hub.createProject({ assets: 20, odd: false, seed: 201 });
    },
    begin(world, random) {
        const pad = random.chance(0.1) ? random.integer(1000, 100_000) : random.integer(0, 20);
        return { pad, request: { projectId: world.asked.id, asset: random.integer(0, 19), extra: { pad } } };
    },
    check({ pad }, { message }) {
        const { objects } = message.response;
        assert.deepEqual(
            objects.map(({ title }) => title.length),
            [pad],
        );
    },
    end({ asked }) {
        assert.deepEqual([asked.annotations.length, asked.labels.length], [0, 0]);
    },
};
