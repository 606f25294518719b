// The processes of markdown runs die in the middle of an upload: every row becomes one asset, every batch is created once.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { module_, processExists, until } from './lib/angod.mjs';
import { hostKilled } from './lib/lines.mjs';
import { Tables } from './lib/tables.mjs';

const ROWS = 450;

let tables;
before(async () => {
    tables = await Tables.start({ modules: [module_('markdown')], plugins: { markdown: { module: 'markdown', max_attempts: 3 } } });
});
after(() => tables.close());

/** Every third row has the name and the text of the previous one: only the number of equal assets tells how many there are. */
const csv = `id,text,batch\n${Array.from({ length: ROWS }, (_, i) => `n${i - (i % 3 === 2)},"line, ${i - (i % 3 === 2)}",b${i % 4}\n`).join('')}`;
const expected = Array.from({ length: ROWS }, (_, i) => `n${i - (i % 3 === 2)}`).sort();

/** A run whose upload number `upload` never gets an answer. Resolves when that upload has arrived. */
async function stuck(upload, fault) {
    const project = tables.project(['b0', 'other']);
    const match = `POST /v2/project/${project.id}/cloud`;
    const sent = () => tables.hub.requests.filter(({ method, path }) => `${method} ${path}`.startsWith(match)).length;
    if (upload > 1) {
        // Faults are used up one by one: the ones before are harmless.
        tables.hub.addFault({ match, delayMs: 1, times: upload - 1 });
    }
    tables.hub.addFault({ match, times: 1, ...fault });
    const session = tables.begin('markdown', { csv, markdown: '|text|', config: { external_id_columns: ['id'] }, project });
    await tables.hub.waitFor(() => sent() >= upload, 20000, `upload ${upload}`);
    if (fault.after) await tables.hub.waitFor(() => project.cloudAssets.length === 100 * upload, 20000, 'its effect');
    return { session, project };
}

async function madeOnce({ session, project }) {
    const record = await tables.hub.waitForSession(session, 60000);
    assert.equal(record.state, 'answered', JSON.stringify(record.logs, null, 1));
    assert.equal(record.answers.length, 1);
    assert.match(record.answers[0].message.response, /^Created 450 assets from 450 rows of the CSV/);
    assert.deepEqual(project.cloudAssets.map(({ externalId }) => externalId).sort(), expected);
    assert.deepEqual(
        project.batches.map(({ name }) => name),
        ['b0', 'other', 'b1', 'b2', 'b3'],
    );
    assert.equal(project.batchCalls.length, 1);
}

const effects = [
    ['that took effect', { after: true, action: 'hang' }],
    ['that had no effect', { action: 'hang' }],
];

for (const [what, fault] of effects)
    for (const upload of [1, 3])
        describe(`upload ${upload}, ${what},`, () => {
            it('is not doubled when its host is killed', async () => {
                const run = await stuck(upload, fault);
                tables.angod.expect(hostKilled);
                process.kill((await tables.angod.plugin('markdown')).hosts[0].pid, 'SIGKILL');
                await madeOnce(run);
            });

            it('is not doubled when angod is killed', async () => {
                const run = await stuck(upload, fault);
                const hosts = await tables.angod.hosts();
                await tables.angod.kill('SIGKILL');
                await until(() => !hosts.some(processExists), 'the end of the hosts');
                await tables.angod.start();
                await tables.live();
                await madeOnce(run);
            });
        });
