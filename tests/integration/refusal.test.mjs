import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './lib/angod.mjs';
import { linkLost } from './lib/lines.mjs';
import { System } from './lib/system.mjs';

async function withWrongSecret(onBadSecret, allow, use) {
    const system = await System.start({ hub: { onBadSecret }, plugins: { wrong: { secret: 'wrong-secret' }, right: {} }, allow }, false);
    try {
        await system.hub.waitForLight(system.id('right'), 'green');
        await use(system);
        assert.equal(system.hub.plugin(system.id('wrong')).light, 'red');
        assert.equal((await system.settled(system.run('right'))).state, 'answered');
        assert.ok(!system.angod.logText.includes('wrong-secret'));
    } catch (failed) {
        await system.close().catch(() => {}); // the first error says more
        throw failed;
    }
    await system.close();
}

test('where Hub says nothing about a wrong secret, the plugin stays connected and asks once', () =>
    withWrongSecret('silence', [], async ({ hub, angod }) => {
        await until(async () => (await angod.plugin('wrong')).state === 'live', 'the connection');
        await hub.waitFor(() => hub.badHeartbeats.length === 1, 5000, 'the heartbeat');
        assert.equal((await angod.plugin('wrong')).connects, 1);
    }));

for (const [onBadSecret, reason] of [
    ['disconnect', /^Hub ended the plugin's session right after its heartbeat; check the plugin's id and secret$/],
    ['close', /Hub ended the plugin's session|closed the connection/],
])
    test(`where Hub answers a wrong secret with a ${onBadSecret}, the plugin tries again with pauses and works once the secret is right`, () =>
        withWrongSecret(onBadSecret, [linkLost], async (system) => {
            const { hub, angod } = system;
            const view = await until(
                async () => {
                    const now = await angod.plugin('wrong');
                    return now.state === 'backoff' && now.connects >= 3 && now;
                },
                'several tries',
                30000,
            );
            assert.match(view.reason, reason);
            assert.ok(hub.badHeartbeats.length < 20, 'no storm');
            if (onBadSecret === 'disconnect')
                assert.equal(angod.log.filter((line) => line.level === 'warning' && line.plugin === 'wrong').length, 1, 'said once');
            const right = hub.plugins.get(system.id('wrong')).secret;
            hub.plugins.get(system.id('wrong')).secret = 'wrong-secret';
            await hub.waitForLight(system.id('wrong'), 'green', 40000);
            assert.equal((await system.settled(system.run('wrong'))).state, 'answered');
            hub.plugins.get(system.id('wrong')).light = 'red';
            hub.plugins.get(system.id('wrong')).secret = right;
        }));
