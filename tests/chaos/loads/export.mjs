// Export: a download, a conversion, an upload. The answer is the URL of the result.
import assert from 'node:assert/strict';
import { fixture } from '../../integration/lib/angod.mjs';
import { Result } from '../../integration/lib/exporting.mjs';

const PROJECTS = [1, 40, 400].map((assets, i) => ({ assets, seed: 100 + i }));

export default {
    type: 'Export',
    entry: { module: 'exporter', concurrency: 2 },
    modules: () => [fixture('exporter')],
    hasEffects: true,
    open: 3,
    everyMs: 400,
    prepare(world) {
        world.projects = PROJECTS.map((fields) => world.hub.createProject(fields));
    },
    begin(world, random) {
        const project = random.pick(world.projects);
        const isLookedInto = random.chance(0.1); // it takes a process or two
        return { project, isLookedInto, request: { projectId: project.id } };
    },
    check({ project, isLookedInto }, { message }, { hub }) {
        assert.equal(message.export, true);
        const upload = hub.files.find(message.response);
        assert.ok(upload?.puts >= 1, 'its result was not uploaded');
        if (isLookedInto) assert.equal(new Result(upload).records.length, project.count);
    },
};
