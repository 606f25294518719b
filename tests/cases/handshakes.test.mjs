// Proxies, load balancers, portals and other servers answer in place of Hub: the operator reads what it was, and pauses that a
// server asks for are kept.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { after, before, describe, it } from 'node:test';
import { startHub } from '../hub/hub.mjs';
import { Angod, example, until } from '../integration/lib/angod.mjs';

const OTHER = 'https://hub2.example.test/socket.io/?EIO=4&transport=websocket';
const HTML = { 'Content-Type': 'text/html; charset=UTF-8' };
const JSON_ = { 'Content-Type': 'application/json' };
const page = (title) => `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
const inTwoMinutes = new Date(Date.now() + 120_000).toUTCString();

/** name: [status, headers, body, patterns of the reason]. */
const ANSWERS = {
    'a redirect for good': [301, { Location: OTHER }, '', /301/, /hub2\.example\.test/],
    'a permanent redirect': [308, { Location: OTHER }, '', /308/, /hub2\.example\.test/],
    'a redirect of a portal, as Zscaler sends it': [
        307,
        { Location: 'https://gateway.zscaler.example/auD?origurl=http%3A%2F%2Fx' },
        '',
        /307/,
        /gateway\.zscaler\.example/,
    ],
    'a redirect to a login of the same host': [302, { Location: '/login?next=%2Fsocket.io%2F' }, '', /302/, /\/login/],
    'a redirect to nowhere': [302, {}, '', /302/],
    'a redirect with the codes of a terminal': [302, { Location: 'https://x.example.test/\u009b31mred' }, '', /302/],
    'an unknown transport': [400, JSON_, '{"code":0,"message":"Transport unknown"}', /400/, /Transport unknown/],
    'another version of the protocol': [
        400,
        JSON_,
        '{"code":5,"message":"Unsupported protocol version"}',
        /400/,
        /Unsupported protocol version/,
    ],
    'a request without a password': [401, { 'WWW-Authenticate': 'Basic realm="staging"' }, '', /401/],
    'the block of Cloudflare': [403, { ...HTML, Server: 'cloudflare' }, page('Attention Required! | Cloudflare'), /403/],
    'a path that is not there': [404, HTML, page('Not Found'), /404/, /Hub/],
    'a path that is not there, in JSON': [404, JSON_, '{"error":"no such route"}', /404/, /Hub/],
    'a page to sign in': [200, HTML, page('Sign in'), /200/, /Hub/],
    'the packet of an older Engine.IO': [
        200,
        { 'Content-Type': 'text/plain; charset=UTF-8' },
        '96:0{"sid":"x","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":5000}2:40',
        /200/,
    ],
    'a wish for an upgrade': [426, { Upgrade: 'websocket' }, '', /426/],
    'a portal of a hotel': [511, HTML, page('Network Authentication Required'), /511/],
    'the gateway of nginx': [502, HTML, page('502 Bad Gateway'), /502/],
    'too many calls': [429, { ...JSON_, 'Retry-After': '120' }, '{"error":"rate_limited"}', /429/],
    maintenance: [503, { 'Retry-After': '120' }, '', /503/],
    'maintenance until a date': [503, { 'Retry-After': inTwoMinutes }, '', /503/],
    'a pause of no length': [503, { 'Retry-After': '0' }, '', /503/],
    'a pause that is none': [503, { 'Retry-After': 'soon' }, '', /503/],
    'a pause of minus five': [503, { 'Retry-After': '-5' }, '', /503/],
    'a pause until a date that has passed': [503, { 'Retry-After': 'Wed, 21 Oct 2015 07:28:00 GMT' }, '', /503/],
    'the words of an attacker': [
        400,
        JSON_,
        JSON.stringify({ message: '\u001b]0;owned\u0007\u009b31mred\n2026-01-01 error forged\u202e' }),
        /400/,
    ],
    'a very long sentence': [400, JSON_, JSON.stringify({ message: 'long '.repeat(20_000) }), /400/],
    'a body in Latin-1': [400, { 'Content-Type': 'text/plain; charset=iso-8859-1' }, Buffer.from('requ\xeate erron\xe9e', 'latin1'), /400/],
};

/** Servers that speak no HTTP, or only a little. name: [bytes, patterns of the reason]. */
const BYTES = {
    'the banner of SSH': ['SSH-2.0-OpenSSH_9.2\r\n', /HTTP|answer/],
    'the greeting of a mail server': ['220 mail.example.test ESMTP\r\n', /HTTP|answer/],
    'an alert of TLS': [Buffer.from('15030100020246', 'hex'), /HTTP|answer|TLS|ended the connection/],
    'the settings of HTTP/2': [Buffer.from('000000040000000000', 'hex'), /HTTP|answer|ended the connection/],
    'an upgrade with a wrong key': [
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n',
        /WebSocket|Accept|handshake/i,
    ],
    'an upgrade to something else': [
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n',
        /WebSocket|upgrade|handshake/i,
    ],
    'an answer of HTTP/1.0': ['HTTP/1.0 301 Moved\r\nLocation: https://hub2.example.test/\r\n\r\n', /301/, /hub2\.example\.test/],
    'a head without an end': [`HTTP/1.1 400 Bad\r\nX: ${'x'.repeat(200_000)}`, /head|long|large|limit|answer/i],
    nothing: ['', /closed|ended/],
};

let hub, angod, healthy;
const servers = [];
const tries = {};

async function listen(server) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
    return `http://127.0.0.1:${server.address().port}`;
}
function answering(name, [status, headers, body]) {
    tries[name] = 0;
    const bytes = Buffer.from(body);
    const server = http.createServer((request, response) => response.writeHead(404).end());
    server.on('upgrade', (request, socket) => {
        tries[name] += 1;
        socket.on('error', () => {});
        const head = Object.entries(headers).map(([key, value]) => `${key}: ${value}`);
        socket.write(
            [
                `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}`,
                ...head,
                `Content-Length: ${bytes.length}`,
                'Connection: close',
                '',
                '',
            ].join('\r\n'),
        );
        socket.end(bytes);
    });
    return listen(server);
}
function saying(name, [bytes]) {
    tries[name] = 0;
    return listen(
        net.createServer((socket) => {
            tries[name] += 1;
            socket.on('error', () => {});
            socket.once('data', () => socket.end(bytes));
        }),
    );
}

