// File Explorer, importing: all files of a folder are imported into a project, each once.
import assert from 'node:assert/strict';
import { fixture } from '../../integration/lib/angod.mjs';

export default {
    type: 'File Explorer',
    entry: { module: 'explorer', kind: 'file-explorer' },
    modules: () => [fixture('explorer')],
    hasEffects: true,
    open: 1,
    everyMs: 800,
    begin(world, random) {
        const count = random.integer(1, 350),
            project = world.hub.createProject({ assets: 0 });
        return {
            count,
            project,
            request: { projectId: project.id, extra: { upload: true, files: null, folder: 'f/', urls: 'https://files.test/', count } },
        };
    },
    check({ count, project }, { message }) {
        assert.equal(message.response, `Imported ${count} file${count === 1 ? '' : 's'} into the project.`);
        assert.equal(project.cloudAssets.length, count);
    },
    end(_world, runs) {
        for (const { project, session } of runs)
            assert.deepEqual(project.view().doubles.cloudAssets, {}, `files that were imported twice in session ${session}`);
    },
};
