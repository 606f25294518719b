// /v1/logs and angoctl logs: the last lines of the log, and new lines.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { program, run, until } from './lib/angod.mjs';
import { failed } from './lib/lines.mjs';
import { RawServer } from './lib/raw_server.mjs';
import { System } from './lib/system.mjs';

let system, server, peer, angod;
before(async () => {
    server = await RawServer.start(async (one) => {
        await one.accept();
        peer = one;
    });
    system = await System.start({ plugins: { one: {}, two: { max_attempts: 1 }, raw: { hub: { url: server.url } } } }, false);
    ({ angod } = system);
    for (const name of ['one', 'two']) await system.hub.waitForLight(system.id(name), 'green');
    await until(() => peer, 'the first heartbeat');
});
after(async () => {
    await system?.close();
    await server?.close();
});

const objects = (text) =>
    text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line));
async function logs(query = '') {
    const { stdout } = await run('curl', [
        '-sS',
        '--max-time',
        '10',
        '-w',
        '%{http_code} %{content_type}',
        '--unix-socket',
        angod.socket,
        `http://angod/v1/logs${query}`,
    ]);
    const end = stdout.lastIndexOf('\n') + 1;
    const [, status, type] = /(\d{3}) (\S*)$/.exec(stdout.slice(end));
    return {
        status: Number(status),
        type,
        lines: status === '200' ? objects(stdout.slice(0, end)) : null,
        problem: status === '200' ? null : JSON.parse(stdout.slice(0, stdout.lastIndexOf('}') + 1)),
    };
}

/** A program that keeps running: its output, and its exit code. */
function start(file, words) {
    const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const one = { child, stdout: '', stderr: '', ended: once(child, 'close').then(([code]) => code) };
    for (const stream of ['stdout', 'stderr'])
        child[stream].setEncoding('utf8').on('data', (text) => {
            one[stream] += text;
        });
    one.stop = () => {
        child.kill();
        return one.ended;
    };
    return one;
}
const follow = (query = '') =>
    start('curl', ['-sSN', '--fail-with-body', '--unix-socket', angod.socket, `http://angod/v1/logs?follow=1${query}`]);

/** Makes lines of the log: angod logs each unknown event of Hub. */
let said = 0;
function say(count, word = 'unknown') {
    const names = Array.from({ length: count }, () => `${word}-${++said}`);
    for (const name of names) peer.send(`42/plugin,["${name}",{}]`);
    return names.map((name) => `ignored an event of Hub called ${name}`);
}

test('the last lines are there as the log has them, a JSON object each', async () => {
    await system.settled(system.run('one'));
    const [last] = say(1);
    await until(() => angod.log.some(({ msg }) => msg === last), 'the line');
    const { status, type, lines } = await logs();
    assert.deepEqual([status, type], [200, 'application/x-ndjson']);
    assert.deepEqual(lines, angod.log.slice(0, lines.length));
    assert.ok(lines.some(({ msg }) => msg === last));
});

test('lines can be chosen by level, plugin and job', async () => {
    angod.expect(failed('It cannot be done.'));
    const session = system.run('two', { end: 'fail' });
    await system.settled(session);
    const { id } = await system.job(session);
    const all = (await logs()).lines;
    for (const [query, wanted] of [
        ['level=error', ({ level }) => level === 'error'],
        ['level=info', ({ level }) => level !== 'debug'],
        ['plugin=two', ({ plugin }) => plugin === 'two'],
        [`job=${id}`, ({ job }) => job === id],
        [`plugin=two&job=${id}&level=error`, ({ job, level }) => job === id && level === 'error'],
    ]) {
        const { lines } = await logs(`?follow=0&${query}`);
        assert.deepEqual(lines, all.filter(wanted), query);
        assert.ok(lines.length > 0, query);
    }
    assert.equal((await logs('?plugin=nobody')).problem.error.message, 'there is no plugin "nobody", and no line of such a plugin is kept');
    assert.deepEqual((await logs('?level=warn')).lines, (await logs('?level=warning')).lines);
});

for (const query of ['level=loud', 'follow=yes', 'colour=red', 'follow'])
    test(`?${query} is refused with a sentence`, async () => {
        const { status, type, problem } = await logs(`?${query}`);
        assert.deepEqual([status, type, problem.error.code], [400, 'application/json', 'invalid']);
        assert.ok(problem.error.message.length > 10);
    });

test('no more than a thousand lines are kept', async () => {
    const names = say(1200);
    await until(() => angod.log.some(({ msg }) => msg === names.at(-1)), 'the last line');
    const { lines } = await logs();
    assert.equal(lines.length, 1000);
    assert.deepEqual(
        lines
            .map(({ msg }) => msg)
            .filter((msg) => msg.startsWith('ignored'))
            .slice(-900),
        names.slice(-900),
    );
});

test('a follower gets what is kept and then each line as it comes, and leaves no trace', async () => {
    const one = follow('&plugin=raw');
    const before = (await logs('?plugin=raw')).lines.length;
    await until(() => objects(one.stdout).length === before, 'what is kept');
    for (let round = 0; round < 3; ++round) {
        // each line arrives at once: the next one is written when the previous one is there
        const [name] = say(1);
        await until(() => objects(one.stdout).at(-1).msg === name, 'the line');
    }
    await system.settled(system.run('one'));
    const [last] = say(1);
    await until(() => objects(one.stdout).at(-1).msg === last, 'the last line');
    assert.ok(objects(one.stdout).every(({ plugin }) => plugin === 'raw'));
    await one.stop();
});

