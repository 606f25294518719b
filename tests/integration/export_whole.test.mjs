// A part of an export is never taken for the whole: encodings of the way, parts of a file, and zips that lost something.
import assert from 'node:assert/strict';
import { after, before, describe, it, test } from 'node:test';
import zlib from 'node:zlib';
import { generateAssetText } from '../hub/assets.mjs';
import { example } from './lib/angod.mjs';
import { Exporting, lines } from './lib/exporting.mjs';
import { half, startStorage } from './lib/storage.mjs';
import { zipOf } from './lib/zips.mjs';

const wanted = Array.from({ length: 300 }, (_, i) => generateAssetText(i, 4));
const zip = zipOf([
    { name: 'part-1.ndjson', data: `${wanted.slice(0, 100).join('\n')}\n`, stored: true },
    { name: 'part-2.ndjson', data: wanted.slice(100).join('\n'), stored: true },
]);

let system;
before(async () => {
    system = await Exporting.start({
        modules: [example('export_lines_cpp')],
        plugins: { lines: { module: 'export-lines-cpp' } },
    });
});
after(() => system.close());

/** A run whose export is in a storage that serves it in this way. */
async function fromStorage(serve) {
    const storage = await startStorage(serve);
    const of = system.project({ text: '' });
    system.fault(of, 'ask', { body: { status: 'success', data: { exportPath: storage.url } } });
    try {
        return { record: await system.run('lines', of), requests: storage.requests, host: new URL(storage.url).host };
    } finally {
        await storage.close();
    }
}

