// When a plugin can work, and with which version: new versions of its module, changes of its configuration, actions of an
// operator, and hosts that are not free.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fixture, run, until } from './lib/angod.mjs';
import { compile, hanging } from './lib/broken.mjs';
import { failed } from './lib/lines.mjs';
import { childrenOf, commandLineOf } from './lib/processes.mjs';
import { swapping } from './lib/swap.mjs';
import { System } from './lib/system.mjs';

const GOES_ON = /cannot do the work of this plugin, generation \d+ goes on/;

const withSystem = ({ connected, ...options }, use) => System.use(options, use, connected);

/** Puts a version of the module "swap" into the folder; its answers name the version. */
async function put(system, version, ...defines) {
    const swap = swapping(system);
    swap.put(await swap.build(version, ...defines));
}
const serves = ({ angod }, version) =>
    until(async () => (await angod.plugin('swap')).module_version === version, `version ${version} to serve`);
const live = ({ angod }, name = 'swap') => until(async () => (await angod.plugin(name)).state === 'live', `${name} to be live`);
const refusedNewer = ({ angod }, version) =>
    until(async () => {
        const { reason, generation } = await angod.plugin('swap');
        const { version: newest, generation: number } = (await angod.get('/v1/modules')).modules.find(({ id }) => id === 'swap');
        return newest === version && generation !== number && /a newer version of the module was refused/.test(reason);
    }, `version ${version} to be refused`);
const answers = async (system, session) => (await system.settled(session)).answers.map(({ message }) => message.response ?? message);
const ctl = async ({ angod }, ...words) => assert.equal((await angod.ctl(...words)).code, 0, words.join(' '));
/** The plugins whose hosts run or are being started, oldest first. */
const hostsStarted = ({ pid }) =>
    childrenOf(pid)
        .sort((a, b) => a - b)
        .map(commandLineOf)
        .map((line) => /angod-host: (swap|other)/.exec(line ?? '')?.[1])
        .filter(Boolean);
const swap = { module: 'swap', kind: 'input' };
const noSwap = /no module "swap" in the module folders is ready/;

test('a plugin that no newer version can serve goes on with the one that could, also after a restart of angod', () =>
    withSystem({ plugins: { swap }, connected: false, allow: [noSwap] }, async (system) => {
        const { angod } = system;
        await put(system, '1');
        await live(system);
        angod.expect(GOES_ON);
        for (const version of ['2', '3']) {
            await put(system, version, '-DCREATE_FAILS');
            await refusedNewer(system, version);
        }
        assert.deepEqual(await answers(system, system.run('swap')), ['1']);
        await angod.stop();
        await angod.start();
        await live(system);
        await refusedNewer(system, '3');
        assert.deepEqual(await answers(system, system.run('swap')), ['1']);
        await put(system, '4');
        await serves(system, '4');
        assert.deepEqual(await answers(system, system.run('swap')), ['4']);
    }));

test('a plugin that is disabled while a new version is tried out costs no other plugin that version', () =>
    withSystem({ plugins: { swap, other: swap }, connected: false, allow: [noSwap] }, async (system) => {
        const { angod } = system,
            gate = system.gate();
        await put(system, '1');
        await live(system);
        await live(system, 'other');
        await put(system, '2', `-DCREATE_WAITS="${gate}"`);
        const idle = (await angod.hosts()).length;
        const [first] = await until(
            () => hostsStarted(angod).length > idle && hostsStarted(angod).slice(idle),
            'one of them to try the new version',
        );
        const second = first === 'swap' ? 'other' : 'swap';
        await ctl(system, 'plugin', first, 'disable');
        await until(async () => (await angod.plugin(first)).state === 'disabled', 'the plugin to be disabled');
        fs.writeFileSync(gate, '');
        await until(async () => (await angod.plugin(second)).module_version === '2', 'the other plugin to take the new version');
        assert.deepEqual(await answers(system, system.run(second)), ['2']);
    }));

test('a plugin that is disabled and enabled again while a new version is tried out takes it all the same', () =>
    withSystem({ plugins: { swap }, connected: false, allow: [noSwap] }, async (system) => {
        const { angod } = system,
            gate = system.gate();
        await put(system, '1');
        await live(system);
        await put(system, '2', `-DCREATE_WAITS="${gate}"`);
        await until(() => hostsStarted(angod).length > 1, 'the new version to be tried');
        const toggle = (verb) => run('curl', ['-sS', '--unix-socket', angod.socket, '-X', 'POST', `http://angod/v1/plugins/swap/${verb}`]);
        await Promise.all([toggle('disable'), toggle('enable')]);
        await ctl(system, 'plugin', 'swap', 'enable');
        fs.writeFileSync(gate, '');
        await serves(system, '2');
        await live(system); // the disabling may have closed the link
        assert.deepEqual(await answers(system, system.run('swap')), ['2']);
    }));

