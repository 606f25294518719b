// Peers that vanish without notice, and a machine that sleeps. Only time-outs reveal them, and nothing is lost.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from './lib/angod.mjs';
import { linkLost } from './lib/lines.mjs';
import { Relay } from './lib/relay.mjs';
import { System } from './lib/system.mjs';

const again = 'trying again, next in \\d+ ms$';
const noHubYet = new RegExp(`the WebSocket handshake failed: the server ended the connection; ${again}`);
const dead = new RegExp(`nothing received for longer than the server's ping interval and time-out; the link is dead; ${again}`);
let system, hub, relay;
before(async () => {
    relay = await Relay.start({ port: 1 }); // the Hub's port, as soon as it has one
    system = await System.start(
        {
            hub: { socketOptions: { pingInterval: 300, pingTimeout: 700 } },
            plugins: { relayed: { hub: { url: relay.url } }, slept: {} },
        },
        false,
    );
    system.angod.allow(noHubYet);
    ({ hub } = system);
    relay.target.port = Number(new URL(hub.url).port);
    await system.connected();
});
after(async () => {
    await system?.close();
    await relay?.close();
});

const live = (name, connections) =>
    hub.waitFor(
        () => hub.plugin(system.id(name)).connectionsTotal >= connections && hub.plugin(system.id(name)).live === 1,
        60000,
        `connection ${connections} of ${name}`,
    );
const answeredOnce = async (session, attempts = 'attempt 1') => {
    const { answers } = await system.settled(session, 60000);
    assert.deepEqual(
        answers.map(({ message }) => message.response),
        [attempts],
    );
};

test('a network that vanishes while a run works is noticed, also when new connections vanish too, and the answer arrives', async () => {
    const gate = system.gate();
    system.angod.expect(dead, new RegExp(`no answer to the WebSocket and Socket\\.IO handshakes in time; ${again}`));
    const session = system.run('relayed', { gate });
    await system.running(session);
    relay.vanish();
    await until(
        () => system.angod.log.some((line) => line.plugin === 'relayed' && line.msg.includes('the link is dead')),
        'the end of the dead link',
    );
    system.open(gate);
    await until(async () => (await system.job(session))?.state === 'answering', 'the answer to be recorded');
    await until(
        () =>
            system.angod.log.some(
                (line) => line.plugin === 'relayed' && line.msg.includes('no answer to the WebSocket and Socket.IO handshakes in time'),
            ),
        'an attempt that vanishes too',
        40000,
    );
    relay.comeBack();
    await live('relayed', 2);
    await answeredOnce(session);
    assert.equal(system.runs(session).length, 1);
});

test("after a sleep of the machine that outlasts the server's patience it connects again, and no run is lost", async () => {
    const gate = system.gate();
    const working = system.run('slept', { gate });
    await system.running(working);
    const before = hub.plugin(system.id('slept')).connectionsTotal;
    system.angod.expect(linkLost);
    system.angod.allow(dead); // if its own time-out comes first
    system.angod.child.kill('SIGSTOP');
    const arrived = system.run('slept'); // stays in the socket while the process sleeps
    try {
        system.open(gate);
        await hub.waitFor(() => hub.plugin(system.id('slept')).live === 0, 20000, 'Hub to give the plugin up');
    } finally {
        system.angod.child.kill('SIGCONT');
    }
    await live('slept', before + 1);
    await answeredOnce(working);
    await answeredOnce(arrived);
    assert.deepEqual([system.runs(working).length, system.runs(arrived).length], [1, 1]);
});
