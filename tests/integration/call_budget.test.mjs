// Hub takes a number of REST calls a minute of one API key. All hosts of angod that use the key stay below it together.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fixture } from './lib/angod.mjs';
import { System } from './lib/system.mjs';

const TASKS = 30;
const LIMIT = 50; // each task takes two calls: for its asset, and for its labels
const MINUTE_MS = 60_000;

/** A stage of that many tasks, run by two plugins with the key of one user. */
async function rerun(options, use) {
    const plugin = { type: 'Model', module: 'labeller', concurrency: 8 };
    const plugins = { one: plugin, two: plugin };
    await System.use({ modules: [fixture('labeller')], plugins, ...options }, async (system) => {
        const project = system.hub.createProject({ assets: TASKS, odd: false });
        for (let place = 0; place < TASKS; place += 1) {
            project.changeTask(project.record(place).task.taskId, { stage: 'Plugin' });
            const request = { projectId: project.id, asset: place };
            system.run(place % 2 === 0 ? 'one' : 'two', { workflow: true }, request);
        }
        await system.hub.waitFor(() => project.annotations.length === TASKS, 3 * MINUTE_MS, 'all tasks to be labelled');
        await use(system, project);
    });
}

const calls = (system) => system.hub.requests.filter(({ path }) => path.startsWith('/v2/'));

// Both wait for a minute to pass.
describe('the calls of one key', { concurrency: true }, () => {
    test('a configured number of calls a minute is never passed, so Hub refuses none', async () => {
        await rerun({ hub: { rateLimitPerMinute: LIMIT }, config: { limits: { hub_calls_per_minute: LIMIT } } }, async (system) => {
            const all = calls(system);
            assert.deepEqual(
                all.filter(({ status }) => status === 429),
                [],
            );
            for (const { at } of all) {
                const minute = all.filter((other) => other.at >= at && other.at < at + MINUTE_MS);
                assert.ok(minute.length <= LIMIT, `${minute.length} calls in the minute from ${at}`);
            }
            const status = await system.angod.get('/v1/status');
            assert.deepEqual(status.hub_calls, { made: all.length, refused: 0, waiting: 0 });
        });
    });

    test('without a configured number, the first refusals tell how many calls Hub takes', async () => {
        await rerun({ hub: { rateLimitPerMinute: LIMIT } }, async (system) => {
            const refused = calls(system).filter(({ status }) => status === 429).length;
            assert.ok(refused > 0 && refused <= 16, `only runs that were under way were refused: ${refused}`);
            assert.equal((await system.angod.get('/v1/status')).hub_calls.refused, refused);
            const learned = new RegExp(`it takes ${LIMIT} calls a minute with one API key`);
            system.angod.expect(learned);
            assert.ok(system.angod.log.some(({ msg }) => learned.test(msg)));
        });
    });
});