/** Serves ranges of these bytes, as stores do. lost: answers that end after half of their bytes. */
const serveRanges =
    (bytes, headers = {}, { lost = 0 } = {}) =>
    (request, response, count) => {
        const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
        const body = bytes.subarray(from);
        const range = from > 0 ? { 'Content-Range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {};
        const head = { ETag: '"1"', 'Content-Length': body.length, ...range, ...headers };
        if (count > lost) response.writeHead(from > 0 ? 206 : 200, head).end(body);
        else {
            response.writeHead(from > 0 ? 206 : 200, head);
            response.write(body.subarray(0, body.length / 2), () => setImmediate(() => response.destroy()));
        }
    };

const ENCODINGS = [
    ['gzip', zlib.gzipSync(zip)],
    ['x-gzip', zlib.gzipSync(zip)],
    ['deflate', zlib.deflateSync(zip)],
    ['deflate', zlib.deflateRawSync(zip)],
    ['deflate, gzip', zlib.gzipSync(zlib.deflateSync(zip))],
    ['identity', zip],
];

describe('an export with a Content-Encoding', { concurrency: 16 }, () => {
    for (const [name, bytes] of ENCODINGS)
        it(`"${name}" is decoded (${bytes.length} bytes)`, async () => {
            const { record } = await fromStorage(serveRanges(bytes, { 'Content-Encoding': name }));
            assert.deepEqual(system.result(record).records, wanted);
        });

    it('is continued where it was cut, by the bytes that were sent', async () => {
        const bytes = zlib.gzipSync(zip);
        const { record, requests } = await fromStorage(serveRanges(bytes, { 'Content-Encoding': 'gzip' }, { lost: 3 }));
        assert.deepEqual(system.result(record).records, wanted);
        assert.equal(requests.length, 4);
        assert.ok(requests.slice(1).every(({ headers }) => /^bytes=[1-9]\d*-$/.test(headers.range)));
    });

    it('that the file does not have, is taken as it is', async () => {
        for (const name of ['gzip', 'deflate']) {
            const { record } = await fromStorage(serveRanges(zip, { 'Content-Encoding': name }));
            assert.deepEqual(system.result(record).records, wanted);
        }
    });

    it('that the store forgot to name, is decoded', async () => {
        const { record } = await fromStorage(serveRanges(zlib.gzipSync(zip)));
        assert.deepEqual(system.result(record).records, wanted);
    });

    it('that is not known is named, with a remedy', async () => {
        const { record, host } = await fromStorage(serveRanges(zlib.brotliCompressSync(zip), { 'Content-Encoding': 'br' }));
        system.failed(
            record,
            new RegExp(
                `^could not download the export: ${host} sent it with the Content-Encoding "br", which is not supported \\(gzip and deflate are\\): turn it off there\\. Run the plugin again\\.$`,
            ),
        );
    });

    it('that ends too early is no export, although all announced bytes came', async () => {
        for (const [name, bytes] of ENCODINGS.slice(0, 5)) {
            const { record, host } = await fromStorage(serveRanges(bytes.subarray(0, -4), { 'Content-Encoding': name }));
            system.failed(
                record,
                name === 'deflate' && bytes.length === ENCODINGS[3][1].length
                    ? new RegExp('^could not download the export: |^the export from Hub is ')
                    : new RegExp(
                          `^could not download the export: the data that ${host} sent with a Content-Encoding ends too early\\. Run the plugin again\\.$`,
                      ),
            );
        }
    });

    it('that is another one after a lost connection ends the run', async () => {
        const bytes = zlib.gzipSync(zip);
        const { record } = await fromStorage((request, response, count) =>
            serveRanges(bytes, count === 1 ? { 'Content-Encoding': 'gzip' } : {}, { lost: 1 })(request, response, count),
        );
        system.failed(record, /^could not download the export: the file at .* changed while it was downloaded\. Run the plugin again\.$/);
    });
});

describe('an export that comes in parts', { concurrency: 16 }, () => {
    const part = (from, to, total = zip.length) => ({
        ETag: '"1"',
        'Content-Range': `bytes ${from}-${to - 1}/${total}`,
        'Content-Length': to - from,
    });
    const fromOf = (request) => Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);

    it('is read to its end, although nobody asked for parts', async () => {
        const size = Math.ceil(zip.length / 3);
        const { record, requests } = await fromStorage((request, response) => {
            const from = fromOf(request);
            const to = Math.min(from + size, zip.length);
            response.writeHead(206, part(from, to)).end(zip.subarray(from, to));
        });
        assert.deepEqual(system.result(record).records, wanted);
        assert.equal(requests.length, 3);
    });

    it('of a file of unknown size is read until the store says that there is no more', async () => {
        const size = Math.ceil(zip.length / 2);
        const { record } = await fromStorage((request, response) => {
            const from = fromOf(request);
            const to = Math.min(from + size, zip.length);
            if (from >= zip.length) response.writeHead(416, { 'Content-Range': `bytes */${zip.length}` }).end();
            else response.writeHead(206, part(from, to, '*')).end(zip.subarray(from, to));
        });
        assert.deepEqual(system.result(record).records, wanted);
    });

    it('of a file of unknown size is no export if the store never says where it ends', async () => {
        const { record, host } = await fromStorage((request, response) => {
            if (fromOf(request) > 0) response.writeHead(416).end();
            else response.writeHead(206, part(0, zip.length, '*')).end(zip);
        });
        system.failed(
            record,
            new RegExp(
                `^could not download the export: ${host} sent a part of the file and does not say how long all of it is\\. Run the plugin again\\.$`,
            ),
        );
    });

    it('ends the run if a part is of another file', async () => {
        const middle = zip.length >> 1;
        for (const [headers, sentence] of [
            [{ ETag: '"2"' }, /the file at .* changed while it was downloaded\. Run the plugin again\.$/],
            [{ 'Content-Range': `bytes ${middle}-${zip.length}/${zip.length + 1}` }, /the file at .* changed while it was downloaded\./],
            [{ 'Content-Range': `bytes ${middle}-${zip.length}/${zip.length}` }, /sent a part of the file that was not requested\./],
            [{ 'Content-Range': `bytes ${zip.length - 1}-${middle}/${zip.length}` }, /sent a part of the file that was not requested\./],
            [
                { 'Content-Range': undefined, 'Content-Type': 'multipart/byteranges; boundary=x' },
                /sent a part of the file that was not requested\./,
            ],
        ]) {
            const { record } = await fromStorage((request, response, count) => {
                if (count === 1) half(response, { ETag: '"1"', 'Content-Length': zip.length }, zip);
                else {
                    const from = fromOf(request);
                    const fields = { ...part(from, zip.length), ...headers };
                    if (headers['Content-Range']) fields['Content-Range'] = headers['Content-Range'].replace(String(middle), String(from));
                    if (fields['Content-Range'] === undefined) delete fields['Content-Range'];
                    response.writeHead(206, fields).end(zip.subarray(from));
                }
            });
            system.failed(record, sentence);
        }
    });

    it('ends the run if a part has more bytes than it says', async () => {
        const { record, host } = await fromStorage((request, response) => {
            const { 'Content-Length': _, ...headers } = part(0, zip.length - 10, zip.length);
            if (fromOf(request) === 0) response.writeHead(206, headers).end(zip);
            else response.writeHead(500).end();
        });
        system.failed(
            record,
            new RegExp(`^could not download the export: ${host} sent more bytes than it announced\\. Run the plugin again\\.$`),
        );
    });

    it('is not complete when a chunked answer has no end', async () => {
        const { record } = await fromStorage((request, response) => {
            response.socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
            response.socket.end(`${zip.length.toString(16)}\r\n${zip.toString('latin1')}\r\n`, 'latin1');
        });
        system.failed(record, /^could not download the export: .*the download cannot continue.*Run the plugin again\.$/);
    });
});

