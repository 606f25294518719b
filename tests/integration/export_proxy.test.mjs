// Exports behind a proxy: all REST calls of a host go through it, and the user is told what it refuses.
import assert from 'node:assert/strict';
import { after, before, describe, it, test } from 'node:test';
import { example } from './lib/angod.mjs';
import { Certificates } from './lib/certificates.mjs';
import { Exporting, lines } from './lib/exporting.mjs';
import { ForwardProxy } from './lib/proxy.mjs';

const PASSWORD = 's3cret@proxy',
    CREDENTIALS = `ann:${encodeURIComponent(PASSWORD)}`;
const made = new Certificates();
const proxies = {};
let plain, secure;
const lineModule = { module: 'export-lines-cpp' };
before(async () => {
    for (const name of ['plain', 'password', 'ignored'])
        proxies[name] = await ForwardProxy.start(name === 'plain' || name === 'ignored' ? {} : { credentials: `ann:${PASSWORD}` });
    plain = await Exporting.start({
        modules: [example('export_lines_cpp')],
        plugins: {
            plain: { ...lineModule, hub: { proxy: proxies.plain.url() } },
            password: { ...lineModule, hub: { proxy: proxies.password.url(CREDENTIALS) } },
            none: { ...lineModule, hub: { proxy: 'none' }, env: { http_proxy: proxies.ignored.url(), https_proxy: proxies.ignored.url() } },
        },
    });
    const caFile = made.authority('right');
    secure = await Exporting.start({
        modules: [example('export_lines_cpp')],
        caFile,
        hub: { tls: made.issue('hub', 'right', 'IP:127.0.0.1') },
        plugins: { secure: { ...lineModule, hub: { proxy: proxies.password.url(CREDENTIALS) } } },
    });
});
after(async () => {
    await plain?.close();
    await secure?.close();
    for (const proxy of Object.values(proxies)) await proxy.close();
    made.remove();
});

test('an export goes through the proxy, from the request to the upload', async () => {
    assert.equal(plain.result(await plain.run('plain', plain.project({ assets: 300 }))).records.length, 300);
    const { asked } = proxies.plain;
    for (const step of [/^http:.*\/v2\/export\?/, /^http:.*\/files\/.*export/, /\/v2\/getUploadUrl\?/, /\/v2\/getSignedUrl\?/])
        assert.equal(asked.filter(({ method, target }) => method === 'GET' && step.test(target)).length, 1, String(step));
    assert.equal(asked.filter(({ method, target }) => method === 'PUT' && target.startsWith('http:')).length, 1);
});

test('it does so with a password', async () => {
    plain.result(await plain.run('password', plain.project()));
    assert.ok(proxies.password.asked.some(({ target }) => target.includes('/v2/export?')));
    assert.ok(!plain.angod.logText.includes(PASSWORD) && !plain.angod.logText.includes(CREDENTIALS));
});

test('"none" is none, whatever the plugin\'s environment says', async () => {
    plain.result(await plain.run('none', plain.project()));
    assert.deepEqual(proxies.ignored.asked, []);
});

test('with TLS it goes through tunnels', async () => {
    const before = proxies.password.tunnels.length;
    secure.result(await secure.run('secure', secure.project({ assets: 300 })));
    assert.ok(proxies.password.tunnels.length > before);
    assert.ok(proxies.password.asked.every(({ target }) => !target.startsWith('https:')));
});

const forbids = (socket) => socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
const cannot = (socket) => socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n');
const garbage = (socket) => socket.end('SSH-2.0-x\r\n');

describe('the user of Hub reads in one sentence that the proxy', { concurrency: false }, () => {
    const fails = async (system, name, proxy, sentence) => {
        const record = await system.run(name, system.project());
        system.failed(record, sentence);
        const said = JSON.stringify(record.logs);
        assert.ok(said.includes(proxy.authority), said);
        assert.ok(!said.includes(PASSWORD) && !said.includes('ann'), said);
        return record;
    };
    const during = async (proxy, change, action) => {
        const kept = { refuse: proxy.refuse, credentials: proxy.credentials };
        Object.assign(proxy, change);
        try {
            return await action();
        } finally {
            Object.assign(proxy, kept);
        }
    };
    it('does not take its password, to a plain Hub', () =>
        during(proxies.password, { credentials: 'other:one' }, () =>
            fails(plain, 'password', proxies.password, /does not accept the user name and password of its URL \(HTTP 407\)/),
        ));
    it('wants a password, to a plain Hub', () =>
        during(proxies.plain, { credentials: 'other:one' }, () =>
            fails(plain, 'plain', proxies.plain, /wants a user name and a password \(HTTP 407\)/),
        ));
    it('does not take its password, to a Hub with TLS', () =>
        during(proxies.password, { credentials: 'other:one' }, () =>
            fails(secure, 'secure', proxies.password, /does not accept the user name and password of its URL \(HTTP 407\)/),
        ));
    it('does not allow it', () =>
        during(proxies.password, { refuse: forbids }, () =>
            fails(secure, 'secure', proxies.password, /does not allow connections to there \(HTTP 403\)/),
        ));

    for (const [what, refuse, warning] of [
        ['cannot reach Hub', cannot, /could not reach it \(HTTP 502\)/],
        ['is none', garbage, /through the proxy/],
        ['says nothing', () => {}, /through the proxy/],
    ])
        it(`${what}, until it works again`, async () => {
            const session = await during(proxies.password, { refuse }, async () => {
                const begun = secure.begin('secure', secure.project());
                await secure.hub.waitFor(() => lines(secure.hub.session(begun), 'WARNING').length > 0, 40000, 'the warning');
                return begun;
            });
            const record = await secure.ended(session);
            secure.result(record);
            assert.match(lines(record, 'WARNING')[0], warning);
            assert.ok(lines(record, 'WARNING')[0].includes(proxies.password.authority));
        });
});
