// A stderr that nobody reads: a log driver that hangs, a terminal that was stopped.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { until } from './lib/angod.mjs';
import { parse, value } from './lib/metrics.mjs';
import { RawServer, accepted, handshake } from './lib/raw_server.mjs';
import { System } from './lib/system.mjs';

/** angod lets so many bytes wait for the reader. */
const WAITING_BYTES = 1 << 20;
const DROPPED = /^(\d+) log lines? (?:was|were) dropped: stderr took no more$/;

let dir, fifo, reader, system, server, peer;
before(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-unread-log-'));
    fifo = path.join(dir, 'stderr');
    execFileSync('mkfifo', [fifo]);
    reader = fs.openSync(fifo, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    server = await RawServer.start(async (one) => {
        one.send(handshake());
        await one.frame((frame) => frame === '40/plugin,');
        one.send(accepted);
        peer = one;
    });
    system = await System.start(
        {
            plugins: { one: {}, raw: { hub: { url: server.url } } },
            launcher: ['bash', '-c', 'exec "$@" 2>"$0"', fifo],
        },
        false,
    );
    await system.hub.waitForLight(system.id('one'), 'green');
    await until(() => peer?.frames.some((frame) => frame.startsWith('42/plugin,["heartbeat"')), 'the first heartbeat');
    fillPipe();
});
after(async () => {
    await system?.close();
    await server?.close();
    if (reader !== undefined) fs.closeSync(reader);
    if (dir) fs.rmSync(dir, { recursive: true, force: true });
});

const dropped = async () => (await system.angod.get('/v1/status')).log_lines_dropped;

/** Until not one more byte fits. */
function fillPipe() {
    const writer = fs.openSync(fifo, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
    for (const size of [4096, 1])
        try {
            for (;;) fs.writeSync(writer, Buffer.alloc(size, 0x2e));
        } catch (full) {
            assert.equal(full.code, 'EAGAIN');
        }
    fs.closeSync(writer);
}

/** Lines of the log at will: angod notes each event of Hub that it does not know. */
function say(count) {
    const name = 'unknown-'.padEnd(100, 'x');
    for (let i = 0; i < count; ++i) peer.send(`42/plugin,["${name}",{}]`);
    return name;
}

/** All that the pipe gives until the other side has closed it, or until `enough` of the text. */
async function read(enough = () => false) {
    let text = '';
    const chunk = Buffer.alloc(1 << 16);
    let ended = false;
    await until(() => {
        try {
            for (let n = 1; n > 0;) {
                n = fs.readSync(reader, chunk);
                text += chunk.toString('utf8', 0, n);
                ended = n === 0;
            }
        } catch (empty) {
            if (empty.code !== 'EAGAIN') throw empty;
        }
        return ended || enough(text);
    }, 'the log');
    return text;
}
const messages = (text) =>
    text
        .split('\n')
        .map((line) => line.replace(/^\.+/, '')) // the filling of the pipe
        .filter(Boolean)
        .map((line) => JSON.parse(line).msg);
const toldAsDropped = (text) => messages(text).reduce((sum, msg) => sum + Number(DROPPED.exec(msg)?.[1] ?? 0), 0);

test('runs, pongs and the admin socket go on, and the last lines are there for angoctl logs', async () => {
    const from = peer.frames.length;
    const name = say(1);
    for (let i = 0; i < 3; ++i) assert.equal((await system.settled(system.run('one'))).state, 'answered');
    peer.send('2');
    await peer.frame((frame) => frame === '3', from);
    const { code, stdout } = await system.angod.ctl('logs');
    assert.equal(code, 0);
    assert.ok(stdout.includes(`ignored an event of Hub called ${name}`));
});

test('what waits is bounded: further lines are dropped and counted', async () => {
    say(2 * (WAITING_BYTES / 100));
    await until(async () => (await dropped()) > 0, 'a dropped line');
    assert.equal((await system.settled(system.run('one'))).state, 'answered');
    const { stdout } = await system.angod.ctl('metrics');
    const counted = value(parse(stdout), 'angod_log_lines_dropped_total');
    assert.ok(counted > 0 && counted <= (await dropped()), `${counted} in the metrics`);
});

test('once it is read again, the waiting lines come and a line tells how many are missing', async () => {
    const text = await read((so_far) => so_far.endsWith('\n') && toldAsDropped(so_far) > 0);
    assert.equal(toldAsDropped(text), await dropped());
    assert.ok(messages(text).filter((msg) => msg.startsWith('ignored an event')).length > 500);
});

test('SIGTERM ends it in time although nobody reads', async () => {
    fillPipe();
    say(10);
    assert.equal((await system.settled(system.run('one'))).state, 'answered');
    const asked = Date.now();
    assert.deepEqual(await system.angod.stop(), { code: 0, signal: null });
    assert.ok(Date.now() - asked < 5000, `it took ${Date.now() - asked} ms`);
});
