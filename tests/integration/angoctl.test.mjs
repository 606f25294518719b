// angoctl as administrators use it: words that are nearly right, short ids, texts for people, and watching.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it, test } from 'node:test';
import { program, run, until } from './lib/angod.mjs';
import { failed as runFailed } from './lib/lines.mjs';
import { needTools } from './lib/needs.mjs';
import { System } from './lib/system.mjs';

needTools('script');
let system, angod, gate, running, failed;
before(async () => {
    // A run waits in a host that drains after a restart of its plugin, until the last case has ended.
    system = await System.start({ plugins: { one: {}, two: { max_attempts: 1 } }, config: { drain_s: 120 } });
    ({ angod } = system);
    failed = system.run('two', { end: 'fail' });
    angod.expect(runFailed('It cannot be done.'));
    await system.settled(failed);
    gate = system.gate();
    running = system.run('one', { gate }, { ack: true });
    await system.running(running);
});
after(async () => {
    if (gate) system.open(gate);
    await system?.close();
});

/** The lines that angoctl prints. */
async function lines(...words) {
    const { code, stdout, stderr } = await angod.ctl(...words);
    assert.deepEqual([code, stderr], [0, '']);
    return stdout.trimEnd().split('\n');
}
async function wrong(code, sentence, ...words) {
    const ended = await angod.ctl(...words);
    assert.deepEqual([ended.code, ended.stdout, ended.stderr], [code, '', `${sentence}\n`], words.join(' '));
}

describe('a word that is nearly right is answered with the one that was meant', () => {
    for (const [sentence, ...words] of [
        ['there is no command "plguins"; did you mean "plugins"? angoctl help lists the commands', 'plguins'],
        ['there is no command "dance"; angoctl help lists the commands', 'dance'],
        ['there is no command "plguins"; did you mean "plugins"? angoctl help lists the commands', 'help', 'plguins'],
        ['a command is missing; angoctl help lists the commands'],
        ['there is no option "--stat"; did you mean "--state"? angoctl help jobs lists the options', 'jobs', '--stat', 'done'],
        ['there is no option "--jsn"; did you mean "--json"? angoctl help status lists the options', 'status', '--jsn'],
        ['there is no option "--xyz"; angoctl help lists the options', '--xyz'],
        ['there is no state "runing"; did you mean "running"?', 'jobs', '--state', 'runing'],
        ['there is no state "lost"; known: queued, running, answering, done, failed, cancelled', 'jobs', '--state', 'lost'],
        ['there is no level "warnig"; did you mean "warning"?', 'logs', '--level', 'warnig'],
        ['there is no verb "enabel"; did you mean "enable"?', 'plugin', 'one', 'enabel'],
        ['the word "more" is one too many; angoctl help status explains the command', 'status', 'more'],
        ['NAME is required; angoctl help plugin explains the command', 'plugin'],
        ['there is no command "a [31mb"; angoctl help lists the commands', 'a\u001b[31mb'],
    ])
        it(`angoctl ${words.join(' ')}`.replaceAll('\u001b', '^'), () => wrong(2, sentence, ...words));

    it('also that of a plugin or a module', async () => {
        await wrong(1, 'there is no plugin "on"; did you mean "one"?', 'plugin', 'on');
        await wrong(1, 'there is no plugin "nobody", and no job of such a plugin is kept', 'jobs', '--plugin', 'nobody');
        await wrong(1, 'there is no plugin "nobody", and no line of such a plugin is kept', 'logs', '--plugin', 'nobody');
        await wrong(1, 'there is no module "witnses"; did you mean "witness"?', 'module', 'witnses');
    });
});

test('angoctl help lists the commands, and angoctl help COMMAND its words and options', async () => {
    const all = (await lines('help')).join('\n');
    for (const command of ['status', 'plugins', 'job', 'logs', 'shutdown', 'run', 'help'])
        assert.match(all, new RegExp(`^  ${command} `, 'm'));
    const one = (await lines('help', 'jobs')).join('\n');
    assert.match(one, /^Usage: angoctl jobs \[OPTIONS\]$/m);
    assert.match(one, /^ +--state TEXT +Only jobs in this state: queued, running/m);
    assert.deepEqual(await lines('jobs', '--help'), one.split('\n'));
});

test('an action is answered with a sentence', async () => {
    assert.deepEqual(await lines('plugin', 'two', 'disable'), ['The plugin "two" is disabled.']);
    await until(async () => (await angod.plugin('two')).state === 'disabled', 'the plugin to be disabled');
    assert.deepEqual(await lines('plugin', 'two', 'enable'), ['The plugin "two" is enabled.']);
    assert.deepEqual(await lines('plugin', 'two', 'restart'), ['The plugin "two" connects again, with new hosts.']);
    assert.deepEqual(await lines('module', 'witness', 'reload'), ['The files of the module "witness" are tried again.']);
    assert.deepEqual(await lines('reload'), ['angod has read the configuration and works with it.']);
    assert.deepEqual(JSON.parse((await lines('reload', '--json'))[0]), { done: true });
    await system.connected();
});

test('durations, sizes and flags are shown as people read them', async () => {
    const status = (await lines('status')).join('\n');
    assert.match(status, /^uptime +\d+ (s|min|min \d+ s)$/m);
    assert.match(status, /^resident +\d+\.\d MB$/m);
    assert.match(status, /^descriptors +\d+ used, \d+ limit$/m);
    const plugin = (await lines('plugin', 'one')).join('\n');
    assert.match(plugin, /^confirmed +(yes|no)$/m);
    assert.match(plugin, /^HOST +JOBS +MEMORY +GENERATION +DRAINING$/m);
    assert.match(plugin, /^\d+ +1 +\d+\.\d MB +\d+ +(yes|no)$/m);
});

