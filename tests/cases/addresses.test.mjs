// Addresses as people copy them: of Hub and its API in the configuration, of hosts in no_proxy, of redirects of the API.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { module_, program, run } from '../integration/lib/angod.mjs';
import { Exporting, lines } from '../integration/lib/exporting.mjs';
import * as expected from '../integration/lib/lines.mjs';
import { ForwardProxy } from '../integration/lib/proxy.mjs';
import { dir } from './lib/running.mjs';
import { closeServers, closeStores, explore, listing, startStores, store } from './lib/stores.mjs';

const SECRET = 'q7-of-these-cases';

let files = 0;
/** Checks a configuration with this address under a key of hub. */
async function checked(key, url) {
    const file = path.join(dir, `config-${(files += 1)}.json`);
    const hub = { url: 'https://hub.example', api_url: 'https://api.example', [key]: url };
    const plugins = [{ name: 'coco', id: '1', secret: SECRET, module: 'export-coco' }];
    fs.writeFileSync(file, JSON.stringify({ hub, state_dir: path.join(dir, 'state'), plugins }), { mode: 0o600 });
    const { stderr } = await run(program('angod'), ['--config', file, '--check-config'], true);
    assert.ok(!stderr.includes(SECRET), stderr);
    return { isRefused: /^error: /m.test(stderr), said: stderr }; // a problem of a start is not meant: there is no module
}

