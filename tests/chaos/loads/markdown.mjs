// Markdown: every row of a table becomes one asset, and every batch is created once.
import assert from 'node:assert/strict';
import { module_ } from '../../integration/lib/angod.mjs';

export default {
    type: 'Markdown Generator',
    entry: { module: 'markdown' },
    modules: () => [module_('markdown')],
    hasEffects: true,
    open: 1,
    everyMs: 800,
    begin(world, random) {
        const count = random.integer(1, 350),
            project = world.hub.createProject({ assets: 0, records: [], batches: [] });
        const csv = `id,text,batch\n${Array.from({ length: count }, (_, i) => `n${i},"line, ${i}",b${i % 3}\n`).join('')}`;
        return { count, project, request: { projectId: project.id, csv, markdown: '|text|', config: { external_id_columns: ['id'] } } };
    },
    check({ count, project }, { message }) {
        assert.match(message.response, new RegExp(`^Created ${count} assets? from ${count} rows? of the CSV`));
        assert.equal(project.cloudAssets.length, count);
    },
    end(_world, runs) {
        for (const { project, session } of runs) {
            const { cloudAssets, batches } = project.view().doubles;
            assert.deepEqual([cloudAssets, batches], [{}, {}], `what was created twice in session ${session}`);
        }
    },
};
