// A Hub that reads more slowly than modules write.
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

const logs = (of) =>
    peer.frames
        .filter((frame) => frame.startsWith('42/plugin,["log"'))
        .map((frame) => JSON.parse(frame.slice('42/plugin,'.length))[1])
        .filter(({ session }) => session === of)
        .map(({ msg }) => msg);
const answers = () => peer.frames.filter((frame) => frame.startsWith('42/plugin,["response"'));

test('session logs that Hub does not read are bounded: dropped lines are counted, the last lines and the answer arrive', async () => {
    const RUNS = 8,
        LINES = 480,
        PAD = 8000; // as much as a run may write at once
    peer.socket._socket.pause();
    for (let run = 0; run < RUNS; ++run)
        peer.send(
            `42/plugin,["plugin",{"session":"chatty-${run}","orgId":"o","diary":"${system.diaryFile}","lines":${LINES},"linePad":${PAD}}]`,
        );
    await until(async () => (await system.angod.jobs('?state=answering')).length === RUNS, 'the end of the runs', 60000);
    peer.socket._socket.resume();
    await until(() => answers().length === RUNS, 'the answers', 30000);
    // Everything was buffered meanwhile: by the kernel, up to about 10 MB per connection, and by angod.
    const held = peer.frames.reduce((sum, frame) => sum + frame.length, 0);
    assert.ok(held < 22 << 20, `${held} bytes of at least ${RUNS * LINES * PAD} were held`);
    let droppedOfAll = 0;
    for (let run = 0; run < RUNS; ++run) {
        const said = logs(`chatty-${run}`);
        const dropped = said
            .map((text) =>
                /^(\d+) earlier lines of this run were dropped: there was no connection, or the connection was too slow$/.exec(text),
            )
            .filter(Boolean)
            .reduce((sum, [, count]) => sum + Number(count), 0);
        const lines = said.filter((text) => text.startsWith('line ')).map((text) => parseInt(text.slice(5), 10));
        assert.equal(lines.length + dropped, LINES, 'every line was sent or counted');
        assert.equal(lines.at(-1), LINES - 1, 'the last line is there');
        assert.ok(
            lines.every((line, i) => i === 0 || line > lines[i - 1]),
            'in their order',
        );
        const [answer] = answers().filter((frame) => frame.includes(`"chatty-${run}"`));
        assert.ok(
            peer.frames.indexOf(answer) >
                peer.frames.findLastIndex((frame) => frame.startsWith('42/plugin,["log"') && frame.includes(`"chatty-${run}"`)),
            'behind all of them comes the answer',
        );
        droppedOfAll += dropped;
    }
    assert.ok(droppedOfAll > 0);
    assert.equal((await system.angod.plugin('chatty')).connects, 1);
});

test('once Hub reads again lines arrive as they are written', async () => {
    const gate = system.gate(),
        before = answers().length;
    peer.send(`42/plugin,["plugin",{"session":"later","orgId":"o","diary":"${system.diaryFile}","gate":"${gate}","tickMs":5}]`);
    await until(() => logs('later').filter((text) => text === 'tick').length >= 3, 'ticks while the run goes on');
    system.open(gate);
    await until(() => answers().length === before + 1, 'the answer');
});
