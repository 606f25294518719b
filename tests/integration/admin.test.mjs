import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build, fixture, run, until } from './lib/angod.mjs';
import { failed as runFailed } from './lib/lines.mjs';
import { System } from './lib/system.mjs';

let system, hub, angod, gate, running, waiting, done, failed;
before(async () => {
    system = await System.start(
        { plugins: { one: {}, two: { max_attempts: 1 }, missing: { module: 'nowhere', kind: undefined } }, config: { drain_s: 1 } },
        false,
    );
    ({ hub, angod } = system);
    for (const name of ['one', 'two']) await hub.waitForLight(system.id(name), 'green');
    angod.expect(/^not connected: no module "nowhere" in the module folders is ready$/, runFailed('It cannot be done.'));
    done = system.run('two');
    await system.settled(done);
    failed = system.run('two', { end: 'fail' });
    await system.settled(failed);
    gate = system.gate();
    running = system.run('one', { gate }, { ack: true });
    await system.running(running);
    waiting = [system.run('one', {}, { ack: true }), system.run('one', {}, { ack: true })];
    for (const session of [running, ...waiting]) await hub.waitFor(() => hub.session(session).acked, 5000, 'the record of an event');
});
after(() => system.close());

/** Status and body of a request. */
async function request(target, ...words) {
    const { stdout } = await run('curl', [
        '-sS',
        '--max-time',
        '10',
        '-w',
        '\n%{http_code} %{content_type}',
        '--unix-socket',
        angod.socket,
        ...words,
        `http://angod${target}`,
    ]);
    const lines = stdout.split('\n');
    const [status, type] = lines.pop().split(' ');
    return { status: Number(status), type, body: JSON.parse(lines.join('\n')) };
}
const sessionsOf = (jobs) => jobs.map((job) => JSON.parse(job.session));

test('/v1/status says what runs', async () => {
    const { status, type, body } = await request('/v1/status');
    assert.deepEqual([status, type], [200, 'application/json']);
    assert.equal(body.state, 'running');
    assert.equal(body.pid, angod.pid);
    assert.equal(body.state_dir, angod.stateDir);
    assert.deepEqual(body.plugins, { total: 3, live: 2 });
    assert.deepEqual(body.modules, { ready: 2, rejected: 0 });
    assert.deepEqual(body.jobs, { queued: 2, running: 1, answering: 0 });
    const limit = Number(/^Max open files +\d+ +(\d+)/m.exec(fs.readFileSync(`/proc/${angod.pid}/limits`, 'utf8'))[1]);
    assert.equal(body.descriptors.limit, limit, 'the soft limit is raised to the hard one');
    assert.equal(body.descriptors.used, fs.readdirSync(`/proc/${angod.pid}/fd`).length + 1, 'with the connection of this request');
    assert.ok(Date.parse(body.started) <= Date.now() && body.resident_bytes > 1e6 && body.hosts >= 1);
});

test('/v1/plugins shows the state of each plugin, and /v1/plugins/NAME that of one', async () => {
    const { body } = await request('/v1/plugins');
    assert.deepEqual(
        body.plugins.map((plugin) => plugin.name),
        ['missing', 'one', 'two'],
    );
    const [missing, one] = body.plugins;
    assert.deepEqual(
        [one.id, one.module, one.module_version, one.kind, one.state, one.reason, one.queued, one.running, one.answering, one.connects],
        [system.id('one'), 'witness', '1.0', 'input', 'live', '', 2, 1, 0, 1],
    );
    assert.ok(Date.parse(one.last_heartbeat) <= Date.now());
    assert.deepEqual(
        one.hosts.map((host) => [host.pid, host.jobs]),
        [[system.runs(running)[0].pid, 1]],
    );
    assert.equal(missing.state, 'no-module');
    assert.match(missing.reason, /no module "nowhere"/);
    assert.deepEqual((await request('/v1/plugins/missing')).body.name, 'missing');
});

test('/v1/jobs lists the newest first and can be filtered by plugin, state and number', async () => {
    const all = (await request('/v1/jobs')).body.jobs;
    assert.deepEqual(sessionsOf(all), [...waiting].reverse().concat(running, failed, done));
    assert.deepEqual(sessionsOf(await angod.jobs('?plugin=two')), [failed, done]);
    assert.deepEqual(sessionsOf(await angod.jobs('?state=done')), [done]);
    assert.deepEqual(sessionsOf(await angod.jobs('?state=failed&plugin=two')), [failed]);
    assert.deepEqual(sessionsOf(await angod.jobs('?state=running')), [running]);
    assert.deepEqual(sessionsOf(await angod.jobs('?state=queued')), [...waiting].reverse());
    assert.deepEqual(sessionsOf(await angod.jobs('?limit=2')), [...waiting].reverse());
});

test('a limit counts the jobs that are shown, not those that the filter leaves out', async () => {
    assert.deepEqual(sessionsOf(await angod.jobs('?state=running&limit=1')), [running]);
    assert.deepEqual(sessionsOf(await angod.jobs('?state=queued&limit=2')), [...waiting].reverse());
});

test('/v1/jobs/ID shows the outcome of a job', async () => {
    const { id } = await system.job(failed);
    const { status, body } = await request(`/v1/jobs/${id}`);
    assert.equal(status, 200);
    assert.deepEqual(
        [body.id, body.plugin, body.kind, body.session, body.state, body.problem],
        [id, 'two', 'input', JSON.stringify(failed), 'failed', 'It cannot be done.'],
    );
    assert.ok(Date.parse(body.created) <= Date.parse(body.finished));
});

