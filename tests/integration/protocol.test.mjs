import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { example, fixture, until } from './lib/angod.mjs';
import { Certificates } from './lib/certificates.mjs';
import { failed } from './lib/lines.mjs';
import { RawServer, accepted, handshake } from './lib/raw_server.mjs';
import { System } from './lib/system.mjs';

const names = ['plain', 'acks', 'binary', 'odd', 'fragments', 'limit', 'large', 'stop', 'secure-stop'];
const made = new Certificates();
let system;
const servers = {},
    peers = {};
before(async () => {
    const plugins = { hub: { module: 'echo' } };
    const pair = made.selfSigned('here', 'IP:127.0.0.1');
    for (const name of names) {
        servers[name] = await RawServer.start(
            async (peer) => {
                peers[name] = peer;
                peer.send(handshake(name === 'limit' ? { maxPayload: 500 } : {}));
                await peer.frame((frame) => frame === '40/plugin,');
                peer.send(accepted);
            },
            undefined,
            name === 'secure-stop' ? pair : undefined,
        );
        plugins[name] = { module: name === 'limit' ? 'witness' : 'echo', hub: { url: servers[name].url, ca_file: made.file('here.pem') } };
    }
    system = await System.start(
        {
            hub: { socketOptions: { maxHttpBufferSize: 100e6 } },
            plugins,
            modules: [example('echo'), fixture('witness')],
            config: { drain_s: 1 },
        },
        false,
    );
    for (const name of names) await until(() => peers[name]?.frames.length >= 2, `the first heartbeat of ${name}`);
    await system.hub.waitForLight(system.id('hub'), 'green');
});
after(async () => {
    await system.close();
    for (const server of Object.values(servers)) await server.close();
    made.remove();
});

const response = (peer, session) =>
    peer.frame(
        (frame) =>
            typeof frame === 'string' &&
            frame.startsWith('42/plugin,["response",') &&
            frame.includes(`"session":${JSON.stringify(session)}}]`),
    );
const echoOf = async (peer, session) => JSON.parse((await response(peer, session)).slice('42/plugin,'.length))[1].response.echo;

test('it asks for a WebSocket at once, joins /plugin without a payload, and sends a heartbeat with id and secret', () => {
    const { request, frames } = peers.plain;
    assert.equal(request.url, '/socket.io/?EIO=4&transport=websocket');
    assert.equal(request.headers['sec-websocket-version'], '13');
    const { id, secret } = system.hub.plugins.get(system.id('plain'));
    assert.deepEqual(frames.slice(0, 2), ['40/plugin,', `42/plugin,["heartbeat",${JSON.stringify({ id, secret })}]`]);
});

test("the server's pings are answered", async () => {
    const from = peers.plain.frames.length;
    peers.plain.send('2', '2');
    await until(() => peers.plain.frames.slice(from).filter((frame) => frame === '3').length === 2, 'two pongs');
});

test('an event without an ack id is answered and not acknowledged, one with an id is acknowledged once', async () => {
    peers.acks.send(
        '42/plugin,["plugin",{"session":"without"}]',
        '42/plugin,7["plugin",{"session":"with"}]',
        '42/plugin,0["plugin",{"session":"zero"}]',
    );
    for (const session of ['without', 'with', 'zero']) await response(peers.acks, session);
    await peers.acks.frame((frame) => frame === '43/plugin,0[]');
    assert.deepEqual(peers.acks.frames.filter((frame) => frame.startsWith('43')).sort(), ['43/plugin,0[]', '43/plugin,7[]']);
});

test('the attachments of a binary event arrive as base64 text where they belong', async () => {
    const { binary } = peers;
    binary.send(
        '452-/plugin,9["plugin",{"session":"two","op":"blob","data":{"_placeholder":true,"num":1},"deep":[{"a":{"_placeholder":true,"num":0}}]}]',
        Buffer.from([1, 2, 3]),
        Buffer.from('zz'),
    );
    assert.deepEqual(await echoOf(binary, 'two'), { session: 'two', op: 'blob', data: 'eno=', deep: [{ a: 'AQID' }] });
    await binary.frame((frame) => frame === '43/plugin,9[]');
    binary.send('450-/plugin,["plugin",{"session":"none"}]');
    assert.deepEqual(await echoOf(binary, 'none'), { session: 'none' });
    binary.send('451-/plugin,["plugin",{"session":"pinged","d":{"_placeholder":true,"num":0}}]', '2', Buffer.alloc(0));
    assert.deepEqual(await echoOf(binary, 'pinged'), { session: 'pinged', d: '' });
});

test('unknown events, other namespaces, acks and noops are ignored, with a line of level debug for an unknown event', async () => {
    const { odd } = peers;
    odd.send(
        '42/plugin,["greeting",{"apiKey":"not-for-the-log"}]',
        '42/plugin,3["farewell"]',
        '42["plugin",{"session":"root"}]',
        '42/other,["plugin",{"session":"other"}]',
        '43/plugin,5[{"ok":true}]',
        '6',
        '40/plugin,{"sid":"again"}',
        '44/other,{"message":"not yours"}',
        '41/other,',
        '42/plugin,["plugin",{"session":"real"}]',
    );
    await response(odd, 'real');
    await odd.frame((frame) => frame === '43/plugin,3[]');
    assert.equal(odd.frames.filter((frame) => frame.startsWith('42/plugin,["response"')).length, 1);
    assert.equal(odd.frames.filter((frame) => frame.startsWith('42/plugin,["heartbeat"')).length, 1);
    const lines = system.angod.log.filter((line) => line.plugin === 'odd' && /greeting|farewell/.test(line.msg));
    assert.deepEqual(
        lines.map((line) => line.level),
        ['debug', 'debug'],
    );
    assert.ok(!system.angod.logText.includes('not-for-the-log'));
    assert.equal((await system.angod.plugin('odd')).connects, 1);
});

