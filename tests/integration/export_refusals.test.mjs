// Refusals of Hub's REST API, and the sentences that the user gets for them.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { example } from './lib/angod.mjs';
import { Exporting, lines } from './lib/exporting.mjs';
import { timedOut } from './lib/lines.mjs';
import { startStorage } from './lib/storage.mjs';

let system;
before(async () => {
    system = await Exporting.start({
        modules: [example('export_lines_cpp')],
        plugins: {
            lines: { module: 'export-lines-cpp' },
            hasty: { module: 'export-lines-cpp', timeout_s: 1 },
            astray: { module: 'export-lines-cpp', hub: { api_url: 'http://127.0.0.1:1' } },
        },
    });
});
after(() => system.close());

/** Asserts that a run with this fault fails with the sentence after so many requests to Hub. */
async function fails(step, fault, sentence, calls) {
    const project = system.project();
    system.fault(project, step, fault);
    system.failed(await system.run('lines', project), sentence);
    if (calls) assert.equal(system.requests(project, step).length, calls);
}

const says = (status, message) => ({ status, body: { status: 'fail', message } });

describe('temporary errors are retried', { concurrency: 16 }, () => {
    for (const step of ['ask', 'uploadUrl', 'signedUrl']) {
        it(`after 500, 502 and 503 (${step})`, async () => {
            const project = system.project();
            for (const status of [500, 502, 503]) system.fault(project, step, { status });
            const record = await system.run('lines', project);
            system.result(record);
            assert.equal(system.requests(project, step).length, 4);
            assert.equal(lines(record, 'WARNING').length, 3, 'the user sees why it takes longer');
        });

        it(`after a lost connection, whether Hub had done its part or not (${step})`, async () => {
            const project = system.project();
            system.fault(project, step, { action: 'drop' });
            system.fault(project, step, { action: 'drop', after: true });
            system.result(await system.run('lines', project));
            assert.equal(system.requests(project, step).length, 3);
        });
    }

    it('after 429, no sooner than Retry-After says', async () => {
        const project = system.project();
        system.fault(project, 'ask', { status: 429, headers: { 'Retry-After': '2' } });
        system.result(await system.run('lines', project));
        const [first, second] = system.requests(project, 'ask');
        assert.ok(second.at - first.at >= 2000);
    });

    it('with growing pauses', async () => {
        const project = system.project();
        system.fault(project, 'ask', { status: 500, times: 3 });
        system.result(await system.run('lines', project));
        const at = system.requests(project, 'ask').map((request) => request.at);
        assert.ok(at[3] - at[2] >= 1000 && at[1] - at[0] >= 250, `${at.map((t) => t - at[0])}`);
    });

    it('where nobody listens, but not for ever', async () => {
        system.failed(
            await system.run('astray', system.project()),
            /^could not ask Hub for the export: .*127\.0\.0\.1:1.*Tried \d times\..*later/,
        );
    });

    it('but not for ever', async () => {
        const project = system.project();
        system.fault(project, 'ask', { status: 503, body: { status: 'error', message: 'down for maintenance' }, times: 0 });
        const record = await system.run('lines', project);
        system.failed(record, /Hub refused the export: down for maintenance \(HTTP 503 from .*Tried \d times\..*later/);
        assert.ok(system.requests(project, 'ask').length > 3);
    });
});

describe('permanent errors are reported to the user at once, in the words of Hub', { concurrency: 16 }, () => {
    it('400', () => fails('ask', says(400, 'stage must be a list'), /stage must be a list \(HTTP 400/, 1));
    it('401', () =>
        fails('ask', says(401, 'Unauthorized'), /API key of the user who ran the plugin is not valid.*Unauthorized.*HTTP 401/, 1));
    it('403', () =>
        fails('ask', says(403, 'you are not a manager of this project'), /you are not a manager of this project \(HTTP 403/, 1));
    it('409, which is not documented', () => fails('ask', says(409, 'an export is in work'), /an export is in work \(HTTP 409/, 1));
    it('403 for the upload address', () => fails('uploadUrl', says(403, 'read-only project'), /read-only project \(HTTP 403/, 1));
    it('403 for the signed URL', () => fails('signedUrl', says(403, 'no downloads'), /no downloads \(HTTP 403/, 1));
    it('a failure in an answer of status 200', () =>
        fails('ask', { body: { status: 'fail', message: 'no tasks match' } }, /no tasks match/, 1));
    it('an answer without a URL in it', () => fails('ask', { body: { status: 'success', data: {} } }, /has no data\.exportPath/, 1));
    it('a sign-in page instead of an answer', () =>
        fails('ask', { action: 'html' }, /is a web page instead of JSON.*Is the address of Hub's API right\?/, 1));
    it('an answer that is cut off JSON', () => fails('ask', { status: 200, body: '{"status":"succ' }, /is not JSON/, 1));
    it('an answer that is empty', () => fails('ask', { status: 200, body: '' }, /is empty/, 1));
    it('redirects in circles', () => fails('ask', { action: 'redirect-loop', times: 0 }, /redirect/));
    it('an export address that is no web address', () =>
        fails('ask', { body: { status: 'success', data: { exportPath: 'file:///etc/passwd' } } }, /./, 1));

    it('a page of HTML behind 403 is not quoted', async () => {
        const project = system.project();
        system.fault(project, 'ask', { action: 'html', status: 403 });
        const record = await system.run('lines', project);
        system.failed(record, /may not do this \(HTTP 403/);
        assert.ok(!JSON.stringify(record.logs).includes('<'));
    });

    it('a message that repeats the API key is shown without it', async () => {
        const project = system.project();
        system.fault(project, 'ask', says(400, `bad key ${system.hub.apiKeyOf('user-1')}!`));
        system.failed(await system.run('lines', project), /bad key/); // failed() searches for the key
    });

    it('a Hub that never answers, once the time of the plugin is up', async () => {
        system.angod.expect(timedOut);
        const project = system.project();
        system.fault(project, 'ask', { action: 'hang' });
        system.failed(await system.run('hasty', project), /did not finish within its limit of 1 second and was stopped/);
    });
});

describe('a redirect is followed', { concurrency: 16 }, () => {
    it('to another host, but the API key does not go with it', async () => {
        const project = system.project();
        const storage = await startStorage((_request, response) =>
            response.end(JSON.stringify({ status: 'fail', message: 'nothing here' })),
        );
        system.fault(project, 'ask', { status: 307, headers: { Location: storage.url } });
        system.failed(await system.run('lines', project), /nothing here/);
        await storage.close();
        assert.equal(storage.requests.length, 1);
        assert.ok(!('apikey' in storage.requests[0].headers));
    });

    it('on the same host with the API key', async () => {
        const project = system.project();
        system.fault(project, 'ask', { status: 302, headers: { Location: `/v2/exportV3?project=${project.id}` } });
        system.result(await system.run('lines', project));
    });
});
