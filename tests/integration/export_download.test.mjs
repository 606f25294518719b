// The download of an export from Hub's storage, over an unreliable network.
import assert from 'node:assert/strict';
import { after, before, describe, it, test } from 'node:test';
import { generateAssetText } from '../hub/assets.mjs';
import { example } from './lib/angod.mjs';
import { Exporting, lines } from './lib/exporting.mjs';
import { timedOut } from './lib/lines.mjs';
import { half, startStorage } from './lib/storage.mjs';
import { zipOf } from './lib/zips.mjs';

const SEED = 4,
    ASSETS = 1500;
const wanted = Array.from({ length: ASSETS }, (_, i) => generateAssetText(i, SEED));
const bytes = zipOf([{ name: 'export.ndjson', data: wanted.join('\n'), stored: true }]);

let system;
before(async () => {
    system = await Exporting.start({
        modules: [example('export_lines_cpp')],
        plugins: { lines: { module: 'export-lines-cpp' }, hasty: { module: 'export-lines-cpp', timeout_s: 1 } },
    });
});
after(() => system.close());

const project = () => system.project({ assets: ASSETS, seed: SEED, compressionLevel: 0 });
const statuses = (of) => system.requests(of, 'download').map(({ status }) => status);

/** A run whose export is in a storage that serves it in this way. */
async function fromStorage(serve) {
    const storage = await startStorage(serve);
    const of = system.project({ text: '' });
    system.fault(of, 'ask', { body: { status: 'success', data: { exportPath: storage.url } } });
    try {
        return { record: await system.run('lines', of), requests: storage.requests };
    } finally {
        await storage.close();
    }
}

describe('an export arrives whole', { concurrency: 16 }, () => {
    it('when nothing goes wrong', async () => {
        const of = project();
        assert.deepEqual(system.result(await system.run('lines', of)).records, wanted);
        assert.deepEqual(statuses(of), [200]);
    });

    it('when the connection is cut in the middle: the rest is asked for, not all of it again', async () => {
        const of = project();
        system.fault(of, 'download', { action: 'truncate', afterBytes: 500_000 });
        const record = await system.run('lines', of);
        assert.deepEqual(system.result(record).records, wanted);
        assert.deepEqual(statuses(of), [200, 206]);
        assert.equal(lines(record, 'WARNING').length, 1);
    });

    it('when it is cut more often than a call is tried, as long as each piece brings it on', async () => {
        const of = project();
        system.fault(of, 'download', { action: 'truncate', afterBytes: 200_000, times: 8 });
        assert.deepEqual(system.result(await system.run('lines', of)).records, wanted);
        assert.deepEqual(statuses(of), [200, ...Array(8).fill(206)]);
    });

    it('from a storage that knows no ranges: what came before is not taken twice', async () => {
        const headers = { ETag: '"1"', 'Content-Length': bytes.length };
        const { record, requests } = await fromStorage((_request, response, count) => {
            if (count === 1) half(response, headers, bytes);
            else response.writeHead(200, headers).end(bytes);
        });
        assert.deepEqual(system.result(record).records, wanted);
        assert.match(requests[1].headers.range, /^bytes=\d+-$/);
        assert.equal(requests[1].headers['if-range'], '"1"');
    });

    it('from a storage that does not say how long it is', async () => {
        const { record } = await fromStorage((_request, response) => response.writeHead(200, {}).end(bytes));
        assert.deepEqual(system.result(record).records, wanted);
    });

    it('after 503, 500 and 429 of the storage', async () => {
        const of = project();
        for (const status of [503, 500, 429]) system.fault(of, 'download', { status });
        assert.deepEqual(system.result(await system.run('lines', of)).records, wanted);
        assert.deepEqual(statuses(of), [503, 500, 429, 200]);
    });

    it('after a connection that ends before any answer', async () => {
        const of = project();
        system.fault(of, 'download', { action: 'drop', times: 2 });
        assert.deepEqual(system.result(await system.run('lines', of)).records, wanted);
    });

    it('slowly', async () => {
        const of = system.project({ assets: 20, seed: SEED });
        system.fault(of, 'download', { action: 'slow', bytesPerSecond: 20_000 });
        assert.deepEqual(system.result(await system.run('lines', of)).records, wanted.slice(0, 20));
    });

    it('and the storage is never told the API key', async () => {
        const { record, requests } = await fromStorage((_request, response) => response.end(bytes));
        assert.equal(record.state, 'answered');
        assert.ok(!('apikey' in requests[0].headers));
        assert.ok(!JSON.stringify(requests[0].headers).includes(record.event.apiKey));
    });
});

describe('an export that does not arrive ends the run with a reason', { concurrency: 16 }, () => {
    it('when the connection breaks each time before anything came', async () => {
        const of = project();
        system.fault(of, 'download', { action: 'truncate', afterBytes: 0, times: 0 });
        const record = await system.run('lines', of);
        system.failed(record, /^could not download the export: .*Tried \d times\./);
        assert.ok(statuses(of).length > 3);
    });

    it('when its URL is refused, and the one that Hub is asked for then as well', async () => {
        const of = project();
        system.fault(of, 'download', {
            status: 403,
            times: 0,
            body: '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>',
        });
        system.failed(
            await system.run('lines', of),
            /the storage refused the download of the export: AccessDenied: Request has expired \(HTTP 403/,
        );
        assert.deepEqual(statuses(of), [403, 403]);
    });

    it('when the file changed in the middle', async () => {
        const { record } = await fromStorage((_request, response, count) => {
            const headers = { ETag: `"${count}"`, 'Content-Length': bytes.length };
            if (count === 1) half(response, headers, bytes);
            else response.writeHead(200, headers).end(bytes);
        });
        system.failed(record, /^could not download the export: the file at .* changed while it was downloaded\. Run the plugin again\.$/);
    });

    it('when it was cut and the storage cannot say whether it is the same file', async () => {
        const { record } = await fromStorage((_request, response, count) => {
            if (count === 1) half(response, {}, bytes);
            else response.writeHead(200, {}).end(bytes);
        });
        system.failed(record, /the download cannot continue/);
    });

    it('when the storage sends another part than it was asked for', async () => {
        const { record } = await fromStorage((_request, response, count) => {
            if (count === 1) half(response, { ETag: '"1"', 'Content-Length': bytes.length }, bytes);
            else
                response
                    .writeHead(206, {
                        ETag: '"1"',
                        'Content-Range': `bytes ${bytes.length - 10}-${bytes.length - 1}/${bytes.length}`,
                        'Content-Length': 10,
                    })
                    .end(bytes.subarray(-10));
        });
        system.failed(record, /a part of the file that was not requested/);
    });

    it('when the storage redirects in circles', async () => {
        const of = project();
        system.fault(of, 'download', { action: 'redirect-loop', times: 0 });
        system.failed(await system.run('lines', of), /redirect/);
    });

    it('when nobody answers and the time of the plugin is up', async () => {
        system.angod.expect(timedOut);
        const of = project();
        system.fault(of, 'download', { action: 'hang' });
        system.failed(await system.run('hasty', of), /did not finish within its limit of 1 second and was stopped/);
    });

    it('when it comes too slowly for the time of the plugin', async () => {
        system.angod.expect(timedOut);
        const of = project();
        system.fault(of, 'download', { action: 'slow', bytesPerSecond: 1000 });
        system.failed(await system.run('hasty', of), /did not finish within its limit of 1 second and was stopped/);
    });
});

test('temporary files of all these runs are gone', () => system.scratchIsEmpty());
