// Exports from a Hub with a private certificate: angod trusts the authority that the operator names and no other.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { after, before, describe, it, test } from 'node:test';
import { example } from './lib/angod.mjs';
import { Certificates } from './lib/certificates.mjs';
import { Exporting, lines } from './lib/exporting.mjs';
import { timedOut } from './lib/lines.mjs';
import { startStorage } from './lib/storage.mjs';

const made = new Certificates();
let system;
before(async () => {
    const pair = made.selfSigned('hub', 'IP:127.0.0.1');
    system = await Exporting.start({
        modules: [example('export_lines_cpp')],
        plugins: { lines: { module: 'export-lines-cpp' } },
        caFile: made.file('hub.pem'),
        hub: { tls: pair },
    });
});
after(async () => {
    await system?.close();
    made.remove();
});

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

describe('an export does not connect to', () => {
    const DAY = 86400e3,
        now = Date.now(),
        asked = [],
        servers = [];
    const answer = (request, response) => {
        asked.push(request.url);
        response.end('{}');
    };
    const refusals = {
        'a server with a certificate that has signed itself': [
            () => https.createServer(made.selfSigned('itself', 'IP:127.0.0.1'), answer),
            /self-signed certificate/,
        ],
        'a server with a certificate of an unknown authority': [
            () => https.createServer(made.issue('strange', 'stranger', 'IP:127.0.0.1'), answer),
            /unable to get local issuer certificate|self-signed certificate in certificate chain/,
        ],
        'a server with a certificate for another host name': [
            () => https.createServer(made.issue('other', 'right', 'DNS:hub.example'), answer),
            /subject (alternative )?name/,
        ],
        'a server with a certificate whose time is over': [
            () =>
                https.createServer(
                    made.issue('over', 'right', 'IP:127.0.0.1', { from: new Date(now - 3 * DAY), to: new Date(now - DAY) }),
                    answer,
                ),
            /certificate has expired/,
        ],
        'a server with a certificate whose time has not come': [
            () =>
                https.createServer(
                    made.issue('early', 'right', 'IP:127.0.0.1', { from: new Date(now + DAY), to: new Date(now + 9 * DAY) }),
                    answer,
                ),
            /certificate is not yet valid/,
        ],
        'a server that speaks no TLS': [() => http.createServer(answer), /does not speak TLS at this port/],
        'a server that knows only TLS 1.1': [
            () =>
                https.createServer(
                    {
                        ...made.issue('old', 'right', 'IP:127.0.0.1'),
                        minVersion: 'TLSv1',
                        maxVersion: 'TLSv1.1',
                        ciphers: 'DEFAULT@SECLEVEL=0',
                    },
                    answer,
                ),
            /versions of TLS that are not safe any more; 1\.2 is the least/,
        ],
    };
    let plain;
    before(async () => {
        const ca_file = made.authority('right');
        made.authority('stranger');
        const plugins = { download: { module: 'export-lines-cpp', hub: { ca_file } } };
        for (const [i, [make]] of Object.values(refusals).entries()) {
            const server = make();
            servers.push(server);
            server.listen(0, '127.0.0.1');
            await once(server, 'listening');
            plugins[`p${i}`] = { module: 'export-lines-cpp', hub: { api_url: `https://127.0.0.1:${server.address().port}`, ca_file } };
        }
        const silent = net.createServer((socket) => socket.on('error', () => {}));
        servers.push(silent);
        silent.listen(0, '127.0.0.1');
        await once(silent, 'listening');
        plugins.silent = {
            module: 'export-lines-cpp',
            timeout_s: 14,
            hub: { api_url: `https://127.0.0.1:${silent.address().port}`, ca_file },
        };
        plugins.system = { module: 'export-lines-cpp', hub: { api_url: `https://127.0.0.1:${servers[0].address().port}` } };
        plain = await Exporting.start({ modules: [example('export_lines_cpp')], plugins });
    });
    after(async () => {
        await plain?.close();
        for (const server of servers) server.close();
    });

    it("a server that the system's authorities do not know, without a ca_file", async () => {
        plain.failed(await plain.run('system', plain.project()), /certificate/);
        assert.deepEqual(asked, []);
    });

    it('a server that says nothing: the run goes on trying and says why', async () => {
        plain.angod.expect(timedOut);
        const record = await plain.run('silent', plain.project());
        plain.failed(record, /did not finish within its limit of 14 seconds/);
        assert.match(
            lines(record, 'WARNING')[0],
            /connection to 127\.0\.0\.1:\d+ failed: (SSL connection timeout|.*timed out).* Trying again/,
        );
    });

    Object.entries(refusals).forEach(([what, [, sentence]], i) => {
        it(what, async () => {
            plain.failed(await plain.run(`p${i}`, plain.project()), sentence);
            assert.deepEqual(asked, []);
        });
        it(`${what}, when Hub sends it there for the download`, async () => {
            const project = plain.project();
            plain.fault(project, 'ask', {
                body: { status: 'success', data: { exportPath: `https://127.0.0.1:${servers[i].address().port}/export.zip` } },
            });
            plain.failed(await plain.run('download', project), new RegExp(`could not download the export: .*(${sentence.source})`));
            assert.deepEqual(asked, []);
        });
    });
});