for (const [target, status, code, words] of [
    ['/', 404, 'not_found'],
    ['/v1', 404, 'not_found'],
    ['/v1/nothing', 404, 'not_found'],
    ['/v1/plugins/nobody', 404, 'not_found'],
    ['/v1/jobs/nothing', 404, 'not_found'],
    ['/v1/jobs/', 404, 'not_found'],
    ['/v1/plugins/', 404, 'not_found'],
    ['/v1/jobs?state=lost', 400, 'invalid'],
    ['/v1/jobs?plugin=nobody', 400, 'invalid'],
    ['/v1/jobs?match=', 400, 'invalid'],
    ['/v1/jobs?match=0123&state=done', 400, 'invalid'],
    ['/v1/logs?plugin=nobody', 400, 'invalid'],
    ['/v1/jobs?limit=0', 400, 'invalid'],
    ['/v1/jobs?limit=x', 400, 'invalid'],
    ['/v1/jobs?limit=99999', 400, 'invalid'],
    ['/v1/jobs?colour=red', 400, 'invalid'],
    ['/v1/status', 405, 'method_not_allowed', ['-X', 'POST']],
    ['/v1/plugins', 405, 'method_not_allowed', ['-X', 'DELETE']],
    ['/v1/plugins/one', 405, 'method_not_allowed', ['-X', 'PUT']],
    ['/v1/jobs', 405, 'method_not_allowed', ['-d', '{}']],
    ['/v1/jobs/x', 405, 'method_not_allowed', ['-X', 'DELETE']],
    ['/v1/shutdown', 405, 'method_not_allowed'],
])
    test(`${words?.[0] === '-d' ? 'POST' : (words?.[1] ?? 'GET')} ${target} is answered with ${status}, a code and a sentence`, async () => {
        const { status: got, type, body } = await request(target, ...(words ?? []));
        assert.deepEqual([got, type, body.error?.code], [status, 'application/json', code], JSON.stringify(body));
        assert.ok(body.error.message.length > 5);
    });

test('the admin socket has the mode of the configuration, and no other user can open it', () => {
    assert.equal(fs.statSync(angod.socket).mode & 0o777, 0o660);
});

test('angoctl prints tables for people', async () => {
    const status = await angod.ctl('status');
    assert.equal(status.code, 0);
    assert.match(status.stdout, /^state +running$/m);
    assert.match(status.stdout, /^plugins +3 total, 2 live$/m);
    const plugins = (await angod.ctl('plugins')).stdout.split('\n');
    assert.match(plugins[0], /^PLUGIN +STATE +KIND +CONNECTOR +MODULE +QUEUED +RUNNING +ANSWERING +LAST HEARTBEAT +REASON$/);
    assert.match(plugins[1], /^missing +no-module .*no module "nowhere"/);
    assert.match(plugins[2], /^one +live +input +ws +witness +2 +1 +0 /);
    const jobs = (await angod.ctl('jobs', '--plugin', 'two', '--state', 'failed')).stdout.trimEnd().split('\n');
    assert.equal(jobs.length, 2);
    assert.match(jobs[1], /two +failed .*It cannot be done\.$/);
    assert.match((await angod.ctl('plugin', 'one')).stdout, /^state +live$/m);
    assert.match((await angod.ctl('job', (await system.job(done)).id)).stdout, /^state +done$/m);
    assert.equal((await angod.ctl('jobs', '--limit', '1')).stdout.trimEnd().split('\n').length, 2);
});

test('angoctl --json prints what the daemon answers', async () => {
    assert.deepEqual(
        JSON.parse((await angod.ctl('--json', 'plugins')).stdout).plugins.map((plugin) => plugin.name),
        ['missing', 'one', 'two'],
    );
    assert.equal(JSON.parse((await angod.ctl('status', '--json')).stdout).pid, angod.pid);
    assert.deepEqual(sessionsOf(JSON.parse((await angod.ctl('--json', 'jobs', '--state', 'done')).stdout).jobs), [done]);
});

test('angoctl prints errors on stderr and ends with code 1 for a failure, 2 for wrong usage', async () => {
    const unknown = await angod.ctl('plugin', 'nobody');
    assert.deepEqual([unknown.code, unknown.stdout, unknown.stderr.trim()], [1, '', 'there is no plugin "nobody"']);
    assert.equal((await angod.ctl('dance')).code, 2);
    assert.equal((await angod.ctl()).code, 2);
    const nobody = await run(path.join(build, 'bin/angoctl'), ['--socket', path.join(system.dir, 'none.sock'), 'status'], true);
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /is angod running/);
});

test('angoctl inspect describes a module file without a daemon, and refuses other files', async () => {
    const angoctl = path.join(build, 'bin/angoctl');
    const { stdout } = await run(angoctl, ['inspect', fixture('witness_concurrent')]);
    const about = JSON.parse(stdout);
    assert.deepEqual(
        [about.id, about.version, about.concurrent, about.kinds.sort()],
        ['witness-concurrent', '1.0', true, ['export', 'input']],
    );
    for (const file of [path.join(system.dir, 'nothing.so'), angoctl, angod.writeConfig()]) {
        const refused = await run(angoctl, ['inspect', file], true);
        assert.equal(refused.code, 1, file);
        assert.ok(refused.stderr.trim().length > 10 && refused.stdout === '');
    }
});

test('angoctl shutdown waits until running jobs are answered, and ends angod with code 0', async () => {
    assert.match((await angod.ctl('shutdown')).stdout, /draining/);
    await until(() => angod.log.some((line) => line.msg.startsWith('stopping')), 'the drain');
    system.open(gate);
    assert.deepEqual(await angod.exited, { code: 0, signal: null });
    assert.equal(hub.session(running).answers.length, 1);
    assert.equal(fs.existsSync(angod.socket), false);
    assert.deepEqual(
        waiting.map((session) => hub.session(session).answers.length),
        [0, 0],
    );
});
