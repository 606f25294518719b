// Exports as stores and networks between hand them to angod: encoded on the way, in parts, less than the whole, more than it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import zlib from 'node:zlib';
import { module_ } from '../integration/lib/angod.mjs';
import { Exporting, lines } from '../integration/lib/exporting.mjs';
import * as expected from '../integration/lib/lines.mjs';
import { startStorage } from '../integration/lib/storage.mjs';
import { archive } from './lib/archives.mjs';
import { record } from './lib/running.mjs';

const COUNT = 400;
const line = (n) => `${JSON.stringify(record(n))}\n`;
const text = Array.from({ length: COUNT }, (_, n) => line(n)).join('');
const zip = archive([{ name: 'export.ndjson', data: text }]);
const stored = archive([{ name: 'export.ndjson', data: text, method: 0 }]);

let system;
before(async () => {
    system = await Exporting.start({ modules: [module_('export_coco')], plugins: { coco: { module: 'export-coco', timeout_s: 40 } } });
});
after(() => system?.close());

/** A run whose export is in a store that serves it in this way. */
async function fromStore(serve) {
    const store = await startStorage(serve);
    const of = system.project({ text: '' });
    system.fault(of, 'ask', { body: { status: 'success', data: { exportPath: store.url } } });
    try {
        return { run: await system.run('coco', of), requests: store.requests };
    } finally {
        await store.close();
    }
}
const sends = (body, headers = {}, status = 200) =>
    fromStore((_request, response) => response.writeHead(status, { 'Content-Length': body.length, ...headers }).end(body));

/** Asserts that all assets were converted. */
function isWhole({ run }) {
    const { assets } = system.result(run).json('conversion_report.json');
    assert.deepEqual(assets, { in: COUNT, converted: COUNT, skipped: {} });
}
/** Asserts that a run failed with one sentence that fits all patterns. */
function hasFailed({ run }, ...patterns) {
    assert.equal(run.state, 'failed', JSON.stringify(run.logs));
    const [said, ...more] = lines(run, 'ERROR');
    assert.deepEqual(more, []);
    system.angod.expect(expected.failed(said));
    for (const pattern of patterns) assert.match(said, pattern);
}
/** Asserts that a run either converted everything or failed with such a sentence. */
const isWholeOrFailed = (made, ...patterns) => (made.run.state === 'answered' ? isWhole(made) : hasFailed(made, ...patterns));

describe('an export that the store encoded', { concurrency: 8 }, () => {
    const packed = zlib.gzipSync(zip);
    const GZIP = { 'Content-Type': 'application/zip', 'Content-Encoding': 'gzip' };
    it('not at all is whole', async () => isWhole(await sends(zip, { 'Content-Type': 'application/zip' })));
    it('with gzip is decoded', async () => isWhole(await sends(packed, GZIP)));
    it('with gzip, as HTTP/1.0 named it, is decoded', async () => isWhole(await sends(packed, { 'Content-Encoding': 'x-gzip' })));
    it('with gzip in capitals is decoded', async () => isWhole(await sends(packed, { 'Content-Encoding': 'GZIP' })));
    it('with deflate is decoded or named', async () =>
        isWholeOrFailed(await sends(zlib.deflateSync(zip), { 'Content-Encoding': 'deflate' }), /deflate/i));
    it('by name only is whole', async () => isWhole(await sends(zip, GZIP)));
    it('with "identity" is whole', async () => isWhole(await sends(zip, { 'Content-Encoding': 'identity' })));
    it('with an empty name is whole', async () => isWhole(await sends(zip, { 'Content-Encoding': '' })));
    it('with aws-chunked, which uploads of SDKs leave in the metadata, is whole', async () =>
        isWhole(await sends(zip, { 'Content-Encoding': 'aws-chunked' })));
    it('in two members of gzip is whole', async () =>
        isWholeOrFailed(await sends(Buffer.concat([zlib.gzipSync(zip.subarray(0, 900)), zlib.gzipSync(zip.subarray(900))]), GZIP), /gzip/));
    it('twice with gzip is decoded or named', async () =>
        isWholeOrFailed(await sends(zlib.gzipSync(packed), { 'Content-Encoding': 'gzip, gzip' }), /gzip/));
    it('with Brotli is decoded or named', async () =>
        isWholeOrFailed(await sends(zlib.brotliCompressSync(zip), { 'Content-Encoding': 'br' }), /\bbr\b|Brotli/i));
    it('with gzip and without a zip in it is read or named', async () =>
        isWholeOrFailed(await sends(zlib.gzipSync(text), { 'Content-Encoding': 'gzip' }), /not a zip file/));
    it('with gzip in chunks is decoded', async () =>
        isWhole(await fromStore((_request, response) => response.writeHead(200, GZIP).end(packed))));
    it('with gzip that ends too early is refused', async () =>
        hasFailed(await sends(packed.subarray(0, packed.length - 400), GZIP), /gzip|early|incomplete|damaged/));
    it('with gzip whose sum is wrong is refused, unless the sums in the zip are right', async () => {
        const wrong = Buffer.from(packed);
        wrong[wrong.length - 6] ^= 0xff;
        isWholeOrFailed(await sends(wrong, GZIP), /gzip|damaged|download/);
    });
});

