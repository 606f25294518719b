import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { after, before, describe, it, test } from 'node:test';
import tls from 'node:tls';
import { startHub } from '../hub/hub.mjs';
import { Angod, until } from './lib/angod.mjs';
import { Certificates } from './lib/certificates.mjs';
import { linkLost } from './lib/lines.mjs';
import { System } from './lib/system.mjs';

const DAY = 86400e3,
    now = Date.now();
/** Servers to which angod must not connect: their set-up, and the reason of the refusal. */
const refusals = {
    'a certificate that has signed itself': [
        () => hubWith(made.selfSigned('itself', 'DNS:localhost')),
        /certificate is not trusted: self-signed certificate; .*hub\.ca_file/,
    ],
    'a certificate of an unknown authority': [
        () => hubWith(made.issue('strange', 'stranger', 'DNS:localhost')),
        /not trusted: (self-signed certificate in certificate chain|unable to get local issuer certificate); .*hub\.ca_file/,
    ],
    'a certificate for another host name': [
        () => hubWith(made.issue('other', 'right', 'DNS:hub.example')),
        /certificate is for another host name/,
    ],
    'a certificate for the address where the name is asked for': [
        () => hubWith(made.issue('ip', 'right', 'IP:127.0.0.1')),
        /certificate is for another host name/,
    ],
    'a certificate whose time is over': [
        () => hubWith(made.issue('over', 'right', 'DNS:localhost', { from: new Date(now - 3 * DAY), to: new Date(now - DAY) })),
        /not trusted: certificate has expired \(by the clock of this machine it is 20/,
    ],
    'a certificate whose time has not come': [
        () => hubWith(made.issue('early', 'right', 'DNS:localhost', { from: new Date(now + DAY), to: new Date(now + 9 * DAY) })),
        /not trusted: certificate is not yet valid \(by the clock of this machine it is 20/,
    ],
    'a server that speaks no TLS': [
        () => listening(http.createServer((_request, response) => response.end())),
        /does not speak TLS at this port/,
    ],
    'a server that knows only TLS 1.1': [
        () =>
            listening(
                tls.createServer({ ...made.pair('good'), minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
            ),
        /versions of TLS that are not safe any more; 1\.2 is the least/,
    ],
    'a server that says nothing': [
        () => listening(net.createServer((socket) => socket.on('error', () => {}))),
        /the TLS handshake took too long/,
    ],
    'a server that hangs up': [
        () => listening(net.createServer((socket) => socket.on('error', () => {}).end())),
        /ended the connection during the TLS handshake|reset by peer/,
    ],
};
/** The log line about an attempt that failed for this reason. */
const again = (reason) => new RegExp(`^cannot connect to localhost:\\d+: .*(${reason.source}).*; trying again, next in \\d+ ms$`);
const made = new Certificates();
const works = { good: 'by name', address: 'by address', six: 'by an IPv6 address' };
let system;
const hubs = [],
    servers = [];
async function hubWith(pair, host = 'localhost') {
    const hub = await startHub({ tls: pair, host });
    hubs.push(hub);
    return hub;
}
async function listening(server) {
    server.on('connection', (socket) => servers.push(socket));
    servers.push(server);
    server.listen(0, 'localhost');
    await once(server, 'listening');
    return { url: `https://localhost:${server.address().port}` };
}
before(async () => {
    const caFile = made.authority('right');
    made.authority('stranger');
    const good = await hubWith(made.issue('good', 'right', 'DNS:localhost'));
    const address = await hubWith(made.issue('address', 'right', 'IP:127.0.0.1'), '127.0.0.1');
    const six = await hubWith(made.issue('six', 'right', 'IP:::1'), '::1');
    const on = ({ url }) => ({ hub: { url, api_url: url, ca_file: caFile } });
    // The system's authorities do not include ours.
    const plugins = { good: on(good), address: on(address), six: on(six), unknown: { hub: { url: good.url, api_url: good.url } } };
    for (const [i, [make]] of Object.values(refusals).entries()) plugins[`p${i}`] = on(await make());
    // The plugins keep trying.
    const allow = [...Object.values(refusals).map(([, reason]) => reason), /certificate is not trusted: .*hub\.ca_file/].map((reason) =>
        again(reason),
    );
    system = await System.start({ plugins, allow }, false);
    // The Hubs with TLS get the same plugins, with the ids and secrets of the plain one.
    for (const [i, name] of Object.keys(works).entries()) {
        const hub = hubs[i];
        const { id, secret } = system.hub.plugins.get(system.id(name));
        hub.createPlugin({ id, secret, name, type: 'Input' });
        hub.link('all').drop(); // and the Hub recognizes the next first heartbeat
    }
    system.angod.allow(linkLost);
});
after(async () => {
    await system?.close();
    for (const hub of hubs) await hub.close();
    for (const one of servers) (one.destroy ?? one.close).call(one);
    made.remove();
});

for (const [i, [name, how]] of Object.entries(works).entries())
    test(`a plugin works over TLS with an authority from ca_file, its host given ${how}`, async () => {
        const hub = hubs[i],
            id = system.id(name);
        await hub.waitForLight(id, 'green', 20000);
        const session = await hub.waitForSession(hub.run(id, { extra: { pad: 'p'.repeat(3e6) } }), 20000);
        assert.equal(session.answers[0].message.response, 'attempt 1');
        system.angod.expect(linkLost);
        hub.link(id).drop();
        await hub.waitFor(() => hub.plugin(id).connectionsTotal >= 2, 20000, 'the reconnect');
        assert.equal((await system.angod.plugin(name)).state, 'live');
    });

const refused = (name) =>
    until(
        async () => {
            const view = await system.angod.plugin(name);
            return view.state !== 'live' && view.reason && view;
        },
        'the refusal',
        30000,
    );

describe('a plugin does not connect to', { concurrency: true }, () => {
    Object.entries(refusals).forEach(([what, [, reason]], i) =>
        it(what, async () => {
            assert.match((await refused(`p${i}`)).reason, reason);
            const said = () => system.angod.log.filter((line) => line.plugin === `p${i}` && /; trying again/.test(line.msg));
            await until(() => said().some(({ level }) => level === 'debug'), 'another try', 40000);
            const warnings = said()
                .filter(({ level }) => level !== 'debug')
                .map(({ level, msg }) => [level, reason.test(msg)]);
            assert.deepEqual(warnings, [['warning', true]], 'one line for one reason');
            assert.equal(hubs[Object.keys(works).length + i]?.counters.connections ?? 0, 0);
        }),
    );

    it("a server that the system's authorities do not know, without a ca_file", async () => {
        assert.match((await refused('unknown')).reason, /not trusted/);
    });
});

test('a ca_file that holds no certificate is refused at the start, by its name', async () => {
    const plugin = system.hub.createPlugin({ name: 'nobody', type: 'Input' });
    const angod = new Angod(system.hub, { plugins: [{ name: 'nobody', module: 'witness', plugin }] });
    const key = made.file('good.key');
    Object.assign(angod.config.hub, { url: hubs[0].url, ca_file: key });
    angod.expect(/: hub\.ca_file: /, /^1 problem in the configuration; nothing was started$/);
    await assert.rejects(angod.start(), (failed) =>
        new RegExp(
            `hub\\.ca_file: ${key} has no certificate in PEM form, which begins with "-----BEGIN CERTIFICATE-----"; convert another form with "openssl x509 -inform der"\n1 problem in`,
        ).test(failed.message),
    );
    assert.equal((await angod.exited).code, 2);
    fs.rmSync(angod.dir, { recursive: true });
});

test('a stop does not wait for a handshake that hangs', async () => {
    const hung = `p${Object.keys(refusals).indexOf('a server that says nothing')}`;
    await until(async () => (await system.angod.plugin(hung)).state === 'connecting', 'the handshake', 40000);
    assert.deepEqual(await system.angod.stop(10000), { code: 0, signal: null }, 'within less than the limit of a connection attempt');
});
