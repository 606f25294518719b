// Servers that answer the WebSocket handshake with something else than a WebSocket: the operator reads what they say and what to
// check, a pause that they ask for is kept, and a redirect is followed only where the plugin's secret is safe.
import assert from 'node:assert/strict';
import { after, before, describe, it, test } from 'node:test';
import { startHub } from '../hub/hub.mjs';
import { until } from './lib/angod.mjs';
import { Certificates } from './lib/certificates.mjs';
import { escape } from './lib/lines.mjs';
import { RawServer } from './lib/raw_server.mjs';
import { System } from './lib/system.mjs';

const AGAIN = '; trying again, next in \\d+ ms$';
const upgrade = 'check whether hub.url is the address of Hub, and whether a proxy on the way removes the header Upgrade';
const portal =
    'check whether hub.url is the address of Hub, and whether a sign-in page of the network or a load balancer answers in place of Hub';
const body = (status, type, text, headers = '') =>
    `HTTP/1.1 ${status}\r\n${headers}Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;

/** The answer, and the sentence behind "HTTP ". */
const answers = {
    'a message of Engine.IO': [
        body('400 Bad Request', 'application/json', '{"code":5,"message":"Unsupported protocol version"}'),
        `400 ("Unsupported protocol version"); ${upgrade}`,
    ],
    'a page of another server': [body('404 Not Found', 'text/html', '<h1>Not Found</h1>'), `404 ("Not Found"); ${upgrade}`],
    'a sign-in page': [
        body('200 OK', 'text/html', '<!doctype html><title>Hotel Wi-Fi: sign in</title>'),
        '200 ("Hotel Wi-Fi: sign in"); it sent a page instead of a connection: check whether hub.url is the address of Hub, and whether a sign-in page of the network or a load balancer answers in place of Hub',
    ],
    'a redirect to another host': [
        'HTTP/1.1 308 Permanent Redirect\r\nLocation: https://hub2.example.test/socket.io/?EIO=4&transport=websocket\r\nContent-Length: 0\r\n\r\n',
        '308 (a redirect to https://hub2.example.test/socket.io/); write the address of Hub to which it leads as hub.url',
    ],
    'a redirect to the page of a portal': [
        'HTTP/1.1 307 Temporary Redirect\r\nLocation: https://gateway.example.test/sign-in?to=/socket.io/\r\nContent-Length: 0\r\n\r\n',
        `307 (a redirect to https://gateway.example.test/sign-in); ${portal}`,
    ],
    'a firewall': [
        body('403 Forbidden', 'text/plain', 'Request blocked.\nReference 18.2'),
        '403 ("Request blocked."); check whether a proxy, a firewall or an access rule in front of Hub keeps this machine out, and whether hub.url is the address of Hub',
    ],
    'an interim answer, and then the end of a service': [
        `HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 502 Bad Gateway\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nno back\r\n4\r\nend!\r\n0\r\n\r\n`,
        '502 ("no backend!"); Hub, or a server in front of it, is down or overloaded',
    ],
    'a proxy in between that wants a password': [
        'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n',
        '407; a proxy on the way wants a user name and a password: write them into the URL of hub.proxy',
    ],
};
const busy = (pause) => body('503 Service Unavailable', 'text/plain', 'back soon', `Retry-After: ${pause}\r\n`);
const ending = (answer) => ({ instead: (socket) => socket.end(answer) });

const made = new Certificates();
/** The times at which the server with a short pause was asked. */
const tries = [];
let strayed = 0;
const servers = {};
let system, hub, tlsHub, caFile;
before(async () => {
    caFile = made.authority('right');
    const certificate = made.issue('hub', 'right', 'DNS:localhost');
    tlsHub = await startHub({ tls: certificate });
    const add = async (name, answer, tls) => {
        servers[name] = await RawServer.start(null, answer.instead, tls);
    };
    for (const [name, [answer]] of Object.entries(answers)) await add(name, ending(answer));
    await add('long pause', ending(busy(3600)));
    await add('pause until a date', ending(busy('Sun, 06 Nov 2094 08:49:37 GMT')));
    await add('short pause', {
        instead: (socket) => {
            tries.push(Date.now());
            socket.end(busy(2));
        },
    });
    await add('other host', {
        instead: (socket) => {
            ++strayed;
            socket.destroy();
        },
    });
    const locations = {
        'to TLS': `https://localhost:${new URL(tlsHub.url).port}/socket.io/?EIO=4&transport=websocket`,
        'to another host': `https://127.0.0.1:${new URL(tlsHub.url).port}/socket.io/?EIO=4&transport=websocket`,
        'out of TLS': servers['other host'].url.replace('127.0.0.1', 'localhost'),
    };
    const redirect = (to) => ending(`HTTP/1.1 301 Moved Permanently\r\nLocation: ${to}\r\nContent-Length: 0\r\n\r\n`);
    for (const [name, to] of Object.entries(locations)) await add(name, redirect(to), name === 'out of TLS' && certificate);
    await add('in a circle', redirect('/again/socket.io/'), certificate);
    const plugins = {};
    for (const [name, server] of Object.entries(servers)) {
        if (name === 'other host') continue; // only redirects lead there
        const url = server.url.replace('127.0.0.1', 'localhost');
        plugins[name.replaceAll(/[ ,]+/g, '-')] = { hub: { url, api_url: server.url, ca_file: caFile } };
    }
    system = await System.start(
        {
            plugins,
            allow: [
                ...Object.values(answers).map(([, sentence]) => new RegExp(`HTTP ${escape(sentence)}${AGAIN}`)),
                new RegExp(`HTTP 503 \\("back soon"\\); Hub, or a server in front of it, is down or overloaded${AGAIN}`),
                new RegExp(
                    `HTTP 301 \\(a redirect to \\S+\\); (write the address of Hub to which it leads as hub\\.url|${escape(portal)})${AGAIN}`,
                ),
                /^localhost:\d+ redirects the WebSocket handshake to https:\/\/localhost:\d+, which angod follows; write this address as hub\.url$/,
            ],
        },
        false,
    );
    ({ hub } = system);
    const { id, secret } = hub.plugins.get(system.id('to-TLS'));
    tlsHub.createPlugin({ id, secret, name: 'to TLS', type: 'Input' });
});
after(async () => {
    await system?.close();
    for (const server of Object.values(servers)) await server.close();
    await tlsHub?.close();
    made.remove();
});

