import assert from 'node:assert/strict';
import { after, before, describe, it, test } from 'node:test';
import { until } from './lib/angod.mjs';
import { linkLost, refused } from './lib/lines.mjs';
import { System } from './lib/system.mjs';

const blows = ['drop', 'reset', 'close', 'disconnect'];
const names = [...blows, 'silent', 'writing', 'delayed', 'quiet', 'refused', 'pushed', 'steady'];
const deadLink =
    /nothing received for longer than the server's ping interval and time-out; the link is dead; trying again, next in \d+ ms$/;
let system, hub, angod;
before(async () => {
    system = await System.start({
        hub: { socketOptions: { pingInterval: 300, pingTimeout: 700 } },
        plugins: Object.fromEntries(names.map((name) => [name, {}])),
    });
    ({ hub, angod } = system);
});
after(() => system.close());

const connections = (name) => hub.plugin(system.id(name)).connectionsTotal;
const reconnected = (name, count) =>
    hub.waitFor(() => connections(name) >= count && hub.plugin(system.id(name)).live === 1, 40000, `connection ${count} of ${name}`);
const works = async (name) => assert.equal((await system.settled(system.run(name))).answers.length, 1);

describe('the plugin comes back and works after', { concurrency: true }, () => {
    for (const blow of blows)
        it(`a ${blow} of its link`, async () => {
            angod.expect(linkLost);
            for (let round = 2; round <= 3; ++round) {
                hub.link(system.id(blow))[blow]();
                await reconnected(blow, round);
                await works(blow);
            }
            assert.equal(connections(blow), 3);
        });

    it('a link that receives nothing any more although TCP reports no error', async () => {
        angod.expect(deadLink);
        hub.link(system.id('silent')).silent();
        await until(
            () => angod.log.some((line) => line.plugin === 'silent' && line.msg.includes('nothing received')),
            'the end of the dead link',
            25000,
        );
        hub.link(system.id('silent')).lift();
        await reconnected('silent', 2);
        await works('silent');
    });

    it('a dead link on which angod writes all the time: only received data count', async () => {
        angod.expect(deadLink);
        const gate = system.gate();
        const session = system.run('writing', { gate, tickMs: 20 });
        await hub.waitFor(() => hub.session(session).logs.length > 3, 5000, 'the first lines');
        hub.link(system.id('writing')).silent();
        await until(
            () => angod.log.some((line) => line.plugin === 'writing' && line.msg.includes('nothing received')),
            'the end of the dead link',
            25000,
        );
        hub.link(system.id('writing')).lift();
        await reconnected('writing', 2);
        system.open(gate);
        assert.equal((await system.settled(session)).answers.length, 1);
    });

    it('a link that is slow is no dead link', async () => {
        hub.link(system.id('delayed')).delay(500);
        await works('delayed');
        await works('delayed');
        hub.link(system.id('delayed')).lift();
        assert.equal(connections('delayed'), 1);
    });

    it("a refusal is a state of its own, with Hub's message, and lasts until Hub accepts", async () => {
        angod.expect(refused('this plugin was unpublished'));
        hub.link('all').refuse('this plugin was unpublished');
        hub.link(system.id('refused')).drop();
        const { reason } = await until(async () => {
            const view = await angod.plugin('refused');
            return view.state === 'refused' && view;
        }, 'the refusal');
        assert.equal(reason, 'Hub refused the plugin: this plugin was unpublished');
        assert.match((await angod.ctl('plugins')).stdout, /^refused +refused .*this plugin was unpublished$/m);
        hub.link('all').lift('refuse');
        await reconnected('refused', 2);
        assert.deepEqual([(await angod.plugin('refused')).state, (await angod.plugin('refused')).reason], ['live', '']);
        await works('refused');
    });
});

test("a link without any runs lives from the server's pings", async () => {
    const opened = hub.connections.filter((one) => one.pluginId === system.id('quiet'));
    await until(() => Date.now() > opened[0].boundAt + 3500, 'several ping intervals to pass');
    assert.equal(connections('quiet'), 1);
});

test('there is never more than one connection per plugin, through every kind of cut', async () => {
    angod.expect(linkLost);
    let most = 0;
    const count = () => {
        most = Math.max(most, hub.plugins.get(system.id('pushed')).sockets.length);
        return false;
    };
    const watching = hub.waitFor(count, 60000, 'nothing').catch(() => {});
    for (const [round, blow] of ['drop', 'disconnect', 'reset'].entries()) {
        hub.link(system.id('pushed'))[blow]();
        await reconnected('pushed', round + 2);
    }
    assert.equal(most, 1);
    assert.equal((await angod.plugin('pushed')).connects, 4);
    void watching;
});

test('a plugin whose neighbours are cut keeps its connection', () => {
    assert.equal(connections('steady'), 1);
    assert.equal(hub.plugin(system.id('steady')).live, 1);
});

test('while Hub is down every plugin waits for random times of at most 30 s, and all come back', async () => {
    angod.expect(linkLost);
    await hub.stop();
    await until(async () => (await angod.get('/v1/status')).plugins.live === 0, 'angod to notice');
    const { plugins } = await until(
        async () => {
            const view = await angod.get('/v1/plugins');
            return view.plugins.every((plugin) => plugin.state === 'backoff' && plugin.reason) && view;
        },
        'all plugins to wait',
        20000,
    );
    for (const { reason } of plugins)
        assert.match(reason, /cannot connect to 127\.0\.0\.1:\d+: Connection refused|ended the connection|connection was cut|reset/);
    await hub.start();
    await system.connected(60000);
    const waits = angod.log
        .map((line) => /next in (\d+) ms|again in (\d+) ms/.exec(line.msg))
        .filter(Boolean)
        .map((found) => Number(found[1] ?? found[2]));
    assert.ok(waits.length > names.length && waits.every((wait) => wait >= 0 && wait <= 30000));
    assert.ok(new Set(waits).size > waits.length / 2, 'the waits are random');
    for (const name of names) await works(name);
    for (const name of names) assert.equal(hub.plugin(system.id(name)).live, 1, name);
});
