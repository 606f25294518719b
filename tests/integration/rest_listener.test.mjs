// The listener through which Hub calls plugins, and callers that are wrong, slow, rude or too many.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { fixture, until } from './lib/angod.mjs';
import { freePort } from './lib/ports.mjs';
import { System } from './lib/system.mjs';

const wrongSecret = /^refused \d+ calls? to the connector without the secret of a plugin$/;
let system, hub, port;
before(async () => {
    port = await freePort();
    system = await System.start(
        {
            plugins: {
                one: { connector: 'rest', concurrency: 8 },
                two: { connector: 'rest' },
                missing: { connector: 'rest', module: 'not-there' },
                broken: { connector: 'rest', module: 'not-there' },
            },
            config: { connector: { listen: `127.0.0.1:${port}` } },
            allow: [
                wrongSecret,
                /^not connected: no module "not-there"/,
                /^the run failed: The plugin is not available on its server at the moment\./,
            ],
        },
        false,
    );
    hub = system.hub;
    await until(async () => (await call('one', 'GET', '/heartbeat')).status === 200, 'the plugin to be ready');
    await until(async () => (await call('two', 'GET', '/heartbeat')).status === 200, 'the plugin to be ready');
});
after(() => system.close());

/** An event of a session that the Hub knows, without a call by the Hub. */
function event(name, steps = {}) {
    const session = `session-${Math.random().toString(36).slice(2)}`;
    const made = {
        session,
        projectId: 'p',
        orgId: 'o',
        runBy: 'user-1',
        apiKey: hub.apiKeyOf('user-1'),
        diary: system.diaryFile,
        ...steps,
    };
    hub.sessions.open({ session, pluginId: system.id(name), projectId: 'p', event: made });
    return made;
}

function call(name, method, path, body, headers = {}) {
    return new Promise((resolve, reject) => {
        const secret = name ? { Secret: system.plugins[name].secret } : {};
        const request = http.request(
            { port, host: '127.0.0.1', method, path, agent: false, headers: { ...secret, ...headers } },
            async (response) => {
                const text = Buffer.concat(await response.toArray()).toString();
                resolve({ status: response.statusCode, headers: response.headers, text });
            },
        );
        request.on('error', reject);
        request.end(body);
    });
}
const post = (name, made, headers) => call(name, 'POST', '/plugin', JSON.stringify(made), headers);

/** A connection that sends exactly the given bytes; `text` is everything that was received. */
function raw() {
    const socket = net.connect(port, '127.0.0.1');
    const peer = {
        socket,
        text: '',
        closed: new Promise((resolve) => {
            socket.on('close', resolve);
        }),
    };
    socket.on('data', (bytes) => {
        peer.text += bytes;
    });
    socket.on('error', () => {});
    return peer;
}
const head = (name, length, more = '') =>
    `POST /plugin HTTP/1.1\r\nHost: a\r\nSecret: ${system.plugins[name].secret}\r\nContent-Length: ${length}\r\n${more}\r\n`;
const message = (name, made, more) => head(name, Buffer.byteLength(JSON.stringify(made)), more) + JSON.stringify(made);
const responses = (peer) => peer.text.split('HTTP/1.').length - 1;

test("without a plugin's secret every path is answered with 401 and an empty body", async () => {
    for (const [name, method, path, headers] of [
        [null, 'GET', '/heartbeat', {}],
        [null, 'POST', '/plugin', {}],
        [null, 'GET', '/nothing', {}],
        [null, 'GET', '/heartbeat', { Secret: '' }],
        [null, 'GET', '/heartbeat', { Secret: `${system.plugins.one.secret}x` }],
        [null, 'GET', '/heartbeat', { Secret: [system.plugins.one.secret, system.plugins.one.secret] }],
        [null, 'GET', '/heartbeat', { 'X-Forwarded-For': '127.0.0.1', Authorization: system.plugins.one.secret }],
    ]) {
        const { status, text } = await call(name, method, path, method === 'POST' ? '{}' : undefined, headers);
        assert.deepEqual([status, text], [401, ''], `${method} ${path} ${Object.keys(headers)}`);
    }
    await until(() => system.angod.log.some(({ msg }) => wrongSecret.test(msg)), 'the operator to be told');
});

