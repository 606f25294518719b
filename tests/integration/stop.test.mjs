// angod, a plugin or a link ends while something is in progress: checks of modules, runs, answers.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fixture, until } from './lib/angod.mjs';
import { compile, hanging, waiting } from './lib/broken.mjs';
import { doesNotStop, failed, linkLost, refused, timedOut } from './lib/lines.mjs';
import { commandLineOf, usersOf } from './lib/processes.mjs';
import { System } from './lib/system.mjs';

/** angod gives up on a module after 20 s. An end that waits for that takes longer than this. */
const SOON_MS = 10000;
const ENDED = { code: 0, signal: null };

const withSystem = (options, use) => System.use({ modules: [fixture('witness')], ...options }, use);

/** Ends angod, and adds a plugin with a module that hangs for its next start. */
async function addHanging({ hub, angod }, what) {
    const name = what.replaceAll(' ', '-');
    await angod.stop();
    await compile(path.join(angod.moduleDir, `${what.replaceAll(' ', '_')}.so`), hanging[what]);
    const { id, secret } = hub.createPlugin({ name, type: 'Input' });
    angod.config.plugins.push({ name, id, secret, module: name });
}

/** Waits until a host whose command line ends with these words has loaded the module. */
const isTriedOut = ({ angod }, label) =>
    until(
        () => usersOf(path.join(angod.stateDir, 'staged')).some((pid) => commandLineOf(pid).includes(`angod-host: ${label}`)),
        `${label} to be tried out`,
    );

test('a stop does not wait for a module that hangs while it is loaded, not even before angod runs', () =>
    withSystem({ plugins: { input: {} } }, async (system) => {
        const { angod } = system;
        await addHanging(system, 'hang while loading');
        const starting = assert.rejects(angod.start(), /angod ended at start/);
        await isTriedOut(system, 'probe hang_while_loading.so');
        assert.deepEqual(await angod.stop(SOON_MS), ENDED);
        await starting;
        await angod.start();
        await isTriedOut(system, 'probe hang_while_loading.so');
        assert.deepEqual(await angod.stop(SOON_MS), ENDED);
    }));

test('a stop does not wait for a module that hangs in create', () =>
    withSystem({ plugins: { input: {} } }, async (system) => {
        const { angod } = system;
        await addHanging(system, 'hang in create');
        await angod.start();
        await isTriedOut(system, 'hang-in-create');
        assert.deepEqual(await angod.stop(SOON_MS), ENDED);
    }));

test('a module that hangs while it is loaded keeps its own plugin waiting, which says so, and no other', () =>
    withSystem({ plugins: { input: {} } }, async (system) => {
        const { hub, angod } = system;
        await addHanging(system, 'hang while loading');
        const before = hub.plugin(system.id('input')).connectionsTotal;
        await angod.start();
        await hub.waitFor(() => hub.plugin(system.id('input')).connectionsTotal > before, SOON_MS, 'the other plugin to go live');
        assert.equal((await system.settled(system.run('input'))).state, 'answered');
        const { plugins } = await angod.get('/v1/plugins');
        const { state, reason } = plugins.find(({ name }) => name === 'hang-while-loading');
        assert.deepEqual(
            [state, reason],
            ['no-module', 'no module "hang-while-loading" in the module folders is ready yet; some are still being tried out'],
        );
        assert.equal(
            usersOf(path.join(angod.stateDir, 'staged')).filter((pid) => commandLineOf(pid).includes('probe')).length,
            1,
            'it hangs all the time',
        );
        assert.deepEqual(await angod.stop(SOON_MS), ENDED);
    }));

test('runs that wait for a slow module are done when it is there', () =>
    withSystem({ plugins: { input: {} }, config: { drain_s: 1 } }, async (system) => {
        const { hub, angod } = system;
        const session = system.run('input', { gate: system.gate() });
        await system.running(session);
        assert.deepEqual(await angod.stop(SOON_MS), ENDED);
        const gate = system.gate();
        await compile(path.join(angod.moduleDir, 'waits.so'), waiting(gate));
        angod.config.plugins[0].module = 'waits';
        await angod.start();
        await until(async () => (await angod.plugin('input')).reason.includes('still being tried out'), 'the plugin to wait');
        assert.deepEqual([(await system.job(session)).state, hub.plugin(system.id('input')).live], ['queued', 0]);
        system.open(gate);
        assert.deepEqual(
            (await system.settled(session)).answers.map(({ message }) => message),
            [{ response: '', session }],
        );
    }));

test('a stop does not wait for a plugin that is in the middle of a long pause before its next try to connect', () =>
    withSystem({ plugins: Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`p${n}`, {}])) }, async (system) => {
        const { hub, angod } = system;
        angod.expect(linkLost);
        await hub.stop();
        // Pauses grow and are random. Among so many plugins, one soon has a long pause before it.
        const pauses = () =>
            angod.log.map(({ time, plugin, msg }) => ({
                plugin,
                from: Date.parse(time),
                ms: Number(/(?:next|again) in (\d+) ms$/.exec(msg)?.[1]),
            }));
        const { plugin } = await until(() => pauses().find(({ from, ms }) => from + ms > Date.now() + SOON_MS), 'a long pause', 40000);
        assert.equal((await angod.plugin(plugin)).state, 'backoff');
        assert.deepEqual(await angod.stop(SOON_MS / 2), ENDED);
        await hub.start();
        await angod.start();
        await hub.waitForLight(system.id(plugin), 'green', SOON_MS);
    }));

