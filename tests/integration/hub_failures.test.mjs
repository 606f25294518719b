// Failures of Hub's REST API: each run ends with one clear message or succeeds in the end, and the other plugin is not
// affected. Sentences about single calls are in export_refusals.test.mjs.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { example } from './lib/angod.mjs';
import { Exporting, lines } from './lib/exporting.mjs';
import { timedOut } from './lib/lines.mjs';
import { assertWell } from './lib/neighbour.mjs';

let system, good;
before(async () => {
    system = await Exporting.start({
        modules: [example('export_lines_cpp')],
        plugins: {
            lines: { module: 'export-lines-cpp' },
            hasty: { module: 'export-lines-cpp', timeout_s: 2 },
            neighbour: { module: 'export-lines-cpp' },
        },
    });
    good = system.project();
});
after(() => system.close());

const neighbourIsWell = () => assertWell(system.hub, system.plugins.neighbour.id, { projectId: good.id });
const host = () => new URL(system.hub.apiUrl).host.replace('.', '\\.');
const count = (project, step) => system.requests(project, step).length;

/** Asserts that a run with these faults fails with this line. */
async function fails(faults, sentence, plugin = 'lines') {
    const project = system.project();
    for (const [step, fault] of Object.entries(faults)) system.fault(project, step, { times: 0, ...fault });
    system.failed(await system.run(plugin, project), sentence);
    await neighbourIsWell();
    return project;
}

describe('Hub refuses, and the user is told by whom and why', { concurrency: 16 }, () => {
    const body = { status: 'fail', message: 'words of Hub' };
    it('401', () =>
        fails(
            { ask: { status: 401, body } },
            new RegExp(
                `^Hub refused the export: the API key of the user who ran the plugin is not valid \\(Hub says: words of Hub\\) \\(HTTP 401 from ${host()}\\)\\. Creating a new API key in Hub revokes the old one: check the key of that user and run the plugin again\\.$`,
            ),
        ));
    it('403', () =>
        fails(
            { ask: { status: 403, body } },
            new RegExp(
                `^Hub refused the export: words of Hub \\(HTTP 403 from ${host()}\\)\\. Check the rights of the user who ran the plugin in this project\\.$`,
            ),
        ));
    it('404', () =>
        fails(
            { ask: { status: 404, body }, askOlder: { status: 404, body } },
            new RegExp(`^Hub refused the export: words of Hub \\(HTTP 404 from ${host()}\\)\\.$`),
        ));
    it('500, again and again', async () => {
        const project = await fails(
            { ask: { status: 500, body } },
            new RegExp(
                `^Hub refused the export: words of Hub \\(HTTP 500 from ${host()}\\)\\. Tried 6 times\\. Run the plugin again later\\.$`,
            ),
        );
        assert.equal(count(project, 'ask'), 6);
    });
    it('a page of HTML', () =>
        fails(
            { ask: { action: 'html' } },
            new RegExp(
                `^Hub's answer to the request for the export is a web page instead of JSON \\(HTTP 200 from ${host()}\\)\\. Is the address of Hub's API right\\?$`,
            ),
        ));
    it('redirects without an end', () => fails({ ask: { action: 'redirect-loop' } }, /^could not ask Hub for the export: .*redirect/));
    for (const step of ['ask', 'uploadUrl', 'signedUrl', 'download', 'upload'])
        it(`silence (${step})`, () => {
            system.angod.expect(timedOut);
            return fails(
                { [step]: { action: 'hang' } },
                /^The plugin did not finish within its limit of 2 seconds and was stopped\.$/,
                'hasty',
            );
        });
});

