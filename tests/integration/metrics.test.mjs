// /metrics must agree with the events of the test.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { run, until } from './lib/angod.mjs';
import { escape, failed, hostAborted, linkLost } from './lib/lines.mjs';
import { parse, value } from './lib/metrics.mjs';
import { System } from './lib/system.mjs';

let system, hub, angod;
before(async () => {
    system = await System.start({ plugins: { one: {}, two: { max_attempts: 1 }, missing: { module: 'nowhere', kind: undefined } } }, false);
    ({ hub, angod } = system);
    angod.expect(/^not connected: no module "nowhere" in the module folders is ready$/);
    for (const name of ['one', 'two']) await hub.waitForLight(system.id(name), 'green');
});
after(() => system.close());

async function fetched(...words) {
    const { stdout } = await run('curl', [
        '-sS',
        '--max-time',
        '10',
        '-w',
        '\n%{http_code} %{content_type}',
        ...words,
        '--unix-socket',
        angod.socket,
        'http://angod/metrics',
    ]);
    const end = stdout.lastIndexOf('\n');
    const [status, type] = [stdout.slice(end + 1, end + 4), stdout.slice(end + 5)];
    return { status: Number(status), type, body: stdout.slice(0, end) };
}
const metrics = async () => parse((await fetched()).body);
const finished = (families, plugin) =>
    ['done', 'failed', 'cancelled'].map((outcome) => value(families, 'angod_jobs_finished_total', { plugin, outcome }));
const open = (families, plugin) => ['queued', 'running', 'answering'].map((state) => value(families, 'angod_jobs', { plugin, state }));

test('it is the text format of Prometheus, and says what runs', async () => {
    const { status, type, body } = await fetched();
    assert.deepEqual([status, type], [200, 'text/plain; version=0.0.4; charset=utf-8']);
    const families = parse(body);
    const { version, started } = await angod.get('/v1/status');
    assert.equal(value(families, 'angod_build_info', { version }), 1);
    assert.equal(value(families, 'process_start_time_seconds'), Date.parse(started) / 1000);
    assert.ok(value(families, 'angod_uptime_seconds') <= (Date.now() - Date.parse(started)) / 1000 + 1);
    assert.ok(value(families, 'process_resident_memory_bytes') > 1e6);
    for (const [plugin, live, state] of [
        ['one', 1, 'live'],
        ['two', 1, 'live'],
        ['missing', 0, 'no-module'],
    ]) {
        assert.equal(value(families, 'angod_plugin_live', { plugin }), live);
        assert.deepEqual(
            families
                .get('angod_plugin_state')
                .samples.filter(({ labels }) => labels.plugin === plugin)
                .map(({ labels, value: is }) => [labels.state, is]),
            [[state, 1]],
        );
        assert.equal(value(families, 'angod_plugin_connects_total', { plugin }), live);
        assert.deepEqual([...finished(families, plugin), ...open(families, plugin)], [0, 0, 0, 0, 0, 0]);
    }
    for (const module of ['witness', 'witness-concurrent']) assert.equal(value(families, 'angod_module_generation', { module }), 1);
    assert.equal((await fetched('-X', 'POST')).status, 405);
});

test('every series is of a plugin, or of a module, or alone', async () => {
    for (const { name, samples } of (await metrics()).values())
        for (const { labels } of samples) {
            const { plugin, module, state, outcome, le, version, ...others } = labels;
            assert.deepEqual(others, {}, name);
            assert.ok([undefined, 'one', 'two', 'missing'].includes(plugin), name);
            assert.ok([undefined, 'witness', 'witness-concurrent'].includes(module), name);
        }
});

