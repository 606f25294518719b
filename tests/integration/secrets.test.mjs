import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fixture, until } from './lib/angod.mjs';
import { failed, hostAborted, hostKilled, linkLost } from './lib/lines.mjs';
import { System } from './lib/system.mjs';

const pluginSecret = randomUUID();
let system, hub, angod;
before(async () => {
    system = await System.start(
        {
            modules: ['witness', 'witness_concurrent', 'tricks'].map(fixture),
            plugins: {
                input: {},
                export: { type: 'Export' },
                tricks: { module: 'tricks', max_attempts: 1 },
                'from-env': { secret: undefined, secret_env: 'PLUGIN_SECRET' },
            },
            config: { crash: { count: 1000 } },
            env: { PLUGIN_SECRET: pluginSecret },
        },
        false,
    );
    ({ hub, angod } = system);
    hub.plugins.get(system.id('from-env')).secret = pluginSecret;
    angod.allow(linkLost); // of plugins that were already connected
    hub.link('all').drop(); // and the next heartbeat is right
    await system.connected();
});
after(() => system.close());

const files = (folder) =>
    fs
        .readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
/** Files of state_dir that contain one of the texts. */
const holding = (texts) =>
    files(angod.stateDir).filter((file) => {
        let bytes;
        try {
            bytes = fs.readFileSync(file);
        } catch {
            // the file has disappeared meanwhile
            return false;
        }
        return texts.some((text) => bytes.includes(text));
    });

async function everythingSaid() {
    const jobs = await angod.jobs('?limit=1000');
    const said = [
        angod.logText,
        JSON.stringify(await angod.get('/v1/status')),
        JSON.stringify(await angod.get('/v1/plugins')),
        JSON.stringify(jobs),
    ];
    for (const job of jobs.slice(0, 5)) said.push(JSON.stringify(await angod.get(`/v1/jobs/${job.id}`)));
    for (const words of [
        ['status'],
        ['plugins'],
        ['jobs'],
        ['logs'],
        ['logs', '--json'],
        ['metrics'],
        ['--json', 'jobs'],
        ['--json', 'plugins'],
        ['job', jobs[0].id],
        ['plugin', 'tricks'],
    ]) {
        const { stdout, stderr } = await angod.ctl(...words);
        said.push(stdout + stderr);
    }
    return said.join('\n');
}

/** A user of Hub with an API key of their own: part of a run's request. */
function newUser() {
    const runBy = `user-${randomUUID()}`;
    return { runBy, key: hub.apiKeyOf(runBy) };
}
const partsOf = (key) => [key.slice(0, 12), key.slice(12, 24), key.slice(-12)];
/** Secrets of runs that have ended. None of them may be left at the end. */
const toBeErased = [];

test('while a job is open, its event lies in files of mode 0600 only', async () => {
    for (const [name, size] of [
        ['input', 10],
        ['input', 500_000],
        ['export', 10],
        ['export', 500_000],
    ]) {
        const gate = system.gate(),
            { runBy, key } = newUser(),
            mark = `payload-${randomUUID()}`;
        const session = system.run(name, { gate }, { ack: true, runBy, extra: { mark, pad: 'p'.repeat(size) } });
        await system.running(session);
        await hub.waitFor(() => hub.session(session).acked, 10000, 'the record of the event');
        const found = holding([key, mark]);
        assert.ok(found.length > 0, 'it is recorded');
        for (const file of found) assert.equal(fs.statSync(file).mode & 0o777, 0o600, file);
        assert.equal(fs.statSync(angod.stateDir).mode & 0o777, 0o700);
        system.open(gate);
        await system.settled(session);
        toBeErased.push(key, mark);
    }
});

for (const [name, extra, ...said] of [
    ['tricks', { trick: 'secret' }, failed('I failed with {')],
    ['input', { print: 'event', end: 'crash' }, hostAborted],
    ['input', { print: 'event', logPad: 1, end: 'fail' }, failed('It cannot be done.')],
    ['input', { logPad: 1, end: 'retry' }, /^attempt 1 of 2 failed: The service is busy\./, failed('The service is busy.')],
])
    test(`a module that is given ${JSON.stringify(extra)} brings no API key into a log, an answer, a file or a line for Hub`, async () => {
        const { runBy, key } = newUser();
        angod.expect(...said);
        const session = system.run(name, extra, { runBy });
        await hub.waitForSession(session, 20000);
        assert.ok(hub.session(session).logs.length > 0);
        for (const text of [await everythingSaid(), JSON.stringify([hub.session(session).logs, hub.session(session).answers])])
            for (const part of partsOf(key)) assert.ok(!text.includes(part), `${part} in ${text}`);
        toBeErased.push(...partsOf(key));
    });

