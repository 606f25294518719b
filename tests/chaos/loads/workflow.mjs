// Model, run by a workflow stage: every task is labelled and passed on once, and there is no response.
import assert from 'node:assert/strict';
import { fixture } from '../../integration/lib/angod.mjs';

/** More tasks than runs: each run has a task of its own. */
const TASKS = 1_000_000;

export default {
    type: 'Model',
    entry: { module: 'labeller', kind: 'model' },
    modules: () => [fixture('labeller')],
    open: 3,
    everyMs: 300,
    prepare(world) {
        world.flow = world.hub.createProject({ assets: TASKS, odd: false, seed: 202 });
        world.nextTask = 0;
    },
    begin(world) {
        const asset = world.nextTask++;
        const { taskId } = world.flow.record(asset).task;
        world.flow.changeTask(taskId, { stage: 'Plugin' });
        return { taskId, request: { projectId: world.flow.id, asset, extra: { workflow: true } } };
    },
    check({ taskId }, { via }, { flow }) {
        assert.equal(via, 'annotate', 'it was answered with a response');
        assert.equal(flow.task(taskId).stage, 'Complete');
    },
    /** No step happened twice, however the run ended, even if it was cancelled. */
    end({ flow }, runs) {
        const steps = new Map();
        for (const { taskId } of flow.annotations) steps.set(taskId, (steps.get(taskId) ?? 0) + 1);
        assert.deepEqual(
            [...steps].filter(([, count]) => count > 1),
            [],
            'tasks that were passed on more than once',
        );
        for (const { taskId, answered, session } of runs) if (answered) assert.equal(steps.get(taskId), 1, session);
    },
};
