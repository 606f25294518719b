// A server that takes no message as long as an error answer: nothing can be delivered, so each answer is given up, once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fixture, run, until } from './lib/angod.mjs';
import { failed, linkLost } from './lib/lines.mjs';
import * as metrics from './lib/metrics.mjs';
import { RawServer } from './lib/raw_server.mjs';
import { System } from './lib/system.mjs';

const sizes = /the answer is \d+ bytes long and the error answer \d+ bytes, more than Hub takes \(40 bytes\)/.source;
const givenUp = new RegExp(`^the answer is given up: ${sizes}$`);
const problem = new RegExp(`The answer could not be delivered: ${sizes}\\.$`);

const plugins = ['reads', 'writes'];
const servers = {},
    peers = {};
let system;
const accepting = (name) => async (peer) => {
    await peer.accept({ maxPayload: 40 });
    peers[name] = peer;
};
const connected = () => until(() => plugins.every((name) => peers[name]), 'the first heartbeats');
before(async () => {
    for (const name of plugins) servers[name] = await RawServer.start(accepting(name));
    system = await System.start(
        {
            plugins: {
                reads: { type: 'Input', hub: { url: servers.reads.url }, max_queued: 1 },
                writes: { type: 'Export', hub: { url: servers.writes.url } },
            },
            modules: [fixture('witness')],
            config: { drain_s: 1 },
        },
        false,
    );
    await connected();
});
after(async () => {
    await system?.close();
    for (const server of Object.values(servers)) await server.close();
});

const send = (name, session, steps = {}) =>
    peers[name].send(`42/plugin,${JSON.stringify(['plugin', { session, diary: system.diaryFile, ...steps }])}`);
const ended = (session) =>
    until(async () => ((await system.job(session))?.state === 'failed' ? system.job(session) : null), `the end of ${session}`);
async function givenUpOf(plugin) {
    const families = metrics.parse((await run('curl', ['-sS', '--unix-socket', system.angod.socket, 'http://angod/metrics'])).stdout);
    return metrics.value(families, 'angod_answers_given_up_total', { plugin });
}

test('an answer whose error answer is too long as well is given up', async () => {
    system.angod.expect(failed("The plugin's answer is"), givenUp);
    send('reads', 'long', { size: 100 });
    const job = await ended('long');
    assert.match(job.problem, /^The plugin's answer is \d+ bytes long, more than Hub takes \(40 bytes\)\. \(answer too long\) /);
    assert.match(job.problem, problem);
    assert.equal(await givenUpOf('reads'), 1);
    assert.equal((await system.angod.plugin('reads')).answering, 0);
});

test('so is the error answer of a run with effects that fails, and the problem stays', async () => {
    system.angod.expect(failed('Hub refused the export'), givenUp);
    send('writes', 'fails', { projectId: 'none', apiKey: 'unknown' });
    const job = await ended('fails');
    assert.match(job.problem, /^Hub refused the export: /);
    assert.match(job.problem, problem);
    assert.equal(await givenUpOf('writes'), 1);
});

test('so is the error answer to a run that cannot be recorded', async () => {
    system.angod.expect(
        failed("The plugin's answer is"),
        givenUp,
        /^a run could not be recorded: 1 runs of this plugin are waiting already/,
        /^the answer to a run that could not be recorded is given up: it is \d+ bytes long, more than Hub takes \(40 bytes\)$/,
    );
    const gate = system.gate();
    send('reads', 'busy', { gate, size: 100 });
    await system.running('busy');
    send('reads', 'waits', { size: 100 });
    await until(async () => (await system.job('waits'))?.state === 'queued', 'a full queue');
    send('reads', 'refused');
    await until(async () => (await givenUpOf('reads')) === 2, 'the refusal to be given up');
    system.open(gate);
    await ended('busy');
    await ended('waits');
});

test('so is an answer that an earlier angod has left in the store, and angod goes on', async () => {
    const { angod } = system;
    angod.expect(linkLost, givenUp);
    const gate = system.gate();
    send('reads', 'left', { gate, size: 100 });
    await system.running('left');
    for (const name of plugins) {
        servers[name].become((peer) => peer.socket.terminate());
        peers[name].socket.terminate();
        delete peers[name];
    }
    system.open(gate);
    await until(async () => (await system.job('left'))?.state === 'answering', 'the answer');
    await angod.kill();
    for (const name of plugins) servers[name].become(accepting(name));
    await angod.start();
    await connected();
    assert.match((await ended('left')).problem, problem);
    assert.deepEqual((await angod.get('/v1/status')).jobs, { queued: 0, running: 0, answering: 0 });
});
