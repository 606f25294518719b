// The connections of plugins to a Hub behind a proxy. The cases for exports are in export_proxy.test.mjs.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import { after, before, describe, it, test } from 'node:test';
import { startHub } from '../hub/hub.mjs';
import { until } from './lib/angod.mjs';
import { Certificates } from './lib/certificates.mjs';
import { linkLost } from './lib/lines.mjs';
import { ForwardProxy } from './lib/proxy.mjs';
import { System } from './lib/system.mjs';

const PASSWORD = 'p@ss:w\u00f6rd%',
    CREDENTIALS = `ann:${encodeURIComponent(PASSWORD)}`;
const answer = (head) => (socket) => socket.end(`${head}\r\n\r\n`);
const bytes = (what) => (socket) => socket.end(what);

/** The refusals of a proxy, with and without credentials in its URL, and the sentence for the operator. */
const refusals = {
    'wants a password': [
        answer('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"'),
        '',
        /the proxy PROXY wants a user name and a password \(HTTP 407\); put them into its URL/,
    ],
    'does not take the password': [
        answer('HTTP/1.1 407 Proxy Authentication Required'),
        CREDENTIALS,
        /the proxy PROXY does not accept the user name and password of its URL \(HTTP 407\)/,
    ],
    'does not allow it': [
        answer('HTTP/1.1 403 Forbidden\r\nContent-Length: 0'),
        CREDENTIALS,
        /the proxy PROXY does not allow connections to there \(HTTP 403\)/,
    ],
    'explains itself in a page': [
        answer('HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n\r\n<html><title>Blocked: category &quot;AI&quot;</title></html>'),
        CREDENTIALS,
        /the proxy PROXY does not allow connections to there \(HTTP 403\); its answer: "Blocked: category "AI""$/,
    ],
    'repeats the password': [
        answer(`HTTP/1.1 407 Proxy Authentication Required\r\n\r\nno user ann:${PASSWORD} here`),
        CREDENTIALS,
        /does not accept the user name and password of its URL \(HTTP 407\); its answer: "no user \*\*\* here"$/,
    ],
    'cannot reach it': [answer('HTTP/1.0 502 Bad Gateway'), '', /the proxy PROXY could not reach it \(HTTP 502\)/],
    'answers what no proxy answers': [
        answer('HTTP/1.1 302 Found\r\nLocation: http://login.example/?user=x'),
        '',
        /the proxy PROXY refused the connection \(HTTP 302\); it may want a sign-in first, or be no proxy; its answer: a redirect to http:\/\/login\.example\/$/,
    ],
    'is none': [
        bytes('SSH-2.0-OpenSSH_9.2\r\n'),
        '',
        /through the proxy PROXY: the proxy cannot be used: its answer is not HTTP, but begins with "SSH-2\.0-OpenSSH_9\.2"/,
    ],
    'says more than it should': [
        bytes('HTTP/1.1 200 OK\r\n\r\n\x16\x03'),
        '',
        /through the proxy PROXY: the proxy sent more than its answer/,
    ],
    'never comes to the end of its answer': [
        bytes(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20000)}`),
        '',
        /through the proxy PROXY: the proxy cannot be used: its answer is longer than 16 KB and its head has no end/,
    ],
    'hangs up': [(socket) => socket.end(), '', /through the proxy PROXY: the proxy ended the connection/],
    'says nothing': [() => {}, CREDENTIALS, /through the proxy PROXY: the proxy did not answer in time/],
};
const proxies = [];
const proxyWith = async (options) => {
    const proxy = await ForwardProxy.start(options);
    proxies.push(proxy);
    return proxy;
};
const made = new Certificates();
let system, hub, tlsHub, open, closed, onSix, absent;
before(async () => {
    const caFile = made.authority('right');
    tlsHub = await startHub({ tls: made.issue('hub', 'right', 'DNS:hub.example') });
    const names = { 'hub.example:443': { port: Number(new URL(tlsHub.url).port) } };
    open = await proxyWith({ names });
    closed = await proxyWith({ names, credentials: `ann:${PASSWORD}` });
    onSix = await proxyWith({ host: '::1' });
    const nobody = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => {
        nobody.once('listening', resolve);
    });
    absent = `127.0.0.1:${nobody.address().port}`;
    await new Promise((resolve) => {
        nobody.close(resolve);
    });
    const secure = { url: 'https://hub.example', api_url: 'https://hub.example', ca_file: caFile };
    const plugins = {
        plain: { hub: { proxy: open.url() } },
        'plain-password': { hub: { proxy: closed.url(CREDENTIALS) } },
        six: { hub: { proxy: onSix.url() } },
        secure: { hub: { ...secure, proxy: open.url() } },
        'secure-password': { hub: { ...secure, proxy: closed.url(CREDENTIALS) } },
        'wrong-name': {
            hub: {
                ...secure,
                url: 'https://other.example',
                proxy: (await proxyWith({ names: { 'other.example:443': names['hub.example:443'] } })).url(),
            },
        },
        absent: { hub: { proxy: `http://${absent}` } },
        unknown: { hub: { proxy: 'http://no-such-proxy.invalid:3128' } },
    };
    for (const [i, [refuse, credentials]] of Object.values(refusals).entries())
        plugins[`r${i}`] = { hub: { proxy: (await proxyWith({ refuse })).url(credentials) } };
    const reasons = [
        ...Object.values(refusals).map(([, , sentence]) => sentence.source.replace('PROXY', '127\\.0\\.0\\.1:\\d+').replace(/\$$/, '')),
        `through the proxy ${absent}: Connection refused`,
        'through the proxy no-such-proxy\\.invalid:3128: the host name no-such-proxy\\.invalid cannot be resolved: ',
        'its certificate is for another host name',
    ];
    // The plugins keep trying.
    system = await System.start(
        { plugins, allow: reasons.map((reason) => new RegExp(`^cannot connect to \\S+ .*${reason}.*; trying again, next in \\d+ ms$`)) },
        false,
    );
    ({ hub } = system);
    for (const name of ['secure', 'secure-password']) {
        const { id, secret } = hub.plugins.get(system.id(name));
        tlsHub.createPlugin({ id, secret, name, type: 'Input' });
    }
    system.angod.allow(linkLost);
    tlsHub.link('all').drop(); // and the Hub recognizes the next first heartbeat
});
after(async () => {
    await system?.close();
    await tlsHub?.close();
    for (const proxy of proxies) await proxy.close();
    made.remove();
});

