// Lists of Hub that end too early or change while they are read, and answers that say how much of a call was done.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { record, run, saidOnce, warnings } from './lib/running.mjs';
import { closeStores, explore, listing, localHub, startStores, store } from './lib/stores.mjs';

before(startStores);
after(closeStores);

const keyOf = (n) => `shots/${String(n).padStart(3, '0')}.jpg`;
const keys = (count) => Array.from({ length: count }, (_, n) => keyOf(n));

/** Imports 150 files of a folder, of which the project has 120, without duplicates. spoil: faults of Hub's list of assets. */
async function withoutDuplicates(spoil) {
    const s3 = await store(() => ({ body: listing({ keys: keys(150) }) }));
    return explore(
        { endpoint: s3.url, path_style: true },
        {
            event: { folder: 'shots/', upload: true },
            config: { prevent_duplicates: true },
            project: { records: keys(120).map((externalId) => ({ ...record(0), externalId })) },
            prepare: (hub, project) =>
                spoil?.(
                    (query, data) => hub.addFault({ match: pageOf(project, query), times: 0, body: { status: 'success', data } }),
                    project,
                ),
        },
    );
}
const pageOf = ({ id }, query) => new RegExp(`^GET /v2/project/${id}/assets\\?.*${query}`);
/** Asserts that a run imported the files that are not there yet, or failed and imported nothing. */
function isRight(made) {
    const wanted = keys(150).slice(120);
    if (made.code === 0) assert.deepEqual(made.imported, wanted);
    else {
        saidOnce(made, 'failed', /Hub/);
        assert.ok(
            made.imported.every((name) => wanted.includes(name)),
            made.imported.join(),
        );
    }
}

describe('files that the project has are not imported again', { concurrency: 2 }, () => {
    it('when Hub lists all of them', async () => isRight(await withoutDuplicates()));
    for (const [what, query, data] of [
        ['when a later page is empty', 'page=2', { assets: [], total: 120 }],
        ['when a later page has no list', 'page=2', { total: 120 }],
        ['when the first page is empty, but the total is not', 'page=1', { assets: [], total: 120 }],
        ['when the first page names no total', 'page=1', { assets: [] }],
        ['when the list is null', 'page=1', { assets: null, total: null }],
    ])
        it(what, async () => isRight(await withoutDuplicates((fault) => fault(query, data))));
});

describe('an import of which Hub took a part is no success without a word:', { concurrency: 2 }, () => {
    const importing = (data) =>
        explore(
            {},
            {
                event: { upload: true, files: keys(30) },
                prepare: (hub, { id }) =>
                    hub.addFault({
                        match: `POST /v2/project/${id}/cloud`,
                        times: 0,
                        after: true,
                        status: 200,
                        body: { status: 'success', data },
                    }),
            },
        );
    for (const [what, data] of Object.entries({
        'fewer assets than were sent': { assets: { assetsCreated: 3, tasksCreated: 3, preLabelsCount: 0, validPreLabelsCount: 0 } },
        'no assets': { assets: { assetsCreated: 0, tasksCreated: 0, preLabelsCount: 0, validPreLabelsCount: 0 } },
    }))
        it(what, async () => {
            const made = await importing(data);
            const told = [...made.said, made.answer].find((line) =>
                new RegExp(`\\b${data.assets.assetsCreated || '(0|no|none)'}\\b.*\\b30\\b`).test(line),
            );
            assert.ok(told, `${made.said.join('\n')}\n${made.answer}`);
        });
    it('an answer of older Hubs has no numbers, and is one', async () => {
        const made = await importing('Successfully created.');
        assert.deepEqual([warnings(made), made.answer], [[], 'Imported 30 files into the project.']);
    });
});

describe('labels of which Hub took a part', () => {
    const labelling = async (sentence) => {
        const hub = localHub();
        const project = hub.createProject({ assets: 12, odd: false });
        const fault = hub.addFault({
            match: 'POST /v2/import/labels',
            times: 0,
            status: 200,
            body: { status: 'success', data: { project: sentence } },
        });
        const event = { apiKey: hub.apiKeyOf('user-1'), projectId: project.id, categorySchema: [{ schemaId: 's', modelClass: 'Car' }] };
        const settings = { boxes: [{ class: 'Car', x: 1, y: 2, width: 3, height: 4 }] };
        const words = ['--kind', 'batch-model', '--settings', JSON.stringify(settings), '--url', hub.apiUrl];
        try {
            return await run('detect_fixed', event, words);
        } finally {
            hub.clearFaults(fault.id ?? fault);
        }
    };
    for (const sentence of ['11 / 12 tasks are labeled.', '0 / 12 tasks are labeled.'])
        it(`are told to the user: ${sentence}`, async () => {
            const made = await labelling(sentence);
            assert.notEqual(made.answer, '12 of 12 assets labelled.');
            const count = sentence.startsWith('11') ? '11' : '(0|no|none)';
            assert.match([...made.said, made.answer].join('\n'), new RegExp(`\\b${count}\\b.*\\b12\\b`));
        });
});