test('a reader that stops reading loses lines and is told how many; angod goes on, and others miss nothing', async () => {
    const LINES = 20000,
        WORD = 'x'.repeat(80);
    const slow = net.connect(angod.socket),
        other = follow('&plugin=raw');
    let text = '';
    slow.setEncoding('latin1').on('data', (piece) => {
        text += piece;
    });
    slow.write('GET /v1/logs?follow=1&plugin=raw HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => text.includes('\r\n\r\n') && text.includes('unknown-'), 'the first lines');
    const [first] = say(1);
    await until(() => text.includes(first), 'the line before the pause');
    slow.pause();
    let last;
    for (let i = 0; i < LINES; i += 500) {
        // the other one keeps reading
        last = say(500, WORD).at(-1);
        await until(() => other.stdout.includes(last), 'the lines at the other reader');
    }
    assert.equal((await system.settled(system.run('one'))).answers.length, 1);
    slow.resume();
    const [end] = say(1);
    await until(() => text.includes(end) && other.stdout.includes(end), 'the last line at both');
    slow.destroy();
    await other.stop();

    const came = (body) => {
        const lines = objects(body);
        return lines.slice(lines.findIndex(({ msg }) => msg === first) + 1);
    };
    const chunks = text
        .slice(text.indexOf('\r\n\r\n') + 4)
        .split('\r\n')
        .filter((_, i) => i % 2 === 1)
        .join('');
    const got = came(chunks),
        gaps = got.filter((line) => 'left_out' in line),
        missing = gaps.reduce((sum, gap) => sum + gap.left_out, 0);
    assert.ok(missing > 0, 'it was slow enough');
    assert.equal(got.length - gaps.length + missing, LINES + 1, 'each line came or was counted');
    for (const gap of gaps) {
        assert.equal(gap.level, 'warning');
        assert.match(gap.msg, /^\d+ lines? (was|were) left out: they came faster than they were read$/);
    }
    const numbers = got.filter((line) => !('left_out' in line)).map(({ msg }) => Number(msg.split('-').at(-1)));
    assert.ok(
        numbers.every((number, i) => i === 0 || number > numbers[i - 1]),
        'in their order',
    );
    const whole = came(other.stdout);
    assert.deepEqual([whole.length, whole.filter((line) => 'left_out' in line)], [LINES + 1, []]);
});

test('sixteen may follow; the next is told so until one leaves', async () => {
    const followers = Array.from({ length: 16 }, () => follow());
    for (const one of followers) await until(() => one.stdout.length > 0, 'a follower');
    const { status, problem } = await logs('?follow=1');
    assert.deepEqual([status, problem.error.code], [503, 'full']);
    assert.equal((await logs()).status, 200);
    await followers.pop().stop();
    let next;
    await until(async () => {
        next = follow();
        await until(() => next.stdout.includes('"level"') || next.child.exitCode !== null, 'lines, or the end');
        return next.child.exitCode === null;
    }, 'a place');
    for (const one of [...followers, next]) await one.stop();
});

test("secrets do not appear: neither an API key that a module prints, nor a plugin's own", async () => {
    const one = follow();
    const session = system.run('one', { print: 'event' });
    const { event } = system.hub.session(session);
    await system.settled(session);
    await until(() => one.stdout.includes('printed: '), 'what the module printed');
    assert.ok(event.apiKey.length > 20);
    for (const text of [one.stdout, (await angod.ctl('logs')).stdout, JSON.stringify((await logs()).lines)]) {
        assert.ok(text.includes('***') && text.includes('printed: '));
        for (const secret of [event.apiKey, system.plugins.one.secret]) assert.ok(!text.includes(secret));
    }
    await one.stop();
});

test('angoctl logs -f shows new lines at once, --json as JSON; wrong options are reported', async () => {
    const words = ['--socket', angod.socket, 'logs', '-f', '--plugin', 'raw', '--level', 'debug'];
    const text = start(program('angoctl'), words),
        json = start(program('angoctl'), [...words, '--json']);
    for (let round = 0; round < 2; ++round) {
        const [name] = say(1);
        await until(() => text.stdout.includes(`debug   ${name}  [plugin=raw]\n`) && json.stdout.includes(name), 'the line in both');
    }
    assert.equal(objects(json.stdout).at(-1).plugin, 'raw');
    await Promise.all([text.stop(), json.stop()]);
    const wrong = await angod.ctl('logs', '--level', 'loud');
    assert.deepEqual([wrong.code, wrong.stdout], [2, '']);
    assert.equal(wrong.stderr, 'there is no level "loud"; known: debug, info, warning, warn, error\n');
});

describe('a second angod with a log in text format', () => {
    let other;
    const ctl = (...words) => start(program('angoctl'), ['--socket', other.angod.socket, 'logs', ...words]);
    before(async () => {
        other = await System.start({ plugins: { one: {} }, config: { log: { level: 'info', format: 'text' } } });
    });
    after(() => other.close());

    test('angoctl logs prints what the log says, line by line', async () => {
        await other.settled(other.run('one'));
        const { code, stdout } = await other.angod.ctl('logs');
        assert.equal(code, 0);
        assert.ok(other.angod.logText.startsWith(stdout) && stdout.split('\n').length > 3, stdout);
    });

    test('a follower comes to its end with angod: well if it stops, with a sentence if it is killed', async () => {
        const one = ctl('-f');
        await until(() => one.stdout.includes('connected to Hub'), 'the first lines');
        assert.equal((await other.angod.stop()).code, 0);
        assert.equal(await one.ended, 0);
        assert.match(one.stdout, /SIGTERM received/);
        await other.angod.start();
        const two = ctl('-f');
        await until(() => two.stdout.includes('angod'), 'the first lines');
        await other.angod.kill();
        assert.equal(await two.ended, 1);
        assert.match(two.stderr, /^angod's answer broke off: /);
        await other.angod.start();
        await other.connected();
    });
});
