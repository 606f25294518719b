import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, beforeEach, test } from 'node:test';
import { WebSocket } from 'ws';
import { startHub } from '../hub.mjs';
import { connectPlugin } from '../sample_plugin.mjs';

let hub;
let clients;
const connect = (plugin, onRun, options) => {
    const client = connectPlugin(hub.url, plugin, onRun, options);
    clients.push(client);
    return client;
};
const start = async (options) => {
    hub = await startHub({ redAfterSeconds: 0.2, ...options });
};

beforeEach(() => {
    clients = [];
});
afterEach(async () => {
    clients.forEach((client) => client.close());
    await hub.close();
});

test('the light turns green with the heartbeat and red after the last', async () => {
    await start();
    const plugin = hub.createPlugin({ type: 'Export' });
    connect(plugin);
    await hub.waitForLight(plugin.id, 'green');
    assert.equal(hub.plugin(plugin.id).live, 1);
    await hub.waitForLight(plugin.id, 'red');
    assert.equal(hub.plugin(plugin.id).heartbeats, 1);
});

test('a run opens a session, and every answer and log line is kept', async () => {
    await start();
    const plugin = hub.createPlugin({ type: 'Export', defaultConfig: '{"a":1}' });
    let seen;
    connect(plugin, (event, { respond, log }) => {
        seen = event;
        log('INFO', 'half way');
        respond({ export: true, response: 'http://x' });
        respond({ export: true, response: 'http://x' });
    });
    await hub.waitForLight(plugin.id, 'green');
    const session = hub.run(plugin.id, { stage: ['Complete'], extra: { unknown: { deep: [1] } } });
    const record = await hub.waitForSession(session);
    assert.equal(record.state, 'answered');
    assert.equal(seen.configJSON, '{"a":1}');
    assert.deepEqual(seen.unknown, { deep: [1] });
    assert.equal('batches' in seen, false);
    await hub.waitFor(() => record.answers.length === 2, 2000, 'the second answer');
    assert.equal(record.logs[0].msg, 'half way');
    assert.equal(hub.strays.length, 0);
});

test('every type has its fields', async () => {
    await start();
    const fields = {
        Model: 'assetId',
        'Batch Model': 'categorySchema',
        'File Explorer': 'scrollToken',
        'Markdown Generator': 'inputFile',
        Input: 'fileExplorerOptions',
    };
    for (const [type, field] of Object.entries(fields)) {
        const plugin = hub.createPlugin({ type });
        connect(plugin, (event, { respond }) => respond({ response: field in event }));
        await hub.waitForLight(plugin.id, 'green');
        const { answers } = await hub.waitForSession(hub.run(plugin.id));
        assert.equal(answers[0].message.response, true, type);
    }
});

test('acks, buffers and raw events', async () => {
    await start();
    const plugin = hub.createPlugin({ type: 'Input' });
    connect(plugin, (event, { respond, ack }) => {
        ack?.('taken');
        respond({ response: Buffer.isBuffer(event.blob) ? event.blob.toString() : event.only });
    });
    await hub.waitForLight(plugin.id, 'green');
    const binary = await hub.waitForSession(hub.run(plugin.id, { ack: true, extra: { blob: Buffer.from('bytes') } }));
    assert.equal(binary.answers[0].message.response, 'bytes');
    assert.deepEqual(binary.acks[0].args, ['taken']);
    const raw = await hub.waitForSession(hub.run(plugin.id, { raw: { session: 'mine', only: 'this' } }));
    assert.equal(raw.answers[0].message.response, 'this');
    assert.equal(raw.session, 'mine');
});

test('a failed run, an answer to nobody, and an answer before the heartbeat', async () => {
    await start();
    const plugin = hub.createPlugin();
    const { socket } = connect(plugin, (_event, { respond }) => respond({ error: true }));
    await hub.waitForLight(plugin.id, 'green');
    const record = await hub.waitForSession(hub.run(plugin.id));
    assert.equal(record.state, 'failed');
    socket.emit('response', { response: 1, session: 'nobody' });
    await hub.waitFor(() => hub.strays.length === 1, 2000, 'a stray');
    assert.equal(hub.strays[0].reason, 'unknown session');
    const other = connect({ id: plugin.id, secret: 'wrong' });
    await once(other.socket, 'connect');
    other.socket.emit('response', { response: 1, session: record.session });
    await hub.waitFor(() => hub.strays.length === 2, 2000, 'a stray');
    assert.equal(record.answers.length, 1);
    assert.equal(hub.counters.badHeartbeats, 1);
});

test('without a connection a run is refused, or waits if asked to', async () => {
    await start();
    const plugin = hub.createPlugin();
    assert.throws(() => hub.run(plugin.id), { status: 409 });
    const session = hub.run(plugin.id, { queue: true });
    connect(plugin, (_event, { respond }) => respond({ response: 'late' }));
    assert.equal((await hub.waitForSession(session)).state, 'answered');
});

test('a wrong secret can cost the namespace or the connection', async () => {
    await start({ onBadSecret: 'disconnect' });
    const plugin = hub.createPlugin();
    const first = connect({ id: plugin.id, secret: 'wrong' });
    assert.equal((await once(first.socket, 'disconnect'))[0], 'io server disconnect');
    hub.set({ onBadSecret: 'close' });
    const second = connect({ id: 'unknown', secret: 'wrong' });
    await once(second.socket, 'disconnect');
    assert.equal(hub.plugin(plugin.id).light, 'red');
});