describe('an id', () => {
    const idOf = async (session) => (await system.job(session)).id;
    const shown = async (word) => /^id +(\S+)$/m.exec((await lines('job', word)).join('\n'))?.[1];

    it('of a job is short in the table, and each id there finds its job', async () => {
        const rows = (await lines('jobs')).slice(1).map((line) => line.split(' ')[0]);
        const ids = [await idOf(running), await idOf(failed)];
        assert.equal(rows.length, 2);
        for (const [i, short] of rows.entries()) {
            assert.ok(short.length >= 13 && short.length < 36 && ids[i].startsWith(short), short);
            assert.equal(await shown(short), ids[i]);
        }
        assert.match((await lines('logs', '--job', rows[1])).join('\n'), /It cannot be done\./);
    });

    it('of a job may be its session in Hub', async () => assert.equal(await shown(failed), await idOf(failed)));

    it('that fits several is answered with a list of them', async () => {
        const [a, b] = [await idOf(running), await idOf(failed)];
        const common = [...a].findIndex((c, i) => c !== b[i]);
        const begin = a.slice(0, common);
        await wrong(
            1,
            `"${begin}" fits several jobs; write more of the id: ${a} (plugin one, running), ${b} (plugin two, failed)`,
            'job',
            begin,
        );
        await wrong(
            1,
            `"${begin}" fits several jobs; write more of the id: ${a} (plugin one, running), ${b} (plugin two, failed)`,
            'job',
            begin,
            'cancel',
        );
    });

    it('that nothing has, or that is too short, is answered with a sentence', async () => {
        await wrong(1, 'there is no job whose id begins with "ffff", and none with this session', 'job', 'ffff');
        await wrong(1, '"0" is too short for a job: write at least 4 characters of its id', 'job', '0');
        await wrong(1, 'there is no job ffffffff-0000-7000-8000-000000000000', 'job', 'ffffffff-0000-7000-8000-000000000000');
    });

    it('of a plugin in Hub finds the plugin, and the beginning of one of a module finds the module', async () => {
        assert.match((await lines('plugin', system.id('one').slice(0, 12))).join('\n'), /^name +one$/m);
        await wrong(1, '"witn" fits several modules; write more of it: witness, witness-concurrent', 'module', 'witn');
        assert.match((await lines('module', 'witness-c')).join('\n'), /^id +witness-concurrent$/m);
    });
});

/** A program that keeps running, and what it has printed. */
function start(file, words) {
    const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    const one = { child, stdout: '', ended: once(child, 'close') };
    child.stdout.setEncoding('utf8').on('data', (text) => {
        one.stdout += text;
    });
    return one;
}

describe('--watch shows the answer again', { concurrency: true }, () => {
    for (const [command, head] of [
        ['status', /^version /gm],
        ['plugins', /^PLUGIN /gm],
        ['jobs', /^JOB /gm],
        ['modules', /^MODULE /gm],
    ])
        it(`for ${command}, into a pipe without any control character`, async () => {
            const one = start(program('angoctl'), ['--socket', angod.socket, command, '--watch']);
            await until(() => (one.stdout.match(head) ?? []).length === 2, 'the second answer');
            one.child.kill();
            await one.ended;
            assert.doesNotMatch(one.stdout, /[^\n\P{Cc}]/u);
        });

    it('on a terminal in place of the last one', async () => {
        const one = start('script', ['-qec', `${program('angoctl')} --socket ${angod.socket} status --watch`, '/dev/null']);
        await until(() => one.stdout.split('\u001b[H\u001b[2J').length === 3, 'the second answer');
        one.child.kill();
        await one.ended;
        assert.match(one.stdout, /^\u001b\[H\u001b\[2Jversion /);
    });
});

describe('shutdown --wait', () => {
    const alone = (use) => System.use({ plugins: { one: {} }, config: { drain_s: 20 } }, use);

    it('gives up after its time-out, and returns when the process has ended', () =>
        alone(async (other) => {
            const open = other.gate();
            const session = other.run('one', { gate: open });
            await other.running(session);
            const { pid } = other.angod;
            const early = await other.angod.ctl('shutdown', '--wait', '--timeout', '1');
            assert.deepEqual(early, {
                code: 1,
                stdout: '',
                stderr: `angod (process ${pid}) was asked to stop and has not ended within 1 s; running jobs get up to drain_s seconds to finish\n`,
            });
            const waiting = other.angod.ctl('shutdown', '--wait');
            const asked = () => other.angod.log.filter(({ msg }) => msg === 'shutdown requested over the admin socket').length;
            await until(() => asked() === 2, 'the second request');
            other.open(open);
            const { code, stdout } = await waiting;
            assert.equal(code, 0);
            assert.match(stdout, new RegExp(`^angod \\(process ${pid}\\) has ended after \\d+ s\\.\\n$`));
            assert.equal(fs.existsSync(`/proc/${pid}/fd/0`), false);
            assert.deepEqual(await other.angod.exited, { code: 0, signal: null });
        }));

    it('says that no angod is there', async () => {
        const { code, stderr } = await run(program('angoctl'), ['--socket', path.join(system.dir, 'none'), 'shutdown', '--wait'], true);
        assert.equal(code, 1);
        assert.match(stderr, /^cannot connect to \S+\/none: No such file or directory; is angod running, and is --socket right\?\n$/);
    });
});
