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

const IS_IT_HUB = 'check whether hub.url is the address of Hub, and whether a proxy on the way removes the header Upgrade';
const MOVED = 'write the address of Hub to which it leads as hub.url';
const PORTAL =
    'check whether hub.url is the address of Hub, and whether a sign-in page of the network or a load balancer answers in place of Hub';
const A_PAGE =
    'it sent a page instead of a connection: check whether hub.url is the address of Hub, and whether a sign-in page of the network or a load balancer answers in place of Hub';
const KEPT_OUT =
    'check whether a proxy, a firewall or an access rule in front of Hub keeps this machine out, and whether hub.url is the address of Hub';
const DOWN = 'Hub, or a server in front of it, is down or overloaded';
const PAUSE = /; the server asked for a pause, so angod tries again at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const FULL = 'Hub, or a server in front of it, takes no more connections at this time';
const engine3 = '96:0{"sid":"x","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":5000}2:40';

/** name: [status, headers, body, the server's words in the reason, advice]. Without advice only the words are looked for. */
const ANSWERS = {
    'a redirect for good': [301, { Location: OTHER }, '', ' (a redirect to https://hub2.example.test/socket.io/)', MOVED],
    'a permanent redirect': [308, { Location: OTHER }, '', ' (a redirect to https://hub2.example.test/socket.io/)', MOVED],
    'a redirect of a portal, as Zscaler sends it': [
        307,
        { Location: 'https://gateway.zscaler.example/auD?origurl=http%3A%2F%2Fx' },
        '',
        ' (a redirect to https://gateway.zscaler.example/auD)',
        PORTAL,
    ],
    'a redirect to a login of the same host': [302, { Location: '/login?next=%2Fsocket.io%2F' }, '', ' (a redirect to /login)', PORTAL],
    'a redirect to nowhere': [302, {}, '', ' (a redirect without an address)', PORTAL],
    'a redirect with the codes of a terminal': [
        302,
        { Location: 'https://x.example.test/\u009b31mred' },
        '',
        ' (a redirect to https://x.example.test/ 31mred)',
    ],
    'an unknown transport': [400, JSON_, '{"code":0,"message":"Transport unknown"}', ' ("Transport unknown")', IS_IT_HUB],
    'another version of the protocol': [
        400,
        JSON_,
        '{"code":5,"message":"Unsupported protocol version"}',
        ' ("Unsupported protocol version")',
        IS_IT_HUB,
    ],
    'a request without a password': [401, { 'WWW-Authenticate': 'Basic realm="staging"' }, '', '', KEPT_OUT],
    'the block of Cloudflare': [
        403,
        { ...HTML, Server: 'cloudflare' },
        page('Attention Required! | Cloudflare'),
        ' ("Attention Required! | Cloudflare")',
        KEPT_OUT,
    ],
    'a path that is not there': [404, HTML, page('Not Found'), ' ("Not Found")', IS_IT_HUB],
    'a path that is not there, in JSON': [404, JSON_, '{"error":"no such route"}', ' ("no such route")', IS_IT_HUB],
    'a page to sign in': [200, HTML, page('Sign in'), ' ("Sign in")', A_PAGE],
    'the packet of an older Engine.IO': [200, { 'Content-Type': 'text/plain; charset=UTF-8' }, engine3, ` ("${engine3}")`],
    'a wish for an upgrade': [
        426,
        { Upgrade: 'websocket' },
        '',
        '',
        'check whether hub.url is the address of Hub and begins with https://, and whether a proxy on the way removes the header Upgrade',
    ],
    'a portal of a hotel': [
        511,
        HTML,
        page('Network Authentication Required'),
        ' ("Network Authentication Required")',
        'the network wants a sign-in first: open a page in a browser on this machine',
    ],
    'the gateway of nginx': [502, HTML, page('502 Bad Gateway'), ' ("502 Bad Gateway")', DOWN],
    'too many calls': [429, { ...JSON_, 'Retry-After': '120' }, '{"error":"rate_limited"}', ' ("rate_limited")', FULL],
    maintenance: [503, { 'Retry-After': '120' }, '', '', DOWN],
    'maintenance until a date': [503, { 'Retry-After': inTwoMinutes }, '', '', DOWN],
    'a pause of no length': [503, { 'Retry-After': '0' }, '', '', DOWN],
    'a pause that is none': [503, { 'Retry-After': 'soon' }, '', '', DOWN],
    'a pause of minus five': [503, { 'Retry-After': '-5' }, '', '', DOWN],
    'a pause until a date that has passed': [503, { 'Retry-After': 'Wed, 21 Oct 2015 07:28:00 GMT' }, '', '', DOWN],
    'the words of an attacker': [
        400,
        JSON_,
        JSON.stringify({ message: '\u001b]0;owned\u0007\u009b31mred\n2026-01-01 error forged\u202e' }),
        'owned',
    ],
    'a very long sentence': [400, JSON_, JSON.stringify({ message: 'long '.repeat(20_000) }), 'long long long'],
    'a body in Latin-1': [
        400,
        { 'Content-Type': 'text/plain; charset=iso-8859-1' },
        Buffer.from('requ\xeate erron\xe9e', 'latin1'),
        ' ("requ\ufffdte erron\ufffde")',
        IS_IT_HUB,
    ],
};