test('a plugin that waits for room for a host can be disabled', () =>
    withSystem(
        { plugins: { holds: {}, waits: { start: 'eager' } }, config: { limits: { max_hosts: 1 } }, connected: false },
        async (system) => {
            const { angod } = system,
                gate = system.gate();
            await live(system, 'holds');
            const holding = system.run('holds', { gate });
            await system.running(holding);
            await ctl(system, 'plugin', 'waits', 'restart');
            await ctl(system, 'plugin', 'waits', 'disable');
            await until(async () => (await angod.plugin('waits')).state === 'disabled', 'the plugin to be disabled');
            await ctl(system, 'plugin', 'waits', 'enable');
            await ctl(system, 'plugin', 'waits', 'disable');
            await until(async () => (await angod.plugin('waits')).state === 'disabled', 'the plugin to be disabled again');
            system.open(gate);
            assert.deepEqual(await answers(system, holding), ['attempt 1']);
        },
    ));

test('a version that dies while it is idle is rolled back', () =>
    withSystem({ plugins: { swap: { ...swap, start: 'eager' } }, connected: false, allow: [noSwap] }, async (system) => {
        const { angod } = system;
        await put(system, '1');
        await live(system);
        angod.expect(
            /^the host of module swap 2, .* while it was idle/,
            /^module swap: generation \d+ \(version 2\) is quarantined and version 1 serves again: it crashed 3 times/,
            /swap\.so: this version is not used any more/,
        );
        await put(system, '2', '-DDIES_IDLE', '-pthread');
        await until(async () => angod.log.some(({ msg }) => /is quarantined and version 1 serves again/.test(msg)), 'the way back', 40000);
        await serves(system, '1');
        assert.deepEqual(await answers(system, system.run('swap')), ['1']);
    }));

test('a run that waits while the settings change runs with the new ones', () =>
    withSystem(
        {
            plugins: { swap: { ...swap, concurrency: 2, settings: { number: 1 } } },
            connected: false,
            config: { limits: { max_hosts: 1 } },
            allow: [noSwap],
        },
        async (system) => {
            const { angod } = system;
            await put(system, '1', '-DANSWERS_SETTINGS');
            await live(system);
            const gate = system.gate();
            const working = system.run('swap', { gate });
            const waiting = system.run('swap');
            await until(async () => (await angod.plugin('swap')).running === 2, 'the second run to wait for a host');
            angod.config.plugins[0].settings = { number: 2 };
            angod.writeConfig();
            await ctl(system, 'reload');
            system.open(gate);
            assert.deepEqual(await answers(system, working), [{ number: 1 }]);
            assert.deepEqual(await answers(system, waiting), [{ number: 2 }]);
            assert.deepEqual(await answers(system, system.run('swap')), [{ number: 2 }]);
        },
    ));

test('a restart lets running runs end in their hosts, and new runs need not wait for them', () =>
    withSystem({ plugins: { input: { module: 'witness-concurrent', concurrency: 2 } } }, async (system) => {
        const { angod } = system,
            gate = system.gate();
        const working = system.run('input', { gate });
        const [{ pid }] = await system.running(working);
        await ctl(system, 'plugin', 'input', 'restart');
        await until(async () => (await angod.plugin('input')).connects === 2, 'the new connection');
        await live(system, 'input');
        assert.deepEqual(await answers(system, system.run('input')), ['attempt 1']);
        const { hosts, generation } = await angod.plugin('input');
        assert.deepEqual(
            hosts.filter((host) => host.draining).map((host) => [host.pid, host.jobs, host.generation]),
            [[pid, 1, generation]],
        );
        system.open(gate);
        assert.deepEqual(await answers(system, working), ['attempt 1']);
        assert.equal(system.runs(working).length, 1);
    }));

test('an eager plugin that is restarted has a host again without a run', () =>
    withSystem({ plugins: { input: { start: 'eager' } } }, async (system) => {
        const [before] = await until(async () => (await system.angod.hosts()).length === 1 && system.angod.hosts(), 'its host');
        await ctl(system, 'plugin', 'input', 'restart');
        await until(async () => (await system.angod.hosts()).some((pid) => pid !== before), 'another host');
    }));

test('a plugin that is restarted and disabled at once is disabled, and comes back', () =>
    withSystem({ plugins: { input: {} } }, async (system) => {
        for (let i = 0; i < 5; ++i) {
            await Promise.all([
                ctl(system, 'plugin', 'input', 'restart'),
                ctl(system, 'plugin', 'input', 'restart'),
                ctl(system, 'plugin', 'input', 'disable'),
            ]);
            await system.hub.waitFor(() => system.hub.plugin(system.id('input')).live === 0, 20000, 'the plugin to leave');
            await ctl(system, 'plugin', 'input', 'enable');
            await live(system, 'input');
        }
        assert.deepEqual(await answers(system, system.run('input')), ['attempt 1']);
    }));

test('a plugin that an operator has disabled stays so when its configuration changes', () =>
    withSystem({ plugins: { input: {} } }, async (system) => {
        const { angod } = system;
        await ctl(system, 'plugin', 'input', 'disable');
        await until(async () => (await angod.plugin('input')).state === 'disabled', 'the plugin to be disabled');
        angod.config.plugins[0].concurrency = 2;
        angod.writeConfig();
        await ctl(system, 'reload');
        await until(
            () =>
                angod.log.filter(({ plugin, msg }) => plugin === 'input' && msg === 'not connected: disabled by the operator').length === 2,
            'the new one to say so, too',
        );
        assert.equal((await angod.plugin('input')).state, 'disabled');
        await ctl(system, 'plugin', 'input', 'enable');
        await live(system, 'input');
    }));