test('open runs of a plugin that is no longer configured do not hold up a stop, and are there again when it is', () =>
    withSystem({ plugins: { gone: { concurrency: 2 }, stays: {} }, config: { drain_s: 1 } }, async (system) => {
        const { hub, angod } = system;
        const gates = { unfinished: system.gate(), unsent: system.gate() };
        const [unfinished, unsent] = Object.values(gates).map((gate) => system.run('gone', { gate }));
        await system.running(unfinished);
        await system.running(unsent);
        angod.expect(linkLost, refused('not now'));
        hub.link('all').refuse('not now');
        hub.link(system.id('gone')).drop();
        await until(async () => (await angod.plugin('gone')).state === 'refused', 'the plugin to be refused');
        system.open(gates.unsent);
        await until(async () => (await system.job(unsent)).state === 'answering', 'the answer to wait for the link');
        assert.deepEqual(await angod.stop(SOON_MS), ENDED);
        hub.link('all').lift();

        const { plugins } = angod.config;
        Object.assign(angod.config, { plugins: plugins.filter(({ name }) => name !== 'gone'), drain_s: 60 });
        angod.expect(/^2 open runs of the plugin gone, which is not configured, stay in the store$/);
        await angod.start();
        await hub.waitFor(() => hub.plugin(system.id('stays')).live > 0, 20000, 'the other plugin');
        assert.equal((await system.settled(system.run('stays'))).state, 'answered');
        assert.deepEqual(await angod.stop(SOON_MS), ENDED, 'long before the end of drain_s');
        assert.deepEqual([hub.session(unfinished).answers, hub.session(unsent).answers], [[], []]);

        angod.config.plugins = plugins;
        await angod.start();
        await system.running(unfinished, 2);
        system.open(gates.unfinished);
        for (const session of [unfinished, unsent])
            assert.deepEqual(
                (await system.settled(session)).answers.map(({ message }) => message),
                [{ response: 'attempt 1', session }],
            );
        assert.equal(system.runs(unsent).length, 1, 'it was not run again');
    }));

/** Holds a process, so that its end is not reported. @returns {() => Promise<void>} releases it */
async function hold(pid) {
    const tracer = spawn('python3', [fileURLToPath(new URL('lib/tracer.py', import.meta.url)), `${pid}`], {
        stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = once(tracer, 'close');
    await Promise.race([
        once(tracer.stdout, 'data'),
        ended.then(([code]) => {
            throw new Error(`no process can be traced here (exit code ${code})`);
        }),
    ]);
    return async () => {
        tracer.stdin.end();
        await ended;
    };
}

test('a killed host that the system does not release delays neither its run nor a stop', () =>
    withSystem({ plugins: { held: { timeout_s: 1 }, beside: {} } }, async (system) => {
        const { angod } = system;
        const session = system.run('held', { gate: system.gate(), end: 'ignore-cancel' });
        const [{ pid }] = await system.running(session);
        const letGo = await hold(pid);
        try {
            angod.expect(
                timedOut,
                doesNotStop,
                failed('The plugin did not finish within its limit of 1 second'),
                /^the host \d+ was killed and does not end; the system holds on to it$/,
            );
            assert.deepEqual(
                (await system.settled(session)).answers.map(({ message }) => message),
                [{ error: true, session }],
            );
            assert.equal((await system.settled(system.run('beside'))).answers.length, 1);
            assert.equal((await system.settled(system.run('held'))).answers.length, 1, 'in another host');
            assert.deepEqual(await angod.stop(), ENDED);
        } finally {
            await letGo();
        }
    }));

test('the error answer to a run for which there was no room is sent again if its link ends before it has arrived', () =>
    withSystem({ plugins: { full: { max_queued: 1, concurrency: 1 } } }, async (system) => {
        const { hub, angod } = system,
            id = system.id('full'),
            gate = system.gate();
        const working = system.run('full', { gate });
        await system.running(working);
        const queued = system.run('full');
        await until(async () => (await system.job(queued))?.state === 'queued', 'the second run to wait');
        const sentence = '1 runs of this plugin are waiting already';
        angod.expect(new RegExp(`^a run could not be recorded: ${sentence}$`), linkLost);

        const lost = system.run('full');
        hub.link(id).silent(); // the event was sent, and the Hub no longer reads
        await until(() => angod.log.some(({ msg }) => msg === `a run could not be recorded: ${sentence}`), 'the refusal');
        assert.deepEqual(hub.session(lost).answers, []);
        hub.link(id).drop();
        hub.link(id).lift();
        assert.deepEqual(
            (await hub.waitForSession(lost, 30000)).answers.map(({ message }) => message),
            [{ error: true, session: lost }],
        );

        hub.link(id).noPong(); // now it arrives, but angod gets no proof of it
        const unproved = await hub.waitForSession(system.run('full'), 10000);
        hub.link(id).drop();
        hub.link(id).lift();
        await hub.waitFor(() => unproved.answers.length === 2, 30000, 'the answer again');
        assert.equal(new Set(unproved.answers.map(({ socketId }) => socketId)).size, 2, 'on the next link');
        for (const { message } of unproved.answers) assert.deepEqual(message, { error: true, session: unproved.session });

        system.open(gate);
        for (const session of [working, queued]) assert.equal((await system.settled(session)).answers.length, 1);
        assert.deepEqual([hub.session(lost).answers.length, unproved.answers.length], [1, 2], 'what was proved is not sent again');
        assert.deepEqual([system.runs(lost), system.runs(unproved.session)], [[], []]);
    }));