describe('too many requests', { concurrency: 16 }, () => {
    for (const [what, headers, seconds] of [
        ['with Retry-After in seconds', { 'Retry-After': '2' }, 2],
        ['without Retry-After', {}, 10],
        ['with a Retry-After that is nonsense', { 'Retry-After': 'soon' }, 10],
    ])
        it(`${what}: the user sees it, the pause is kept, and the run succeeds`, { timeout: 60_000 }, async () => {
            const project = system.project();
            system.fault(project, 'ask', { status: 429, headers, body: { status: 'fail', message: 'slow down' } });
            // A user of their own: angod learns from the refusal how many calls Hub takes with the key, and waits.
            const record = await system.run('lines', project, { runBy: what });
            system.result(record);
            const [first, second] = system.requests(project, 'ask');
            assert.ok(second.at - first.at >= seconds * 1000, `${second.at - first.at} ms`);
            assert.match(
                lines(record, 'WARNING').join('\n'),
                new RegExp(
                    `^Hub refused the export: slow down \\(HTTP 429 from ${host()}\\)\\. Trying again in ${seconds}\\.0 s \\(attempt 2\\)\\.$`,
                ),
            );
            await neighbourIsWell();
        });
});

describe('a signed URL that expires before it is used', () => {
    /** A run whose first URL for this step is valid for two seconds only. */
    async function withShortUrl(project, step) {
        system.hub.set({ urlTtlSeconds: 2 });
        const session = system.begin('lines', project);
        await system.hub.waitFor(() => count(project, step) > 0, 20_000, 'the first use of the URL');
        system.hub.set({ urlTtlSeconds: 900 });
        return system.ended(session);
    }
    const late = { delayMs: 2500 };
    const expired = (what) =>
        new RegExp(
            `^the storage refused ${what}: AccessDenied: Request has expired \\(HTTP 403 from ${host()}\\)\\. Asking Hub for a new address\\.$`,
        );

    it('of an upload: a new one is asked for, and the work is not done again', async () => {
        const project = system.project();
        system.fault(project, 'upload', late);
        const record = await withShortUrl(project, 'upload');
        system.result(record);
        assert.deepEqual(
            system.requests(project, 'upload').map(({ status }) => status),
            [403, 200],
        );
        assert.deepEqual([count(project, 'uploadUrl'), count(project, 'ask')], [2, 1]);
        assert.equal(lines(record, 'WARNING').filter((line) => expired('the upload of the result').test(line)).length, 1);
        await neighbourIsWell();
    });

    it('of an export: a new one is asked for', async () => {
        const project = system.project();
        system.fault(project, 'download', late);
        const record = await withShortUrl(project, 'download');
        assert.equal(system.result(record).records.length, 5);
        assert.deepEqual(
            system.requests(project, 'download').map(({ status }) => status),
            [403, 200],
        );
        assert.equal(count(project, 'ask'), 2);
        assert.match(lines(record, 'WARNING').join('\n'), expired('the download of the export'));
        await neighbourIsWell();
    });

    it('of an export that is half downloaded: a new one is requested, and the rest is fetched', async () => {
        const fields = { assets: 1500, seed: 4, compressionLevel: 0 };
        const project = system.project(fields);
        system.fault(project, 'download', { action: 'truncate', afterBytes: 500_000 });
        system.fault(project, 'download', late);
        const record = await withShortUrl(project, 'download');
        const { records } = system.result(record);
        assert.deepEqual(records, system.result(await system.run('lines', system.project(fields))).records);
        assert.deepEqual(
            system.requests(project, 'download').map(({ status }) => status),
            [200, 403, 206],
        );
        assert.equal(count(project, 'ask'), 2);
        await neighbourIsWell();
    });

    it('of an export whose new URL is refused as well: no third one is asked for', async () => {
        const project = await fails(
            { download: { status: 403, body: '<Error><Code>AccessDenied</Code><Message>no</Message></Error>' } },
            new RegExp(`^the storage refused the download of the export: AccessDenied: no \\(HTTP 403 from ${host()}\\)\\.$`),
        );
        assert.deepEqual([count(project, 'download'), count(project, 'ask')], [2, 2]);
    });

    it("of an export for which Hub has no other: Hub's reason ends the run", async () => {
        const project = system.project();
        system.fault(project, 'download', { status: 403 });
        system.fault(project, 'ask', { delayMs: 1 }); // the first upload succeeds
        system.fault(project, 'ask', { status: 403, body: { status: 'fail', message: 'the project was archived' }, times: 0 });
        system.failed(await system.run('lines', project), /^Hub refused the export: the project was archived \(HTTP 403/);
        await neighbourIsWell();
    });
});
