// The upload of a result from the spool file to Hub's storage.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { after, before, describe, it, test } from 'node:test';
import { example, fixture } from './lib/angod.mjs';
import { Exporting, lines } from './lib/exporting.mjs';
import { startStorage } from './lib/storage.mjs';

let system;
before(async () => {
    system = await Exporting.start({
        modules: [example('export_lines_cpp'), fixture('exporter')],
        plugins: { lines: { module: 'export-lines-cpp' }, tricks: { module: 'exporter' } },
    });
});
after(() => system.close());

const uploads = (project) => system.requests(project, 'upload').map(({ status }) => status);
const expired = {
    status: 403,
    body: '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>',
};

/** A run whose result goes to a storage that serves in this way. */
async function toStorage(serve) {
    const storage = await startStorage(serve);
    const project = system.project({ text: '{"a":1}' });
    system.fault(project, 'uploadUrl', { status: 201, body: { status: 'success', data: { uploadUrl: storage.url } }, times: 0 });
    system.fault(project, 'signedUrl', { body: { status: 'success', data: { signedUrl: 'https://files.example.test/done' } } });
    try {
        return { record: await system.run('lines', project), requests: storage.requests, project };
    } finally {
        await storage.close();
    }
}

test('a result is put with its length, in one piece, and without anything that is not signed', async () => {
    const { record, requests } = await toStorage((_request, response) => response.end());
    assert.equal(record.answers[0].message.response, 'https://files.example.test/done');
    const [{ method, headers, body }] = requests;
    assert.equal(method, 'PUT');
    assert.equal(headers['content-length'], String(body.length));
    assert.equal(body.subarray(0, 4).toString('latin1'), 'PK\x03\x04');
    for (const name of ['apikey', 'transfer-encoding', 'expect', 'content-encoding', 'authorization', 'cookie'])
        assert.ok(!(name in headers), name);
    assert.ok(!JSON.stringify(headers).includes(record.event.apiKey));
});

describe('an upload works', { concurrency: 16 }, () => {
    it('byte for byte', async () => {
        const project = system.project({ assets: 3000, seed: 6 });
        const { upload, path } = system.result(await system.run('lines', project));
        assert.equal(upload.sha256, createHash('sha256').update(fs.readFileSync(path)).digest('hex'));
        assert.equal(upload.puts, 1);
    });

    it('after its URL has expired: a new one is asked for', async () => {
        const project = system.project();
        system.fault(project, 'upload', expired);
        const record = await system.run('lines', project);
        system.result(record);
        assert.deepEqual(uploads(project), [403, 200]);
        assert.equal(system.requests(project, 'uploadUrl').length, 2);
        assert.equal(system.requests(project, 'ask').length, 1, 'the work is not done again');
        assert.ok(lines(record, 'WARNING').some((line) => line.includes('Request has expired')));
    });

    it('after 500 and 503 of the storage, to the same URL', async () => {
        const project = system.project();
        for (const status of [500, 503]) system.fault(project, 'upload', { status });
        system.result(await system.run('lines', project));
        assert.deepEqual(uploads(project), [500, 503, 200]);
        assert.equal(system.requests(project, 'uploadUrl').length, 1);
    });

    it('after the connection was cut in the middle', async () => {
        const project = system.project({ assets: 3000, seed: 6 });
        system.fault(project, 'upload', { action: 'truncate', afterBytes: 50_000 });
        const { upload } = system.result(await system.run('lines', project));
        assert.equal(upload.puts, 1);
        assert.equal(uploads(project).at(-1), 200);
    });

    it('after the answer to a finished upload was lost', async () => {
        const project = system.project();
        system.fault(project, 'upload', { action: 'drop', after: true });
        const { upload } = system.result(await system.run('lines', project));
        assert.equal(upload.puts, 2, 'the same file twice is harmless');
        assert.equal(system.requests(project, 'uploadUrl').length, 1);
    });

    it('slowly', async () => {
        const project = system.project({ assets: 300, seed: 6 });
        system.fault(project, 'upload', { action: 'slow', bytesPerSecond: 20_000 });
        system.result(await system.run('lines', project));
    });

    it('with the name and the storage that the module asks for', async () => {
        const project = system.project();
        const fileName = Buffer.from('Straße 7 & more.zip').toString('hex');
        system.result(await system.run('tricks', project, { extra: { fileName, toStorage: 'storage&7' } }));
        const [upload, signed] = ['uploadUrl', 'signedUrl'].map((step) => system.requests(project, step)[0].query);
        assert.deepEqual([upload.name, upload.storageId, signed.storageId], ['Straße 7 & more.zip', 'storage&7', 'storage&7']);
    });

    it('under a safe name when the module gives one that is not', async () => {
        const project = system.project();
        const fileName = Buffer.from('../../a\\b:c\u0001.zip').toString('hex');
        system.result(await system.run('tricks', project, { extra: { fileName } }));
        assert.doesNotMatch(system.requests(project, 'uploadUrl')[0].query.name, /[/\\:\x00-\x1f]|^\./);
    });
});

describe('an upload that cannot work ends the run with a reason', { concurrency: 16 }, () => {
    it('when every URL is refused', async () => {
        const project = system.project();
        system.fault(project, 'upload', { ...expired, times: 0 });
        system.failed(
            await system.run('lines', project),
            /the storage refused the upload of the result: AccessDenied: Request has expired \(HTTP 403/,
        );
        assert.ok(uploads(project).length <= 5, 'it gives up soon');
    });

    it('when the storage says no', async () => {
        const { record, requests } = await toStorage((_request, response) =>
            response.writeHead(413, {}).end('<Error><Code>EntityTooLarge</Code></Error>'),
        );
        system.failed(record, /the storage refused the upload of the result: EntityTooLarge \(HTTP 413/);
        assert.equal(requests.length, 1);
    });

    it('when the storage stays away', async () => {
        const project = system.project();
        system.fault(project, 'upload', { status: 503, times: 0 });
        system.failed(await system.run('lines', project), /HTTP 503.*Tried \d times\./);
    });

    it('when Hub does not sign the result', async () => {
        const project = system.project();
        system.fault(project, 'signedUrl', { status: 500, body: { status: 'error', message: 'no signer' }, times: 0 });
        system.failed(await system.run('lines', project), /no signer \(HTTP 500.*Tried \d times\./);
    });

    it('when Hub gives no address', async () => {
        const project = system.project();
        system.fault(project, 'uploadUrl', { status: 201, body: { status: 'success', data: null } });
        system.failed(await system.run('lines', project), /has no data\.uploadUrl/);
    });
});

test('a Hub that signs by url instead of name is asked so after a 400', async () => {
    const project = system.project();
    system.fault(project, 'signedUrl', { status: 400, body: { status: 'fail', message: 'url is required' } });
    system.result(await system.run('lines', project));
    const [first, second] = system.requests(project, 'signedUrl');
    assert.equal(second.query.url, first.query.name);
});

test('the files of all these runs are gone', () => system.scratchIsEmpty());