const nameOf = (title) => title.replace(/[^a-z0-9]+/gi, '-');
before(async () => {
    hub = await startHub();
    healthy = hub.createPlugin({ name: 'healthy', type: 'Input' });
    const plugins = [{ plugin: healthy, name: 'healthy', module: 'echo' }];
    for (const [kinds, serve] of [
        [ANSWERS, answering],
        [BYTES, saying],
    ])
        for (const [title, answer] of Object.entries(kinds)) {
            const url = await serve(title, answer);
            plugins.push({
                plugin: { id: `id-${nameOf(title)}`, secret: 'q7-of-these-cases' },
                name: nameOf(title),
                module: 'echo',
                hub: { url, api_url: url },
            });
        }
    angod = new Angod(hub, {
        modules: [example('echo')],
        plugins,
        allow: [/^cannot connect to 127\.0\.0\.1:\d+: .*; trying again, next in \d+ (ms|s)$/],
    });
    await angod.start();
    // The first of them is tried again and again; until then all others had their first answer.
    await until(() => tries['a pause of no length'] >= 4 && Object.values(tries).every((count) => count > 0), 'all answers', 40000);
});
after(async () => {
    try {
        await angod?.close();
    } finally {
        for (const server of servers) {
            server.close();
            server.closeAllConnections?.();
        }
        await hub?.close();
    }
});

const reasonOf = async (title) => until(async () => (await angod.plugin(nameOf(title))).reason, 'the reason');

describe('the operator reads what the server answered', () => {
    for (const [title, [, , , ...patterns]] of Object.entries(ANSWERS))
        it(title, async () => {
            const reason = await reasonOf(title);
            for (const pattern of patterns) assert.match(reason, pattern);
        });
    for (const [title, [, ...patterns]] of Object.entries(BYTES))
        it(title, async () => {
            const reason = await reasonOf(title);
            for (const pattern of patterns) assert.match(reason, pattern);
        });
    it('in one line without control characters, of a length that can be read', async () => {
        const { plugins } = await angod.get('/v1/plugins');
        for (const { name, reason } of plugins) {
            assert.doesNotMatch(reason ?? '', /[\p{Cc}\u202a-\u202e\u2028\u2029]/u, name);
            assert.ok((reason ?? '').length < 700, `${name}: ${reason?.length}`);
        }
        assert.doesNotMatch(angod.logText.replaceAll('\n', ''), /[\u0000-\u001f\u007f-\u009f]/);
    });
});

describe('a pause that the server asks for', () => {
    for (const title of ['too many calls', 'maintenance', 'maintenance until a date'])
        it(`is kept: ${title}`, async () => {
            assert.equal(tries[title], 1);
            assert.equal((await angod.plugin(nameOf(title))).state, 'backoff');
        });
    for (const title of ['a pause of no length', 'a pause that is none', 'a pause of minus five', 'a pause until a date that has passed'])
        it(`is that of angod, if it is no time to come: ${title}`, () => until(() => tries[title] >= 2, 'another try'));
});

it('the plugin beside them works', async () => {
    assert.equal((await hub.waitForSession(hub.run(healthy.id), 10000)).state, 'answered');
});
