// Exports from a Hub with a certificate of its own: the one the operator names is trusted, no other.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createServer } from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { example } from './lib/angod.mjs';
import { Exporting } from './lib/exporting.mjs';
import { startStorage } from './lib/storage.mjs';

let dir, system;
before(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-test-'));
    system = await Exporting.start({
        modules: [example('export_lines_cpp')],
        plugins: { lines: { module: 'export-lines-cpp' } },
        caFile: certificate('hub'),
        hub: { tls: { key: fs.readFileSync(path.join(dir, 'hub.key')), cert: fs.readFileSync(path.join(dir, 'hub.pem')) } },
    });
});
after(async () => {
    fs.rmSync(dir, { recursive: true, force: true });
    await system.close();
});

/** A self-signed certificate for this machine; returns its file, the key lies beside it. */
function certificate(name) {
    const file = (end) => path.join(dir, `${name}.${end}`);
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${name}`,
        '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', file('key'), '-out', file('pem')], { stdio: 'ignore' });
    return file('pem');
}

test('an export works over TLS from the request to the upload', async () => {
    assert.equal(system.result(await system.run('lines', system.project({ assets: 300 }))).records.length, 300);
});

test('a redirect from TLS to an open connection is not followed', async () => {
    const storage = await startStorage((_request, response) => response.end('{}'));
    for (const step of ['ask', 'download']) {
        const project = system.project();
        system.fault(project, step, { status: 307, headers: { Location: storage.url } });
        system.failed(await system.run('lines', project), /redirect/);
    }
    await storage.close();
    assert.deepEqual(storage.requests, []);
});

test('a Hub with a certificate that nobody has vouched for is told nothing', async () => {
    certificate('stranger');
    const stranger = await Exporting.start({ modules: [example('export_lines_cpp')], plugins: { lines: { module: 'export-lines-cpp' } } });
    const requests = [];
    const server = createServer({ key: fs.readFileSync(path.join(dir, 'stranger.key')), cert: fs.readFileSync(path.join(dir, 'stranger.pem')) },
        (request, response) => {
            requests.push(request.url);
            response.end('{}');
        });
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    try {
        const project = stranger.project();
        stranger.fault(project, 'ask', { body: { status: 'success', data: { exportPath: `https://127.0.0.1:${server.address().port}/export.zip` } } });
        stranger.failed(await stranger.run('lines', project), /could not download the export: .*certificate/i);
        assert.deepEqual(requests, []);
    } finally {
        server.close();
        await stranger.close();
    }
});