/** A plugin on a bare WebSocket, to see the raw frames, pongs and closes. */
async function bare(plugin) {
    const socket = new WebSocket(`${hub.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    const frames = [];
    socket.on('message', (data) => {
        frames.push(String(data));
        hub.watch.changed();
    });
    socket.on('error', () => {});
    clients.push({ close: () => socket.terminate() });
    await once(socket, 'open');
    socket.send('40/plugin,');
    // An event before the answer of the namespace would end the connection.
    await hub.waitFor(() => frames.some((frame) => frame.startsWith('40')), 2000, 'the namespace');
    socket.send(`42/plugin,["heartbeat",${JSON.stringify({ id: plugin.id, secret: plugin.secret })}]`);
    return { socket, frames };
}

test('link: disconnect, refuse and connect again on the same WebSocket', async () => {
    await start();
    const plugin = hub.createPlugin();
    const { socket, frames } = await bare(plugin);
    await hub.waitForLight(plugin.id, 'green');
    const link = hub.link(plugin.id);
    link.refuse('not today');
    assert.equal(link.disconnect(), 1);
    await hub.waitFor(() => frames.includes('41/plugin,'), 2000, '41');
    socket.send('40/plugin,');
    await hub.waitFor(() => frames.includes('44/plugin,{"message":"not today"}'), 2000, '44');
    link.lift();
    socket.send('40/plugin,');
    await hub.waitFor(() => frames.filter((frame) => frame.startsWith('40')).length === 2, 2000, '40 again');
});

test('link: drop, reset and close end the connection in their ways', async () => {
    await start();
    const plugin = hub.createPlugin();
    for (const [action, code] of [
        ['drop', 1006],
        ['reset', 1006],
        ['close', 1005],
    ]) {
        const { socket } = await bare(plugin);
        await hub.waitFor(() => hub.plugin(plugin.id).live === 1, 2000, 'a live connection');
        const closed = once(socket, 'close');
        hub.link(plugin.id)[action]();
        assert.equal((await closed)[0], code, action);
        await hub.waitFor(() => hub.plugin(plugin.id).live === 0, 2000, 'no live connection');
    }
    assert.equal(hub.plugin(plugin.id).connectionsTotal, 3);
});

test('link: silent keeps TCP open and says nothing; what timed out meanwhile ends with it', async () => {
    await start({ socketOptions: { pingInterval: 50, pingTimeout: 50 } });
    const plugin = hub.createPlugin();
    const { socket, frames } = await bare(plugin);
    await hub.waitForLight(plugin.id, 'green');
    hub.link(plugin.id).silent();
    const count = frames.length;
    // Server pings would come every 50 ms. The Hub's own time-out proves that this time has passed.
    await hub.waitFor(() => hub.plugin(plugin.id).live === 0, 2000, 'the time-out');
    assert.equal(socket.readyState, WebSocket.OPEN);
    assert.equal(frames.length, count);
    const closed = once(socket, 'close');
    hub.link(plugin.id).lift('silent');
    await closed;
});

test('link: noPong suppresses WebSocket pongs only; delay holds everything back', async () => {
    await start();
    const plugin = hub.createPlugin();
    const { socket, frames } = await bare(plugin);
    await hub.waitForLight(plugin.id, 'green');
    let pongs = 0;
    socket.on('pong', () => {
        pongs += 1;
    });
    hub.link(plugin.id).noPong();
    socket.ping();
    // An ack shows that the ping before it has been read.
    socket.send('42/plugin,1["heartbeat",{}]');
    await hub.waitFor(() => frames.includes('43/plugin,1[]'), 2000, 'the ack');
    assert.equal(pongs, 0);
    hub.link(plugin.id).lift();
    hub.link('all').delay(60);
    const before = performance.now();
    socket.ping();
    socket.send('42/plugin,2["heartbeat",{}]');
    await hub.waitFor(() => frames.includes('43/plugin,2[]'), 2000, 'the ack');
    assert.equal(pongs, 1);
    assert.ok(performance.now() - before >= 55);
});

test('link: acks can be kept back', async () => {
    await start();
    const plugin = hub.createPlugin();
    const { socket, frames } = await bare(plugin);
    await hub.waitForLight(plugin.id, 'green');
    hub.links.act(plugin.id, 'no-answer-ack');
    socket.send('42/plugin,1["heartbeat",{}]');
    await hub.waitFor(() => hub.counters.badHeartbeats === 1, 2000, 'the heartbeat');
    hub.link(plugin.id).lift();
    socket.send('42/plugin,2["heartbeat",{}]');
    await hub.waitFor(() => frames.includes('43/plugin,2[]'), 2000, 'the second ack');
    assert.equal(frames.includes('43/plugin,1[]'), false);
});

test('restart: all connections end, the port stays, sessions live on', async () => {
    await start();
    const plugin = hub.createPlugin();
    const { url } = hub;
    const client = connect(plugin);
    await hub.waitForLight(plugin.id, 'green');
    const session = hub.run(plugin.id);
    const gone = once(client.socket, 'disconnect');
    await hub.stop();
    await gone;
    await hub.start();
    assert.equal(hub.url, url);
    const again = connect(plugin);
    await hub.waitFor(() => hub.plugin(plugin.id).live === 1, 2000, 'the new connection');
    again.socket.emit('response', { response: 'after', session });
    assert.equal((await hub.waitForSession(session)).answers[0].message.response, 'after');
});

test('a frame over the limit is refused with 1009', async () => {
    await start();
    const { socket } = await bare(hub.createPlugin());
    const closed = once(socket, 'close');
    socket.send(`42/plugin,["log","${'x'.repeat(1_000_001)}"]`);
    assert.equal((await closed)[0], 1009);
});

test('faults hit the WebSocket upgrade too', async () => {
    await start();
    hub.addFault({ match: 'GET /socket.io/', status: 503 });
    const socket = new WebSocket(`${hub.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    const [error] = await once(socket, 'error');
    assert.match(error.message, /503/);
});