test('an API key that JSON writes with escapes is masked as well', async () => {
    angod.expect(failed('I failed with {'));
    const key = `key"with\\both-${randomBytes(10).toString('hex')}`;
    const { logs } = await hub.waitForSession(system.run('tricks', { trick: 'secret' }, { extra: { apiKey: key } }));
    for (const text of [await everythingSaid(), JSON.stringify(logs)]) assert.ok(!text.includes(key.slice(-20)), text);
});

test('an API key is masked where a long line is cut in its middle', async () => {
    const { key } = newUser();
    const event = { session: randomBytes(12).toString('hex'), orgId: 'o', apiKey: key, diary: system.diaryFile };
    const before = JSON.stringify(event).indexOf(key) + key.length / 2;
    for (const change of [{ print: 'event', printPad: 2000 - before }, { logPad: 8192 - before }]) {
        hub.run(system.id('input'), { raw: { ...event, ...change } });
        await hub.waitForSession(event.session);
    }
    await until(() => angod.log.some((line) => line.msg.includes('"orgId":"o"')), 'the printed event');
    for (const text of [await everythingSaid(), JSON.stringify(hub.session(event.session).logs)])
        for (const part of [key.slice(0, 12), key.slice(-12)]) assert.ok(!text.includes(part), `${part} in ${text}`);
});

test('an API key in a printed line that ends only with a later run is masked', async () => {
    const { runBy, key } = newUser();
    await hub.waitForSession(system.run('input', { print: 'event', printOpen: 1 }, { runBy, extra: { note: 'open line' } }));
    await hub.waitForSession(system.run('input', { print: 'closing' }));
    await until(() => angod.log.some((line) => line.msg.includes('open line')), 'the printed event');
    assert.ok(!(await everythingSaid()).includes(key));
});

test('an API key that is printed just before the run ends is masked, again and again', async () => {
    const { runBy, key } = newUser();
    const sessions = Array.from({ length: 200 }, () => system.run('input', { print: 'event' }, { runBy, extra: { note: 'last words' } }));
    for (const session of sessions) await hub.waitForSession(session, 20000);
    await until(() => angod.log.filter((line) => line.msg.includes('last words')).length >= 200, 'what was printed');
    assert.equal(angod.log.filter((line) => line.msg.includes(key)).length, 0, 'lines with the key');
});

test('plugin secrets are in no log, answer, file of state_dir, command line or environment of a host', async () => {
    const gate = system.gate();
    const sessions = ['input', 'from-env'].map((name) => system.run(name, { gate }));
    for (const session of sessions) await system.running(session);
    const secrets = Object.values(system.plugins).map((plugin) => hub.plugins.get(plugin.id).secret);
    assert.ok(secrets.includes(pluginSecret));
    const said = await everythingSaid();
    for (const secret of secrets) assert.ok(!said.includes(secret));
    assert.deepEqual(holding(secrets), []);
    for (const session of sessions) {
        const { pid } = system.runs(session)[0];
        for (const what of ['environ', 'cmdline']) {
            const text = fs.readFileSync(`/proc/${pid}/${what}`, 'utf8');
            for (const secret of secrets) assert.ok(!text.includes(secret), what);
        }
    }
    system.open(gate);
    for (const session of sessions) await system.settled(session);
});

test("a host holds none of angod's sockets, only the channel to it", async () => {
    angod.expect(hostKilled);
    const gate = system.gate();
    const session = system.run('input', { gate });
    const [{ pid: first }] = await system.running(session);
    process.kill(first, 'SIGKILL'); // the next host starts while all links are up
    const { pid } = (await system.running(session, 2))[1];
    const open = fs.readdirSync(`/proc/${pid}/fd`).map((fd) => [fd, fs.readlinkSync(`/proc/${pid}/fd/${fd}`)]);
    assert.deepEqual(open.filter(([, target]) => target.startsWith('socket:')).length, 1, JSON.stringify(open));
    system.open(gate);
    await system.settled(session);
});

test('apiKey and payload of ended jobs are in no file of state_dir', async () => {
    assert.ok(toBeErased.length > 10);
    await until(() => holding(toBeErased).length === 0, 'what has ended to be erased');
});

test('data of runs that a kill interrupted are erased after the next angod has done them', async () => {
    const gate = system.gate(),
        { runBy, key } = newUser();
    const session = system.run('input', { gate }, { ack: true, runBy });
    await system.running(session);
    await hub.waitFor(() => hub.session(session).acked, 10000, 'the record of the event');
    await angod.kill('SIGKILL');
    assert.ok(holding([key]).length > 0);
    system.open(gate);
    await angod.start({ PLUGIN_SECRET: pluginSecret });
    await system.settled(session);
    await until(() => holding([key]).length === 0, 'the key to be erased');
    await system.connected();
});
