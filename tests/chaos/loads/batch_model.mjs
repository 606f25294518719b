// Batch Model: every asset of a project is labelled once.
import assert from 'node:assert/strict';
import { fixture } from '../../integration/lib/angod.mjs';

const id = (kind, n) => `${kind}${n.toString(16).padStart(23, '0')}`;

export default {
    type: 'Batch Model',
    entry: { module: 'labeller', kind: 'batch-model' },
    modules: () => [fixture('labeller')],
    hasEffects: true,
    open: 1,
    everyMs: 800,
    prepare(world) {
        world.batchAssets = 0;
    },
    begin(world, random) {
        const records = Array.from({ length: random.integer(1, 250) }, (_, i) => {
            const n = world.batchAssets++;
            return {
                assetId: id('a', n),
                externalId: `${i}.jpg`,
                asset: `https://files.example.test/${n}.jpg`,
                batches: [],
                task: { taskId: id('b', n), stage: 'Label', tools: [] },
            };
        });
        const project = world.hub.createProject({ records });
        return { project, request: { projectId: project.id } };
    },
    check({ project }, { message }) {
        const count = project.records.length;
        assert.equal(message.response, `${count} of ${count} assets labelled.`);
        assert.equal(project.labels.length, count);
    },
    end(_world, runs) {
        for (const { project, session } of runs)
            assert.deepEqual(project.view().doubles.labels, {}, `labels that were imported twice in session ${session}`);
    },
};