/** Servers that speak no HTTP, or only a little. name: [bytes, patterns of the reason]. */
const BYTES = {
    'the banner of SSH': [
        'SSH-2.0-OpenSSH_9.2\r\n',
        /: the server's answer is not HTTP, but begins with "SSH-2\.0-OpenSSH_9\.2"; check whether hub\.url is the address of Hub$/,
    ],
    'the greeting of a mail server': [
        '220 mail.example.test ESMTP\r\n',
        /: the server's answer is not HTTP, but begins with "220 mail\.example\.test ESMTP"; check whether hub\.url is the address of Hub$/,
    ],
    'an alert of TLS': [
        Buffer.from('15030100020246', 'hex'),
        /: the server's answer is TLS; check whether hub\.url is the address of Hub$/,
    ],
    'the settings of HTTP/2': [
        Buffer.from('000000040000000000', 'hex'),
        /: the server's answer is not HTTP; check whether hub\.url is the address of Hub$/,
    ],
    'an upgrade with a wrong key': [
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n',
        /: the WebSocket handshake failed: /,
    ],
    'an upgrade to something else': [
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n',
        /: the WebSocket handshake failed: /,
    ],
    'an answer of HTTP/1.0': ['HTTP/1.0 301 Moved\r\nLocation: https://hub2.example.test/\r\n\r\n', /301/, /hub2\.example\.test/],
    'a head without an end': [
        `HTTP/1.1 400 Bad\r\nX: ${'x'.repeat(200_000)}`,
        /: the server's answer is longer than 16 KB and its head has no end; check whether hub\.url is the address of Hub$/,
    ],
    nothing: ['', /: the server ended the connection$/],
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
        allow: [/^(cannot connect to )?127\.0\.0\.1:\d+: .*; trying again, next in \d+ (ms|s)$/],
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
    for (const [title, [status, , , words, advice]] of Object.entries(ANSWERS))
        it(title, async () => {
            const reason = (await reasonOf(title)).replace(/^127\.0\.0\.1:\d+: /, '');
            const answered = `the server answered the WebSocket handshake with HTTP ${status}`;
            if (advice) assert.equal(reason.replace(PAUSE, ''), `${answered}${words}; ${advice}`);
            else assert.ok(reason.startsWith(answered) && reason.includes(words), reason);
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
            assert.match(await reasonOf(title), PAUSE);
            assert.equal((await angod.plugin(nameOf(title))).state, 'backoff');
        });
    for (const title of ['a pause of no length', 'a pause that is none', 'a pause of minus five', 'a pause until a date that has passed'])
        it(`is that of angod, if it is no time to come: ${title}`, () => until(() => tries[title] >= 2, 'another try'));
});

it('the plugin beside them works', async () => {
    assert.equal((await hub.waitForSession(hub.run(healthy.id), 10000)).state, 'answered');
});