test('unknown paths and requests that cannot be parsed', async () => {
    assert.equal((await call('one', 'GET', '/nothing')).status, 404);
    assert.equal((await call('one', 'GET', '/plugin')).status, 405);
    assert.equal((await call('one', 'POST', '/heartbeat', '')).status, 405);
    assert.equal((await post('one', event('one'), { 'Content-Encoding': 'gzip' })).status, 415);
    system.angod.expect(/^a run of Hub was refused: /);
    for (const text of ['', 'nonsense', '[]', '{}', '{"session":null}', '{"session":"x"', '\xff'])
        assert.equal((await call('one', 'POST', '/plugin', text)).status, 400, text);
});

test('each secret is of one plugin', async () => {
    const made = [event('one'), event('two')];
    const answers = [await post('one', made[0]), await post('two', made[1])];
    assert.deepEqual(
        answers.map(({ text }) => JSON.parse(text)),
        made.map(({ session }) => ({ response: 'attempt 1', session })),
    );
    const jobs = await system.angod.jobs();
    assert.deepEqual(
        made.map(({ session }) => jobs.find((job) => job.session.includes(session)).plugin),
        ['one', 'two'],
    );
});

test('the heartbeat of a plugin without its module is not answered with ok, and its runs fail in Hub', async () => {
    assert.deepEqual((await call('one', 'GET', '/heartbeat')).text, '"ok"');
    assert.equal((await call('missing', 'GET', '/heartbeat')).status, 503);
    assert.equal((await system.angod.plugin('missing')).state, 'no-module');
    const made = event('missing');
    const { status, text } = await post('missing', made);
    assert.deepEqual([status, JSON.parse(text)], [500, { error: true, session: made.session }]);
    await hub.waitFor(() => hub.session(made.session).logs.length > 0, 10_000, 'the line for the user');
    assert.match(hub.session(made.session).logs[0].msg, /not available/);
});

test('bodies in pieces, in chunks, and after 100 Continue', async () => {
    const pieces = raw(),
        made = event('one');
    for (const byte of message('one', made, 'Connection: close\r\n')) pieces.socket.write(byte);
    await pieces.closed;
    assert.match(pieces.text, /^HTTP\/1\.1 200 .*"attempt 1"/s);
    const chunked = event('one');
    assert.equal((await call('one', 'POST', '/plugin', JSON.stringify(chunked), { 'Transfer-Encoding': 'chunked' })).status, 200);
    const careful = raw(),
        third = event('one');
    careful.socket.write(head('one', Buffer.byteLength(JSON.stringify(third)), 'Expect: 100-continue\r\nConnection: close\r\n'));
    await until(() => careful.text.startsWith('HTTP/1.1 100 Continue\r\n\r\n'), '100 Continue');
    careful.socket.write(JSON.stringify(third));
    await careful.closed;
    assert.match(careful.text, /HTTP\/1\.1 200 .*"attempt 1"/s);
});

test('one connection carries many calls; HTTP/1.0 and Connection: close end it; pipelined calls are answered in order', async () => {
    const peer = raw(),
        made = [event('one', { gate: system.gate() }), event('one'), event('one')];
    peer.socket.write(made.map((one) => message('one', one)).join(''));
    await system.running(made[0].session);
    system.open(made[0].gate);
    await until(() => responses(peer) === 3, 'three responses');
    assert.deepEqual(
        [...peer.text.matchAll(/"session":"([^"]+)"/g)].map((found) => found[1]),
        made.map((one) => one.session),
    );
    peer.socket.write(message('one', event('one'), 'Connection: close\r\n'));
    await peer.closed;
    assert.equal(responses(peer), 4);
    const old = raw();
    old.socket.write(message('one', event('one')).replace('HTTP/1.1', 'HTTP/1.0'));
    await old.closed;
    assert.match(old.text, /^HTTP\/1\.0 200 /);
});

test('a caller that leaves before its answer gets none; the answer is sent by pluginResponse, once', async () => {
    for (const go of [(socket) => socket.end(), (socket) => socket.destroy(), (socket) => socket.resetAndDestroy()]) {
        const peer = raw(),
            gate = system.gate(),
            made = event('one', { gate });
        peer.socket.write(message('one', made));
        await system.running(made.session);
        go(peer.socket);
        await peer.closed;
        system.open(gate);
        const { answers } = await system.settled(made.session);
        assert.deepEqual(
            answers.map(({ via, message: answer }) => [via, answer.response]),
            [['rest', 'attempt 1']],
        );
        assert.ok(!peer.text.includes('attempt'));
    }
});