describe('of an export of which not all arrives no part is taken for the whole:', { concurrency: 8 }, () => {
    const half = zip.length >> 1;
    it('an answer shorter than it says is asked for again', async () => {
        const made = await fromStore((request, response, count) => {
            const headers = { ETag: '"1"', 'Content-Length': zip.length };
            if (count > 1) response.writeHead(200, headers).end(zip);
            else response.writeHead(200, headers).write(zip.subarray(0, half), () => setImmediate(() => response.destroy()));
        });
        isWhole(made);
    });
    it('chunks without a last one are asked for again, or the run fails', async () => {
        const made = await fromStore((request, response, count) => {
            const headers = { ETag: '"1"', 'Transfer-Encoding': 'chunked' };
            if (count > 1) response.writeHead(200, headers).end(zip);
            else response.writeHead(200, headers).write(zip.subarray(0, half), () => setImmediate(() => response.destroy()));
        });
        isWholeOrFailed(made, /download|incomplete/);
    });
    it('a part, 206, that was not asked for is not the whole', async () => {
        const made = await fromStore((_request, response, count) => {
            if (count > 1) return response.writeHead(200, { 'Content-Length': stored.length }).end(stored);
            const range = { 'Content-Length': half, 'Content-Range': `bytes 0-${half - 1}/${stored.length}` };
            return response.writeHead(206, range).end(stored.subarray(0, half));
        });
        isWholeOrFailed(made, /206|bytes|incomplete|Content-Range|continue/);
    });
    it('a part with status 200', async () => hasFailed(await sends(zip.subarray(0, half)), /incomplete|early/));
    it('the last part', async () =>
        hasFailed(
            await sends(zip.subarray(half), { 'Content-Range': `bytes ${half}-${zip.length - 1}/${zip.length}` }, 206),
            /206|part|zip|Content-Range/i,
        ));
    it('a rest that is shorter than it should be', async () => {
        const made = await fromStore((request, response, count) => {
            const [, from] = /bytes=(\d+)-/.exec(request.headers.range ?? '') ?? [];
            if (from === undefined) {
                response.writeHead(200, { ETag: '"1"', 'Content-Length': zip.length });
                response.write(zip.subarray(0, half), () => setImmediate(() => response.destroy()));
            } else {
                const rest = count === 2 ? zip.subarray(Number(from), zip.length - 100) : zip.subarray(Number(from));
                response.writeHead(206, {
                    ETag: '"1"',
                    'Content-Length': rest.length,
                    'Content-Range': `bytes ${from}-${Number(from) + rest.length - 1}/${zip.length}`,
                });
                response.end(rest);
            }
        });
        isWholeOrFailed(made, /download|changed|part|incomplete/);
    });
    it('a rest of a file of another length', async () => {
        const made = await fromStore((request, response) => {
            const [, from] = /bytes=(\d+)-/.exec(request.headers.range ?? '') ?? [];
            if (from === undefined) {
                response.writeHead(200, { ETag: '"1"', 'Content-Length': zip.length });
                response.write(zip.subarray(0, half), () => setImmediate(() => response.destroy()));
                return;
            }
            const rest = zip.subarray(Number(from));
            response.writeHead(206, {
                'Content-Length': rest.length,
                'Content-Range': `bytes ${from}-${zip.length - 1}/${zip.length + 5000}`,
            });
            response.end(rest);
        });
        hasFailed(made, /changed|length|part|size/i);
    });
    it('nothing, 204', async () => hasFailed(await sends(Buffer.alloc(0), {}, 204), /empty|204|incomplete/));
    it('a page to sign in', async () =>
        hasFailed(
            await sends(Buffer.from('<!DOCTYPE html><title>Sign in</title>'), { 'Content-Type': 'text/html' }),
            /not a zip|HTML|page/i,
        ));
});

describe('an export in several parts', { concurrency: 4 }, () => {
    for (const [what, entries, wanted] of [
        [
            'is read whole',
            [
                { name: 'part-1.ndjson', data: line(1) },
                { name: 'part-2.ndjson', data: line(2) + line(3) },
            ],
            3,
        ],
        [
            'is read behind a manifest',
            [
                { name: 'manifest.json', data: '{"parts":["export.ndjson"],"count":2}' },
                { name: 'export.ndjson', data: line(1) + line(2) },
            ],
            2,
        ],
        [
            'is read behind an empty part',
            [
                { name: 'a.ndjson', data: '' },
                { name: 'b.ndjson', data: line(1) },
            ],
            1,
        ],
    ])
        it(what, async () => {
            const run = await system.run('coco', system.project({ zip: archive(entries) }));
            assert.equal(system.result(run).json('conversion_report.json').assets.converted, wanted);
        });
});