describe('a zip that is not whole ends the run:', { concurrency: 16 }, () => {
    const end = zip.length - 22;
    const directory = zip.readUInt32LE(end + 16);
    const changed = (at, byte) => {
        const bytes = Buffer.from(zip);
        bytes[at] = byte;
        return bytes;
    };
    const second = zip.indexOf('PK\x03\x04', 4, 'latin1');
    const again = ' Run the plugin again.';

    for (const [what, bytes, sentence] of [
        ['without its directory', zip.subarray(0, directory), `incomplete: its zip ends too early.${again}`],
        ['with half of its directory', zip.subarray(0, directory + 70), `incomplete: its zip ends too early.${again}`],
        ['without its last byte', zip.subarray(0, -1), `incomplete: its zip ends too early.${again}`],
        [
            'whose end counts another file',
            changed(end + 10, 3),
            `damaged: its end says that it has 3 files, but its directory names 2.${again}`,
        ],
        [
            'without a file that the directory names',
            Buffer.concat([zip.subarray(0, second), zip.subarray(directory)]),
            `damaged: its directory names a file at byte ${second}, where none is.${again}`,
        ],
        [
            'with another check sum in its directory',
            changed(directory + 16, zip[directory + 16] ^ 1),
            `damaged: the check sum of the file at byte 0 is not the one in its directory.${again}`,
        ],
        ['followed by another one', Buffer.concat([zip, zip]), `damaged: another zip follows its end.${again}`],
        [
            'without a part that its manifest names',
            zipOf([
                { name: 'manifest.json', data: JSON.stringify({ parts: ['part-1.ndjson', 'part-2.ndjson'] }) },
                { name: 'part-1.ndjson', data: wanted[0] },
            ]),
            `incomplete: its manifest names the file "part-2.ndjson", which is not in it.${again}`,
        ],
    ])
        it(what, async () => {
            const record = await system.run('lines', system.project({ zip: bytes }));
            const [said] = lines(record, 'ERROR');
            assert.equal(said, `the export from Hub is ${sentence}`);
            system.failed(record, /^the export from Hub is /);
        });
});

test('temporary files of all these runs are gone', () => system.scratchIsEmpty());
