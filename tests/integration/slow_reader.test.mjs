// A Hub that reads slower than modules write.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from './lib/angod.mjs';
import { RawServer, accepted, handshake } from './lib/raw_server.mjs';
import { System } from './lib/system.mjs';

let system, server, peer;
before(async () => {
    server = await RawServer.start(async (one) => {
        one.send(handshake());
        await one.frame((frame) => frame === '40/plugin,');
        one.send(accepted);
        peer = one;
    });
    system = await System.start({ plugins: { chatty: { hub: { url: server.url } } } }, false);
    await until(() => peer?.frames.some((frame) => frame.startsWith('42/plugin,["heartbeat"')), 'the first heartbeat');
});
after(async () => {
    await system?.close();
    await server?.close();
});

const logs = () => peer.frames.filter((frame) => frame.startsWith('42/plugin,["log"')).map((frame) => JSON.parse(frame.slice('42/plugin,'.length))[1].msg);
const answers = () => peer.frames.filter((frame) => frame.startsWith('42/plugin,["response"'));

test('session logs that Hub does not read are bounded: what was dropped is counted, the last lines and the answer arrive', async () => {
    const LINES = 300_000;
    peer.socket._socket.pause();
    peer.send(`42/plugin,["plugin",{"session":"chatty","orgId":"o","diary":"${system.diaryFile}","lines":${LINES}}]`);
    await until(async () => (await system.job('chatty'))?.state === 'answering', 'the end of the run', 60000);
    peer.socket._socket.resume();
    await until(() => answers().length === 1, 'the answer', 30000);
    const said = logs();
    // All that came was held meanwhile: by the kernel, whose buffers for a connection end at some 10 MB, and by angod.
    const held = peer.frames.reduce((sum, frame) => sum + frame.length, 0);
    assert.ok(held < 16 << 20, `${held} bytes of at least ${LINES * 100} were held`);
    const dropped = said.map((text) => /^(\d+) earlier lines of this run were dropped: there was no connection, or it took them too slowly$/.exec(text)).filter(Boolean);
    assert.ok(dropped.length >= 1);
    const lines = said.filter((text) => text.startsWith('line ')).map((text) => Number(text.slice(5)));
    assert.equal(lines.length + dropped.reduce((sum, [, count]) => sum + Number(count), 0), LINES, 'every line was sent or counted');
    assert.deepEqual(lines.slice(-256), Array.from({ length: 256 }, (_, i) => LINES - 256 + i));
    assert.ok(lines.every((line, i) => i === 0 || line > lines[i - 1]), 'in their order');
    assert.equal(peer.frames.at(-1), answers()[0], 'behind all of them comes the answer');
    assert.equal((await system.angod.plugin('chatty')).connects, 1);
});

test('once Hub reads again lines arrive as they are written', async () => {
    const from = logs().length, gate = system.gate();
    peer.send(`42/plugin,["plugin",{"session":"later","orgId":"o","diary":"${system.diaryFile}","gate":"${gate}","tickMs":5}]`);
    await until(() => logs().slice(from).filter((text) => text === 'tick').length >= 3, 'ticks while the run goes on');
    system.open(gate);
    await until(() => answers().length === 2, 'the answer');
});