test('a body that is too long is refused before it is read, and with it the length that is none', async () => {
    const long = raw();
    long.socket.write(head('one', 65 * 2 ** 20));
    await long.closed;
    assert.match(long.text, /^HTTP\/1\.1 413 /);
    const unknown = raw();
    unknown.socket.write(`POST /plugin HTTP/1.1\r\nSecret: ${system.plugins.two.secret}x\r\nContent-Length: ${65 * 2 ** 20}\r\n\r\n`);
    await unknown.closed;
    assert.match(unknown.text, /^HTTP\/1\.1 401 /);
    for (const lines of [
        'Content-Length: 5x',
        'Content-Length: 5\r\nTransfer-Encoding: chunked',
        'Content-Length: 5\r\nContent-Length: 6',
        `X: ${'x'.repeat(20000)}`,
        'no header',
    ]) {
        const peer = raw();
        peer.socket.write(`POST /plugin HTTP/1.1\r\nSecret: ${system.plugins.one.secret}\r\n${lines}\r\n\r\n`);
        await peer.closed;
        assert.match(peer.text, /^HTTP\/1\.1 (400|431) /, lines.slice(0, 60));
    }
    const chunks = raw();
    chunks.socket.write(
        `POST /plugin HTTP/1.1\r\nSecret: ${system.plugins.one.secret}\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n`,
    );
    await chunks.closed;
    assert.match(chunks.text, /^HTTP\/1\.1 413 /);
});

test('an event of 20 MB is taken', async () => {
    const made = event('one', { pad: 'x'.repeat(20 << 20) });
    assert.equal((await post('one', made)).status, 200);
});

test('a caller that sends the head of a request slowly is cut off; others are not delayed', async () => {
    const slow = raw(),
        silent = raw();
    slow.socket.write('POST /plugin HTTP/1.1\r\n');
    const drip = setInterval(() => slow.socket.write('X: y\r\n'), 200);
    assert.equal((await post('one', event('one'))).status, 200);
    await slow.closed;
    clearInterval(drip);
    assert.match(slow.text, /^HTTP\/1\.1 408 /);
    silent.socket.destroy();
});

test('callers beyond the limit are refused, and idle connections make room', async () => {
    const waiting = Array.from({ length: 1024 }, raw);
    await Promise.all(waiting.map((peer) => once(peer.socket, 'connect')));
    const heartbeat = async () => (await call('one', 'GET', '/heartbeat').catch(() => null))?.status;
    await until(async () => (await heartbeat()) === 200, 'room');
    const gate = system.gate(),
        made = event('one', { gate });
    for (const peer of waiting) peer.socket.destroy();
    const busy = [];
    await until(async () => {
        const more = Array.from({ length: 64 }, raw);
        for (const peer of more) peer.socket.write(message('one', made));
        busy.push(...more);
        return (await heartbeat()) === 503;
    }, 'the limit');
    system.open(gate);
    await until(() => busy.every((peer) => responses(peer) > 0 || peer.socket.closed), 'the responses');
    for (const peer of busy) peer.socket.destroy();
    assert.ok(busy.filter((peer) => peer.text.includes('"attempt 1"')).length > 900);
});

test('a new module makes its plugin ready: the heartbeat is ok, and a waiting run is done', async () => {
    assert.equal((await call('one', 'GET', '/heartbeat')).status, 200);
    await system.angod.stop();
    system.angod.config.plugins.find((plugin) => plugin.name === 'broken').module = 'witness';
    system.angod.install(fixture('witness'));
    await system.angod.start();
    const made = event('broken');
    assert.equal(JSON.parse((await post('broken', made)).text).response, 'attempt 1');
    assert.equal((await call('broken', 'GET', '/heartbeat')).status, 200);
});

test('the port of a serverless host comes from the environment', async () => {
    await system.angod.stop();
    const other = await freePort();
    system.angod.config.connector = {};
    await system.angod.start({ PORT: String(other) });
    const before = port;
    port = other;
    await until(async () => (await call('one', 'GET', '/heartbeat')).status === 200, 'the heartbeat there');
    port = before;
    await assert.rejects(call('one', 'GET', '/heartbeat'), /ECONNREFUSED/);
});