describe('a plugin lives through', { concurrency: true }, () => {
    const works = async (name, on, proxy, target) => {
        const id = system.id(name);
        await on.waitForLight(id, 'green', 30000);
        assert.equal(
            (await on.waitForSession(on.run(id, { extra: { pad: 'p'.repeat(2e6) } }), 20000)).answers[0].message.response,
            'attempt 1',
        );
        system.angod.expect(linkLost);
        on.link(id).drop();
        await on.waitFor(() => on.plugin(id).connectionsTotal >= 2 && on.plugin(id).live === 1, 30000, 'the reconnect');
        assert.ok(proxy.tunnels.filter((one) => one === target).length >= 2, JSON.stringify(proxy.asked));
    };
    it('a proxy, to a plain Hub', () => works('plain', hub, open, new URL(hub.url).host));
    it('a proxy that wants a password, to a plain Hub', () => works('plain-password', hub, closed, new URL(hub.url).host));
    it('a proxy that has an IPv6 address', () => works('six', hub, onSix, new URL(hub.url).host));
    it('a proxy, to a Hub with TLS whose name only the proxy can resolve', () => works('secure', tlsHub, open, 'hub.example:443'));
    it('a proxy that wants a password, to a Hub with TLS', () => works('secure-password', tlsHub, closed, 'hub.example:443'));
});

const refused = (name) =>
    until(
        async () => {
            const view = await system.angod.plugin(name);
            return view.state !== 'live' && view.reason && view.reason;
        },
        'a reason',
        30000,
    );

describe('one sentence names a proxy that', { concurrency: true }, () => {
    Object.entries(refusals).forEach(([what, [, , sentence]], i) =>
        it(what, async () => {
            const reason = await refused(`r${i}`);
            assert.match(reason, new RegExp(sentence.source.replace('PROXY', proxies.at(i - Object.keys(refusals).length).authority)));
            assert.match(reason, /^cannot connect to 127\.0\.0\.1:\d+ through the proxy 127\.0\.0\.1:\d+: [^\n]+$/);
            assert.ok(
                system.angod.log.some((line) => line.plugin === `r${i}` && line.level === 'warning' && line.msg.includes(reason)),
                'the log says it too',
            );
        }),
    );
    it('is not there', async () => assert.match(await refused('absent'), new RegExp(`through the proxy ${absent}: Connection refused`)));
    it('has a name that nobody knows', async () =>
        assert.match(
            await refused('unknown'),
            /through the proxy no-such-proxy\.invalid:3128: the host name no-such-proxy\.invalid cannot be resolved: /,
        ));
});

test("the certificate behind a proxy is checked for Hub's name", async () => {
    assert.match(
        await refused('wrong-name'),
        /cannot connect to other\.example through the proxy 127\.0\.0\.1:\d+: its certificate is for another host name/,
    );
});

test('a plugin whose proxy finally accepts it is live', async () => {
    const i = Object.keys(refusals).indexOf('does not allow it');
    proxies.at(i - Object.keys(refusals).length).refuse = undefined;
    await hub.waitForLight(system.id(`r${i}`), 'green', 40000);
    assert.equal((await system.angod.plugin(`r${i}`)).reason, '');
});

