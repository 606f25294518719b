import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { afterEach, beforeEach, test } from 'node:test';
import { startHub } from '../hub.mjs';

let hub, server, url, answer, seen;
beforeEach(async () => {
    hub = await startHub({ restHeartbeatSeconds: 0.05, redAfterSeconds: 0.3 });
    seen = [];
    server = http
        .createServer(async (request, response) => {
            const text = Buffer.concat(await request.toArray()).toString();
            seen.push({ method: request.method, path: request.url, secret: request.headers.secret, text });
            answer(request.url, text && JSON.parse(text), response);
        })
        .listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${server.address().port}/base/`;
});
afterEach(async () => {
    await hub.close();
    server.closeAllConnections();
    server.close();
});

const ended = (session) => hub.waitFor(() => hub.session(session).calls.at(-1)?.endedAt && hub.session(session).calls, 5000, 'the call');

test('a plugin with a connector URL is called with its secret; a response in the answer ends the session', async () => {
    answer = (_path, event, response) => response.end(JSON.stringify(event ? { response: { n: 1 }, session: event.session } : 'ok'));
    const plugin = hub.createPlugin({ type: 'Input', connectorUrl: url });
    await hub.waitForLight(plugin.id, 'green');
    const record = await hub.waitForSession(hub.run(plugin.id));
    assert.deepEqual(
        record.answers.map(({ via, message }) => [via, message.response]),
        [['http', { n: 1 }]],
    );
    assert.equal((await ended(record.session))[0].status, 200);
    assert.ok(seen.every(({ secret }) => secret === plugin.secret));
    assert.deepEqual([...new Set(seen.map(({ method, path }) => `${method} ${path}`))].sort(), [
        'GET /base/heartbeat',
        'POST /base/plugin',
    ]);
});

test('the light is red without an ok, and what has no response is no answer', async () => {
    let status = 200;
    answer = (_path, event, response) => response.writeHead(status).end(JSON.stringify(event ? { session: event.session } : 'ok'));
    const plugin = hub.createPlugin({ type: 'Input' });
    hub.callPluginAt(plugin.id, url);
    await hub.waitForLight(plugin.id, 'green');
    const session = hub.run(plugin.id);
    assert.deepEqual((await ended(session))[0].body, { session });
    assert.equal(hub.session(session).state, 'running');
    status = 503;
    await hub.waitForLight(plugin.id, 'red');
});

test('calls can be cut', async () => {
    answer = (path, _event, response) => {
        if (path.endsWith('heartbeat')) response.end('"ok"');
    };
    const plugin = hub.createPlugin({ type: 'Input', connectorUrl: url });
    const session = hub.run(plugin.id);
    await hub.waitFor(() => hub.plugin(plugin.id).light === 'green', 5000, 'the light');
    assert.ok(hub.cutCalls(plugin.id) >= 1);
    assert.match((await ended(session))[0].error, /cut/);
});