test('thousands of runs that wait when their plugin is disabled are all answered', () =>
    withSystem({ plugins: { input: { max_queued: 20000 } } }, async (system) => {
        const { hub, angod } = system,
            gate = system.gate();
        const working = system.run('input', { gate });
        await system.running(working);
        const waiting = Array.from({ length: 10000 }, () => hub.run(system.id('input')));
        await until(async () => (await angod.plugin('input')).queued === waiting.length, 'all runs to wait', 60000);
        angod.expect(failed('The plugin is not available on its server at the moment.'));
        await ctl(system, 'plugin', 'input', 'disable');
        system.open(gate);
        for (const session of waiting)
            assert.deepEqual(
                (await hub.waitForSession(session, 60000)).answers.map(({ message }) => message),
                [{ error: true, session }],
            );
        assert.deepEqual(await answers(system, working), ['attempt 1']);
    }));

test('a run for which no host is free in time is told so', () =>
    withSystem({ plugins: { holds: {}, waits: { max_age_s: 2 } }, config: { limits: { max_hosts: 1 } } }, async (system) => {
        const { angod } = system,
            gate = system.gate();
        const holding = system.run('holds', { gate });
        await system.running(holding);
        angod.expect(
            failed('This run waited so long that it was not started any more. Please run the plugin again. (no host was free in time'),
        );
        const late = system.run('waits');
        assert.deepEqual(await answers(system, late), [{ error: true, session: late }]);
        assert.deepEqual(system.runs(late), []);
        system.open(gate);
        assert.deepEqual(await answers(system, holding), ['attempt 1']);
    }));

test('a configuration that is read again while angod starts is taken when it runs', () =>
    withSystem({ plugins: { input: {} } }, async (system) => {
        const { angod } = system;
        await angod.stop();
        await compile(path.join(angod.moduleDir, 'hangs.so'), hanging['hang while loading']);
        angod.allow(/^module refused: .*hangs\.so/);
        const starting = angod.start();
        await until(async () => (await angod.get('/v1/status').catch(() => null))?.state === 'starting', 'angod to start');
        angod.config.plugins[0].concurrency = 2;
        angod.writeConfig();
        await Promise.all([ctl(system, 'reload'), starting]);
        await live(system, 'input');
        assert.deepEqual(await answers(system, system.run('input')), ['attempt 1']);
    }));

test('the lines and the failure of a run reach Hub, also when the configuration changes meanwhile', () =>
    withSystem({ plugins: { input: {} } }, async (system) => {
        const { angod, hub } = system,
            gate = system.gate();
        const session = system.run('input', { gate, lines: 2, end: 'fail' });
        await system.running(session);
        angod.config.plugins[0].concurrency = 2;
        angod.writeConfig();
        await ctl(system, 'reload');
        await live(system, 'input');
        angod.expect(failed('It cannot be done.'));
        system.open(gate);
        assert.deepEqual(await answers(system, session), [{ error: true, session }]);
        assert.deepEqual(
            hub.session(session).logs.map(({ msg }) => msg),
            ['line 0', 'line 1', 'It cannot be done.'],
        );
    }));

test('jobs of a plugin that is removed from the configuration stay in the store, and continue when it is back', () =>
    withSystem({ plugins: { goes: {}, stays: {} }, modules: [fixture('witness')], config: { drain_s: 1 } }, async (system) => {
        const { angod, hub } = system,
            gates = [system.gate(), system.gate()];
        const answered = system.run('goes', { gate: gates[0] });
        await system.running(answered);
        hub.link(system.id('goes')).silent();
        system.open(gates[0]);
        await until(async () => (await system.job(answered)).state === 'answering', 'the answer to wait');
        const entry = angod.config.plugins.shift();
        angod.writeConfig();
        await ctl(system, 'reload');
        assert.deepEqual((await angod.get('/v1/status')).jobs, { queued: 0, running: 0, answering: 0 });
        hub.link(system.id('goes')).lift();
        angod.config.plugins.push(entry);
        angod.writeConfig();
        await ctl(system, 'reload');
        await live(system, 'goes');
        await hub.waitFor(() => hub.session(answered).answers.length > 0, 20000, 'the answer');
        assert.deepEqual(await answers(system, answered), ['attempt 1']);
        assert.equal(system.runs(answered).length, 1, 'it was not run again');

        const unfinished = system.run('goes', { gate: gates[1] });
        await system.running(unfinished);
        await angod.kill();
        angod.config.plugins.pop();
        angod.expect(/^1 open runs of the plugin goes, which is not configured, stay in the store$/);
        await angod.start();
        angod.config.plugins.push(entry);
        angod.writeConfig();
        await ctl(system, 'reload');
        await system.running(unfinished, 2);
        system.open(gates[1]);
        assert.deepEqual(await answers(system, unfinished), ['attempt 1']);
    }));