test('runs count: by outcome when they have ended, with the time that hosts took', async () => {
    angod.expect(failed('It cannot be done.'));
    const before = await metrics();
    for (let i = 0; i < 3; ++i) await system.settled(system.run('one'));
    await system.settled(system.run('two', { end: 'fail' }));
    const gate = system.gate(),
        running = system.run('two', { gate }),
        waiting = system.run('two');
    await system.running(running);
    const job = await until(() => system.job(waiting), 'the job that waits');
    const meanwhile = await metrics();
    assert.deepEqual(
        finished(meanwhile, 'one').map((count, i) => count - finished(before, 'one')[i]),
        [3, 0, 0],
    );
    assert.deepEqual(
        finished(meanwhile, 'two').map((count, i) => count - finished(before, 'two')[i]),
        [0, 1, 0],
    );
    assert.deepEqual(open(meanwhile, 'two'), [1, 1, 0]);
    assert.equal(value(meanwhile, 'angod_hosts', { plugin: 'two' }), 1);
    assert.ok(value(meanwhile, 'angod_hosts_resident_memory_bytes', { plugin: 'two' }) > 1e6);
    assert.equal((await angod.ctl('job', job.id, 'cancel')).code, 0);
    await system.settled(waiting);
    system.open(gate);
    await system.settled(running);
    const after = await metrics();
    assert.deepEqual(
        finished(after, 'two').map((count, i) => count - finished(before, 'two')[i]),
        [1, 1, 1],
    );
    for (const [plugin, runs] of [
        ['one', 3],
        ['two', 2],
    ]) {
        // the cancelled run never started
        assert.equal(
            value(after, 'angod_run_duration_seconds_count', { plugin }) - value(before, 'angod_run_duration_seconds_count', { plugin }),
            runs,
        );
        assert.ok(value(after, 'angod_run_duration_seconds_sum', { plugin }) > value(before, 'angod_run_duration_seconds_sum', { plugin }));
    }
});

test('a host that crashes counts for its module', async () => {
    angod.expect(hostAborted);
    const crashes = async (module) => value(await metrics(), 'angod_host_crashes_total', { module });
    const [before, other] = [await crashes('witness'), await crashes('witness-concurrent')];
    await system.settled(system.run('two', { end: 'crash' }));
    assert.deepEqual([await crashes('witness'), await crashes('witness-concurrent')], [before + 1, other]);
});

test('a plugin that connects again counts as that', async () => {
    const counts = async () => {
        const families = await metrics();
        return ['connects', 'reconnects'].map((what) => value(families, `angod_plugin_${what}_total`, { plugin: 'one' }));
    };
    assert.deepEqual(await counts(), [1, 0]);
    angod.expect(linkLost);
    hub.link(system.id('one')).drop();
    await until(async () => (await angod.plugin('one')).connects === 2, 'the second connection');
    assert.deepEqual(await counts(), [2, 1]);
});

test('an answer counts as waiting until Hub has it, and its job not as finished', async () => {
    const link = hub.link(system.id('one'));
    const [before] = finished(await metrics(), 'one');
    link.noPong(); // the answer arrives, but angod gets no proof of it
    const session = system.run('one');
    await until(async () => (await system.job(session))?.state === 'answering', 'the answer');
    const waiting = await metrics();
    assert.equal(value(waiting, 'angod_answers_waiting', { plugin: 'one' }), 1);
    assert.deepEqual([open(waiting, 'one'), finished(waiting, 'one')[0]], [[0, 0, 1], before]);
    angod.expect(linkLost);
    link.drop();
    link.lift();
    await system.settled(session);
    const after = await metrics();
    assert.equal(value(after, 'angod_answers_waiting', { plugin: 'one' }), 0);
    assert.equal(finished(after, 'one')[0], before + 1);
});

test('a file that is refused counts under its name, whatever that is', async () => {
    const file = path.join(angod.moduleDir, 'od"d \\ name.so');
    angod.expect(
        new RegExp(`^module refused: ${escape(file)}: `),
        /^not connected: no module "nowhere" in the module folders is ready; 1 file there was refused/,
    );
    fs.writeFileSync(file, 'no module', { mode: 0o755 });
    const families = await until(async () => {
        const now = await metrics();
        return now.get('angod_module_refused_files').samples.some((sample) => sample.value === 1) && now;
    }, 'the refusal');
    const refused = families.get('angod_module_refused_files').samples.filter((sample) => sample.value > 0);
    const shown = (await angod.get('/v1/modules')).modules.find((module) => module.state === 'rejected');
    assert.deepEqual(
        refused.map(({ labels }) => labels),
        [{ module: shown.id }],
    );
    assert.equal(value(families, 'angod_module_generation', { module: shown.id }), 0);
});

test('angoctl metrics prints the same', async () => {
    const { code, stdout } = await angod.ctl('metrics');
    assert.equal(code, 0);
    const [printed, there] = [parse(stdout), await metrics()];
    assert.deepEqual([...printed.keys()], [...there.keys()]);
    assert.deepEqual(finished(printed, 'two'), finished(there, 'two'));
});