const TAKEN = {
    'the host alone': 'https://hub.example',
    'a slash behind': 'https://hub.example/',
    'the version of the API': 'https://hub.example/v2',
    'the version and a slash': 'https://hub.example/v2/',
    'capital letters': 'HTTPS://Hub.Example/v2',
    'a port': 'https://hub.example:8443/v2',
    'the usual port': 'https://hub.example:443',
    IPv6: 'https://[2001:db8::7]:8443/v2',
    'an address of this machine': 'http://127.0.0.1:3000/v2/',
    'another address of this machine': 'http://127.8.9.10:3000',
    'IPv6 of this machine': 'http://[::1]:3000',
    'the name of this machine': 'http://localhost:3000',
    'an encoded name of another alphabet': 'https://xn--huser-gra.example',
};
const REFUSED = {
    'the namespace of plugins': ['https://hub.example/plugin', /path|\/plugin/],
    'the path of Socket.IO': ['https://hub.example/socket.io/', /path|\/socket\.io/],
    'a prefix': ['https://hub.example/hub', /path|\/hub/],
    'the version twice': ['https://hub.example/v2/v2', /path|\/v2/],
    'an endpoint': ['https://hub.example/v2/export?project=1', /path|quer|\/export/],
    'a query': ['https://hub.example?key=abc', /quer|path|\?/],
    'a fragment': ['https://hub.example/#/projects', /fragment|path|#/],
    'no scheme': ['hub.example', /https:/],
    'no scheme, but a port': ['hub.example:8443', /https:/],
    'a scheme of files': ['ftp://hub.example', /https/],
    'one slash': ['https:/hub.example', /host|https:/],
    'no host': ['https://', /host/],
    'a port of 0': ['https://hub.example:0', /port/],
    'a port that is too high': ['https://hub.example:65536', /port/],
    'a port that is no number': ['https://hub.example:https', /port/],
    'an unencrypted address': ['http://hub.example', /insecure|https/],
    'a name that begins like this machine': ['http://localhost.example.test', /insecure|https/],
    'a name that begins like an address of this machine': ['http://127.0.0.1.example.test', /insecure|https/],
    'a name of another alphabet': ['https://häuser.example', /ASCII|characters|host/],
    'a blank in the name': ['https://hub example', /blank|character|host/],
    'a backslash': ['https:\\\\hub.example', /https:|character/],
    'IPv6 without brackets': ['https://2001:db8::7', /bracket|port|host/],
    'a host with an underscore and a quote': ['https://hub".example', /character|host/],
    nothing: ['', null],
};

for (const key of ['url', 'api_url'])
    describe(`hub.${key} may be copied from a document:`, { concurrency: 2 }, () => {
        for (const [what, url] of Object.entries(TAKEN))
            it(`${what} is taken`, async () => {
                const { isRefused, said } = await checked(key, url);
                assert.ok(!isRefused, said);
            });
        for (const [what, [url, pattern]] of Object.entries(REFUSED))
            if (pattern)
                it(`${what} is refused with the reason`, async () => {
                    const { isRefused, said } = await checked(key, url);
                    assert.ok(isRefused, said);
                    assert.match(said, new RegExp(`hub\\.${key}: `));
                    assert.match(said.slice(said.indexOf(`hub.${key}: `)), pattern);
                });
        for (const [what, url] of Object.entries({
            'a blank in front': ' https://hub.example',
            'a blank behind': 'https://hub.example ',
            'a line end behind': 'https://hub.example\n',
            'a no-break space behind': 'https://hub.example\u00a0',
            'a zero-width space in front': '\u200bhttps://hub.example',
        }))
            it(`${what} does not count, or is refused`, async () => {
                const { isRefused, said } = await checked(key, url);
                if (isRefused) assert.match(said, new RegExp(`hub\\.${key}: `));
            });
        it('a password is refused or taken, and shown nowhere', async () => {
            const { said } = await checked(key, 'https://ann:pa55-of-ann@hub.example');
            assert.doesNotMatch(said, /pa55-of-ann/);
        });
    });

describe('an export goes on, or ends with the reason, when the API', { concurrency: 4 }, () => {
    let system;
    before(async () => {
        system = await Exporting.start({
            modules: [module_('export_coco')],
            plugins: { coco: { module: 'export-coco', timeout_s: 60 } },
            prepare: ({ config }) => {
                config.hub.api_url += '/v2/'; // as Hub's own documents write it
            },
        });
    });
    after(async () => {
        await system?.close();
        closeServers();
    });

    it('is named with its version', async () => system.result(await system.run('coco', system.project())));

    for (const status of [301, 302, 307, 308])
        it(`has moved to another host (${status}), which is named and does not get the key`, async () => {
            const moved = await store(() => ({
                status: 401,
                headers: { 'Content-Type': 'application/json' },
                body: '{"status":"fail","message":"No key."}',
            }));
            const of = system.project();
            for (const step of ['ask', 'askOlder'])
                system.fault(of, step, { times: 0, status, headers: { Location: `${moved.url}/v2/export` }, body: '' });
            const record = await system.run('coco', of);
            assert.equal(record.state, 'failed');
            const said = lines(record, 'ERROR').join('\n');
            system.angod.expect(expected.failed(said));
            assert.match(said, new RegExp(`127\\.0\\.0\\.1:${moved.port}`));
            assert.ok(!JSON.stringify(moved.asked.map(({ headers }) => headers)).includes(record.event.apiKey));
        });

    const HTML = { 'Content-Type': 'text/html' };
    const page = (title) => `<!DOCTYPE html><html><head><title>${title}</title></head><body>${title}</body></html>`;
    for (const [what, fault, ...patterns] of [
        ['sends to a login', { status: 302, headers: { Location: '/login' }, body: '' }, /40[14]|302|login|redirect/],
        ['is a page to sign in', { status: 200, headers: HTML, body: page('Sign in') }, /HTML|page|not JSON|Hub/],
        ['is not there', { status: 404, headers: HTML, body: page('Not Found') }, /404/],
        ['is blocked by Cloudflare', { status: 403, headers: HTML, body: page('Attention Required! | Cloudflare') }, /403/],
        ['knows the key no more', { status: 401, body: { status: 'fail', message: 'Invalid API key.' } }, /Invalid API key|API key/],
        [
            'refuses in its own words',
            { status: 400, body: { status: 'fail', message: 'The project is archived.' } },
            /The project is archived\./,
        ],
        [
            'refuses with status 200',
            { status: 200, body: { status: 'fail', message: 'The project is archived.' } },
            /The project is archived\./,
        ],
        ['says nothing', { status: 200, body: '' }, /Hub/],
        ['gives no address', { status: 200, body: { status: 'success', data: {} } }, /Hub/],
        ['gives null as address', { status: 200, body: { status: 'success', data: { exportPath: null } } }, /Hub/],
        [
            'gives an address of another kind',
            { status: 200, body: { status: 'success', data: { exportPath: 'file:///etc/passwd' } } },
            /address|URL|file/,
        ],
        [
            'ends its JSON too early',
            { status: 200, headers: { 'Content-Type': 'application/json' }, body: '{"status":"success","data":{"exportPa' },
            /JSON|Hub/,
        ],
        ['answers with the codes of a terminal', { status: 400, body: { status: 'fail', message: '\u001b[31mred\u009b1m\u202e' } }, /red/],
    ])
        it(what, async () => {
            const of = system.project();
            system.fault(of, 'ask', { times: 0, ...fault });
            system.fault(of, 'askOlder', { times: 0, ...fault });
            const record = await system.run('coco', of);
            assert.equal(record.state, 'failed');
            const [said, ...more] = lines(record, 'ERROR');
            assert.deepEqual(more, []);
            system.angod.expect(expected.failed(said));
            for (const pattern of patterns) assert.match(said, pattern);
            assert.doesNotMatch(said, /[\p{Cc}\u202a-\u202e]/u);
        });
});

describe('no_proxy names hosts that are reached without the proxy:', { concurrency: 2 }, () => {
    let proxy;
    before(async () => {
        await startStores();
        proxy = await ForwardProxy.start();
    });
    after(async () => {
        await closeStores();
        await proxy?.close();
    });

    // [no_proxy, whether 127.0.0.2 is reached directly]; angoctl run itself adds 127.0.0.1, where the local Hub is
    const HOST = '127.0.0.2';
    const answers = () => ({ body: listing({ keys: ['a.jpg'] }) });
    for (const [list, isDirect] of [
        ['', false],
        [HOST, true],
        [` ${HOST} `, true],
        [`example.test,${HOST}`, true],
        [`example.test , ${HOST},`, true],
        ['127.0.0.0/8', true],
        [`${HOST}/32`, true],
        ['127.0.0.0/30', true],
        ['127.0.0.4/30', false],
        ['10.0.0.0/8,192.168.0.0/16', false],
        ['127.0.0.0/33', false],
        ['127.0.0', false],
        ['.0.0.2', false],
        ['0.0.2', false],
        ['*', true],
        ['::1,[::1]', false],
        ['localhost', false],
        [`${HOST}0`, false],
    ])
        it(`"${list}" ${isDirect ? 'holds' : 'does not hold'} for ${HOST}`, async () => {
            const s3 = await store(answers, HOST);
            const made = await explore({ endpoint: s3.url, path_style: true }, { env: { http_proxy: proxy.url(), no_proxy: list } });
            assert.deepEqual(made.answer?.files, ['a.jpg'], made.said.join('\n'));
            const through = proxy.asked.filter(({ target }) => target.includes(`:${s3.port}/`));
            assert.equal(through.length === 0, isDirect, JSON.stringify(through));
            assert.equal(s3.asked.length, 1);
        });
    it('a port in it means this port alone', async () => {
        const [one, other] = [await store(answers, HOST), await store(answers, HOST)];
        const env = { http_proxy: proxy.url(), no_proxy: `${HOST}:${one.port}` };
        for (const { url } of [one, other]) await explore({ endpoint: url, path_style: true }, { env });
        const through = ({ port }) => proxy.asked.some(({ target }) => target.includes(`:${port}/`));
        assert.deepEqual([through(one), through(other)], [false, true]);
    });
    it('capital letters of the variable count as well', async () => {
        const s3 = await store(answers, HOST);
        await explore({ endpoint: s3.url, path_style: true }, { env: { http_proxy: proxy.url(), NO_PROXY: HOST } });
        assert.ok(!proxy.asked.some(({ target }) => target.includes(`:${s3.port}/`)));
        assert.equal(s3.asked.length, 1);
    });
});