test('an event that is nested beyond reason is ignored with a warning and acknowledged; the link stays', async () => {
    system.angod.expect(/^ignored an event of Hub: the server sent an event that cannot be read: nested deeper than 1024 levels/);
    const { odd } = peers;
    odd.send(
        `42/plugin,4["plugin",{"session":"deep","a":${'['.repeat(100_000)}${']'.repeat(100_000)}}]`,
        '42/plugin,["plugin",{"session":"after deep"}]',
    );
    await odd.frame((frame) => frame === '43/plugin,4[]');
    await response(odd, 'after deep');
    assert.equal((await system.angod.plugin('odd')).connects, 1);
});

test('an event without a session is ignored with a warning and acknowledged', async () => {
    system.angod.expect(
        /^a run of Hub was refused: the event has no session, so nothing can be answered$/,
        /^a run of Hub was refused: the event cannot be read: not a JSON object$/,
    );
    const { odd } = peers;
    odd.send('42/plugin,11["plugin",{"orgId":"o"}]', '42/plugin,12["plugin"]', '42/plugin,13["plugin",null]', '42/plugin,14["plugin",[1]]');
    for (const id of [11, 12, 13, 14]) await odd.frame((frame) => frame === `43/plugin,${id}[]`);
});

test('a message in many WebSocket frames, with pings between them, is one event', async () => {
    const { fragments } = peers;
    const text = '42/plugin,["plugin",{"session":"pieces","umlaut":"\u00fc\u20ac"}]';
    const bytes = Buffer.from(text);
    for (let i = 0; i < bytes.length; ++i) {
        fragments.sendRaw([(i === 0 ? 1 : 0) | (i === bytes.length - 1 ? 0x80 : 0), 1, bytes[i]]);
        if (i % 10 === 0) fragments.socket.ping();
    }
    assert.deepEqual(await echoOf(fragments, 'pieces'), { session: 'pieces', umlaut: '\u00fc\u20ac' });
});

test('messages longer than the maxPayload of the handshake are never sent: neither answers nor log lines', async () => {
    system.angod.expect(failed("The plugin's answer is 640 bytes long, more than Hub takes (500 bytes)."));
    const { limit } = peers;
    limit.send('42/plugin,["plugin",{"session":"small","logPad":600,"size":10}]', '42/plugin,["plugin",{"session":"big","size":600}]');
    assert.match(await response(limit, 'small'), /attempt 1xxxxxxxxxx"/);
    assert.equal(await response(limit, 'big'), '42/plugin,["response",{"error":true,"session":"big"}]');
    assert.ok(limit.frames.every((frame) => frame.length <= 500));
    assert.match(limit.frames.filter((frame) => frame.startsWith('42/plugin,["log"')).at(-1), /more than Hub takes \(500 bytes\)/);
});

test('an event of 20 MB is taken, also when its plugin has been idle, and so is one with 20 MB of binary data', async () => {
    const { hub } = system;
    await hub.waitForSession(hub.run(system.id('hub')));
    for (const pad of ['p'.repeat(20e6), Buffer.alloc(20e6, 1)]) {
        const session = await hub.waitForSession(hub.run(system.id('hub'), { ack: true, extra: { pad } }), 30000);
        const { echo } = session.answers[0].message.response;
        assert.equal(echo.pad.length, typeof pad === 'string' ? 20e6 : Math.ceil(20e6 / 3) * 4);
    }
    assert.equal(hub.plugin(system.id('hub')).connectionsTotal, 1);
});

test('a message longer than 64 MB ends the connection, with the limit as the reason, and the next one works', async () => {
    const message = 'the server sent a message longer than the limit of 64 MB',
        binary = 'the server sent an event with more binary data than the limit of 64 MB';
    const attachment = Buffer.alloc(33 << 20),
        piece = Buffer.alloc(33 << 20, 'p');
    for (const [send, reason] of [
        [(peer) => peer.send('p'.repeat((64 << 20) + 1)), message],
        [(peer) => [false, true].forEach((fin) => peer.socket.send(piece, { fin, binary: false })), message],
        [
            (peer) =>
                peer.send(
                    '452-/plugin,["plugin",{"a":{"_placeholder":true,"num":0},"b":{"_placeholder":true,"num":1}}]',
                    attachment,
                    attachment,
                ),
            binary,
        ],
    ]) {
        const { large } = peers;
        const { connects } = await system.angod.plugin('large');
        system.angod.expect(new RegExp(`${reason}; trying again, next in \\d+ ms$`));
        send(large);
        await until(() => peers.large !== large && peers.large.frames.length >= 2, 'the next connection', 30000);
        assert.equal((await system.angod.plugin('large')).connects, connects + 1);
        peers.large.send('42/plugin,["plugin",{"session":"after it"}]');
        assert.deepEqual(await echoOf(peers.large, 'after it'), { session: 'after it' });
    }
});

test('when it stops, it takes leave of the namespace and closes the WebSocket, with TLS or without', async () => {
    const leaving = [peers.stop, peers['secure-stop']];
    const closed = leaving.map(
        ({ socket }) =>
            new Promise((resolve) => {
                socket.once('close', resolve);
            }),
    );
    await system.angod.stop();
    for (const code of await Promise.all(closed)) assert.notEqual(code, 1006, 'without a close frame');
    for (const { frames } of leaving) assert.equal(frames.at(-1), '41/plugin,');
});
