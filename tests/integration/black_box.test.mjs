// The checks after every case find what they should find: each case spoils one thing.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { until } from './lib/angod.mjs';
import { hostKilled } from './lib/lines.mjs';
import { System } from './lib/system.mjs';

let system, angod;
before(async () => {
    system = await System.start({ plugins: { input: { max_attempts: 2 } } });
    ({ angod } = system);
});
after(() => system.close());
afterEach(() => {
    angod.box.patienceMs = 20000;
});

/** The problems that the check finds now. */
async function finds(...sentences) {
    angod.box.patienceMs = 400;
    await assert.rejects(angod.box.check(true), ({ message }) => {
        for (const sentence of sentences) assert.match(message, sentence);
        return true;
    });
}
async function warn() {
    const before = angod.log.length;
    fs.writeFileSync(path.join(angod.dir, 'angod.json'), '{');
    process.kill(angod.pid, 'SIGHUP'); // an invalid configuration is not loaded
    await until(() => angod.log.slice(before).some(({ level }) => level === 'error'), 'the line');
}

test('a warning that nobody declared', async () => {
    await warn();
    await finds(/^undeclared: .*the configuration was not taken/m);
});

test('a declared warning is fine, but only in its own case', async () => {
    angod.expect(/^the configuration was not taken/);
    await warn();
    await angod.box.check(true);
    await warn();
    await finds(/^undeclared: .*the configuration was not taken/m);
});

test('a warning that was declared and did not come', async () => {
    angod.expect(/^the configuration was not taken/);
    await finds(/^no line of its log came that matches \/\^the configuration was not taken/m);
});

test('a line that is not in the format of the log', async () => {
    angod.logText += 'free(): invalid pointer\n';
    await finds(/^undeclared: free\(\): invalid pointer$/m);
});

test('a connection of the admin socket that stays open', async () => {
    const socket = net.connect(angod.socket);
    await once(socket, 'connect');
    await finds(/^it has 1 open connections of its admin socket/m);
    socket.destroy();
});

for (const folder of ['scratch', 'events'])
    test(`a file in state_dir/${folder} that belongs to no job, while that of an open job may be there`, async () => {
        const gate = system.gate();
        const session = system.run('input', { gate, pad: 'p'.repeat(500_000) }, { ack: true });
        await system.running(session);
        await angod.box.check(true);
        fs.writeFileSync(path.join(angod.stateDir, folder, 'left'), '');
        await finds(new RegExp(`^state_dir/${folder} holds left, which belongs to no open job$`, 'm'));
        fs.rmSync(path.join(angod.stateDir, folder, 'left'));
        system.open(gate);
        await system.settled(session);
    });

test('a secret in an answer, in the log, and in the command line of a host', async () => {
    for (const [secret, place] of [
        [angod.stateDir, /^the secret .* is in its \/v1\/status/m],
        ['angod-host: input', /^the secret .* is in its command line of \d+/m],
    ]) {
        const { id } = system.hub.createPlugin({ secret });
        await finds(place);
        system.hub.plugins.remove(id);
    }
    angod.expect(/^the configuration was not taken/);
    await warn();
    const { id } = system.hub.createPlugin({ secret: 'the configuration was not taken' });
    await finds(/^the secret the configuration was not taken is in its log/m);
    system.hub.plugins.remove(id);
});

test('a host that dies is gone from everything at once', async () => {
    angod.expect(hostKilled);
    const gate = system.gate();
    const session = system.run('input', { gate });
    process.kill((await system.running(session))[0].pid, 'SIGKILL');
    await system.running(session, 2);
    await angod.box.check(true);
    system.open(gate);
    await system.settled(session);
    angod.expect(/^the host of module witness .* was ended by signal 9 \(Killed\) \(process \d+\) while it was idle/);
    process.kill(system.runs(session)[1].pid, 'SIGKILL'); // this needs no further job
});

test('an angod that ends by itself', async () => {
    process.kill(angod.pid, 'SIGKILL');
    await angod.exited;
    await finds(/^it ended by itself: \{"code":null,"signal":"SIGKILL"\}$/m);
    await angod.start();
    await system.connected();
});