const refused = (name) =>
    until(
        async () => {
            const view = await system.angod.plugin(name.replaceAll(/[ ,]+/g, '-'));
            return view.state === 'backoff' && view.reason && view.reason;
        },
        `the reason of ${name}`,
        30000,
    );
const said = (name) => system.angod.log.filter(({ plugin }) => plugin === name);

describe('the reason tells the words and the remedy after', { concurrency: true }, () => {
    for (const [name, [, sentence]] of Object.entries(answers))
        it(name, async () => {
            const port = new URL(servers[name].url).port;
            assert.equal(await refused(name), `localhost:${port}: the server answered the WebSocket handshake with HTTP ${sentence}`);
        });
});

describe('a pause that the server asks for', { concurrency: true }, () => {
    for (const name of ['long pause', 'pause until a date'])
        it(`is kept, but for ten minutes at most: ${name}`, async () => {
            const before = Date.now();
            const [, reason, at] = /^(.*); the server asked for a pause, so angod tries again at (\S+)$/.exec(await refused(name));
            assert.match(reason, /HTTP 503 \("back soon"\); Hub, or a server in front of it, is down or overloaded$/);
            const wait = Date.parse(at) - before;
            assert.ok(wait > 300e3 && wait < 602e3, at);
            const told = said(name.replaceAll(' ', '-')).find(({ msg }) => msg.startsWith(reason));
            assert.ok(Number(/next in (\d+) ms$/.exec(told.msg)[1]) >= 600e3, told.msg);
        });

    it('is over when the server said so, and the plugin is live then', async () => {
        await refused('short pause');
        servers['short pause'].become(async (peer) => {
            tries.push(Date.now());
            await peer.accept();
        });
        await until(async () => (await system.angod.plugin('short-pause')).state === 'live', 'the plugin to be live', 30000);
        assert.ok(tries.length >= 2);
        for (let i = 1; i < tries.length; ++i) assert.ok(tries[i] - tries[i - 1] >= 2000, `not before: ${tries}`);
        assert.equal((await system.angod.plugin('short-pause')).reason, '');
    });
});

test('a redirect to the same host over TLS is followed, and said once', async () => {
    const id = system.id('to-TLS');
    await tlsHub.waitForLight(id, 'green', 30000);
    assert.equal((await tlsHub.waitForSession(tlsHub.run(id), 20000)).state, 'answered');
    assert.equal((await system.angod.plugin('to-TLS')).reason, '');
    tlsHub.link(id).drop();
    system.angod.expect(/the server ended the connection; trying again, next in \d+ ms$/);
    await tlsHub.waitFor(() => tlsHub.plugin(id).connectionsTotal >= 2 && tlsHub.plugin(id).live === 1, 30000, 'the reconnect');
    assert.equal(said('to-TLS').filter(({ msg }) => msg.includes('redirects')).length, 1);
});

test('a redirect to another host, out of TLS, or a second one is named and not followed', async () => {
    assert.match(await refused('to another host'), /HTTP 301 \(a redirect to https:\/\/127\.0\.0\.1:\d+\/socket\.io\/\); write/);
    assert.match(await refused('out of TLS'), /HTTP 301 \(a redirect to http:\/\/localhost:\d+\); check whether/);
    assert.match(await refused('in a circle'), /HTTP 301 \(a redirect to \/again\/socket\.io\/\); write the address of Hub/);
    assert.equal(strayed, 0);
    assert.equal(tlsHub.connections.filter(({ pluginId }) => pluginId !== system.id('to-TLS')).length, 0);
});