test('the password appears nowhere: not in the log, not in admin answers, not in a host', async () => {
    const shown =
        system.angod.logText +
        JSON.stringify(await system.angod.get('/v1/plugins')) +
        JSON.stringify(await system.angod.get('/v1/status')) +
        JSON.stringify(await system.angod.jobs());
    const hosts = await system.angod.hosts();
    assert.ok(hosts.length > 0);
    const seen =
        shown + hosts.flatMap((pid) => ['environ', 'cmdline'].map((file) => fs.readFileSync(`/proc/${pid}/${file}`, 'utf8'))).join('');
    for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), Buffer.from(`ann:${PASSWORD}`).toString('base64'), 'ann:'])
        assert.ok(!seen.includes(secret), `"${secret}" can be seen`);
});

test('a stop does not wait for a proxy that says nothing', async () => {
    const proxy = await proxyWith({ refuse: () => {} });
    const other = await System.start({ plugins: { p: { hub: { proxy: proxy.url() } } } }, false);
    await until(() => proxy.asked.length > 0, 'the question');
    assert.deepEqual(await other.angod.stop(10000), { code: 0, signal: null }, 'within less than the limit of a connection attempt');
    await other.close();
});

describe('proxies of the environment', () => {
    let other, proxy, second;
    before(async () => {
        proxy = await proxyWith({ credentials: `ann:${PASSWORD}` });
        second = await proxyWith();
        other = await System.start({
            plugins: {
                environment: {},
                none: { hub: { proxy: 'none' } },
                own: { hub: { proxy: second.url() } },
                empty: { hub: { proxy: '' } },
            },
            env: { http_proxy: proxy.url(CREDENTIALS), NO_PROXY: 'hub.example,10.0.0.0/8' },
        });
    });
    after(() => other?.close());
    const remote = (name) => other.hub.connections.filter((one) => one.pluginId === other.id(name)).length;

    it('serve the plugins without a proxy of their own', async () => {
        for (const name of ['environment', 'none', 'own', 'empty']) {
            assert.equal((await other.settled(other.run(name))).answers.length, 1);
            assert.equal(remote(name), 1);
        }
        assert.equal(proxy.tunnels.length, 2, 'of "environment" and "empty"');
        assert.equal(second.tunnels.length, 1, 'of "own"');
        assert.ok(!other.angod.logText.includes(encodeURIComponent(PASSWORD)));
    });

    it('are not in the environment of a host', async () => {
        const hosts = await other.angod.hosts();
        assert.ok(hosts.length > 0);
        for (const pid of hosts)
            assert.deepEqual(
                fs
                    .readFileSync(`/proc/${pid}/environ`, 'utf8')
                    .split('\0')
                    .filter((one) => /proxy|ann/i.test(one)),
                [],
            );
    });

    it('do not serve what NO_PROXY names: address, network, port, everything', async () => {
        for (const no_proxy of ['127.0.0.1', '127.0.0.0/8', '*', 'PORT', 'x.example;127.0.0.1', 'x.example\n[::ffff:127.0.0.1]']) {
            const third = await proxyWith();
            const hubHere = await startHub();
            const direct = await System.start(
                {
                    plugins: { p: { hub: { url: hubHere.url } } },
                    env: { http_proxy: third.url(), no_proxy: no_proxy.replace('PORT', new URL(hubHere.url).host) },
                },
                false,
            );
            await hubHere.waitFor(() => hubHere.connections.length > 0, 20000, 'a direct connection');
            assert.deepEqual(third.asked, [], no_proxy);
            await direct.close();
            await hubHere.close();
        }
    });

    it('an entry of no_proxy that nobody understands is warned of once, with its text', async () => {
        const understood =
            /^the environment variable no_proxy: the entry "127\.0\.\*" is not understood and counts for nothing; an entry is a host name, which stands for its subdomains too, an address, a network such as 10\.0\.0\.0\/8, or \* for everything$/;
        const used = await proxyWith();
        await System.use(
            { plugins: { p: {}, q: {} }, env: { http_proxy: used.url(), no_proxy: '127.0.*' }, allow: [understood] },
            async ({ angod }) => {
                assert.equal(angod.log.filter(({ msg }) => understood.test(msg)).length, 1);
                assert.equal(used.tunnels.length, 2, 'the entry counts for nothing');
            },
        );
    });

    it('that cannot be used are refused at the start, without their password', async () => {
        await assert.rejects(
            System.start({ plugins: { p: {} }, env: { HTTPS_PROXY: `socks5://${CREDENTIALS}@127.0.0.1:1` } }),
            (failed) => {
                assert.match(
                    failed.message,
                    /the environment variable https_proxy: the proxy's URL does not begin with http:\/\/; other kinds of proxies are not supported; change it, or set hub\.proxy/,
                );
                return !failed.message.includes('ann');
            },
        );
    });
});
