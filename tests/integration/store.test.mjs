import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Angod, build, run, until } from './lib/angod.mjs';
import { hostKilled } from './lib/lines.mjs';
import { needTools } from './lib/needs.mjs';
import { SmallDisk, withoutSmallDisks } from './lib/small_disk.mjs';
import { System } from './lib/system.mjs';

const temporary = (name) => fs.mkdtempSync(path.join(os.tmpdir(), `angod-${name}-`));

/** Starts an angod that must end by itself with this sentence, and returns its exit code. */
async function refusal(angod, sentence) {
    angod.expect(sentence);
    await assert.rejects(angod.start(), /ended at start/);
    const { code } = await angod.exited;
    fs.rmSync(angod.dir, { recursive: true, force: true });
    return code;
}

test('a second angod on a state_dir ends with code 1 and a clear sentence; the first goes on', async () => {
    await System.use({ plugins: { input: {} } }, async (system) => {
        const code = await refusal(
            new Angod(system.hub, { plugins: [], stateDir: system.angod.stateDir }),
            new RegExp(`^cannot start: another angod is using the state_dir ${system.angod.stateDir}$`),
        );
        assert.equal(code, 1);
        assert.equal((await system.settled(system.run('input'))).state, 'answered');
    });
});

test('a second angod on an admin socket ends with code 1 and a clear sentence; the first goes on', async () => {
    await System.use({ plugins: { input: {} } }, async (system) => {
        const second = new Angod(system.hub, { plugins: [], config: { admin: { socket: system.angod.socket } } });
        // The harness must not mistake the answers of the first angod for those of the second.
        second.socket = path.join(second.dir, 'never.sock');
        const code = await refusal(second, /^cannot start: .*another process already listens on/);
        assert.equal(code, 1);
        assert.equal((await system.angod.get('/v1/status')).state, 'running');
    });
});

test('an admin socket whose path is too long for a socket is refused with its path and the limit', async () => {
    const angod = new Angod({ url: 'http://127.0.0.1:1', apiUrl: 'http://127.0.0.1:1' }, { plugins: [] });
    const socket = path.join(angod.dir, 's'.repeat(108 - angod.dir.length - 1));
    assert.equal(socket.length, 108);
    angod.config.admin.socket = socket;
    assert.equal(await refusal(angod, new RegExp(`^cannot start: the socket path ${socket} is longer than 107 bytes$`)), 3);
});

test('an admin socket of the longest path that a socket can have works, and so does a state_dir longer than that', async () => {
    const folder = temporary('long'),
        stateDir = path.join(folder, 'x'.repeat(200 - folder.length - 1));
    const socket = path.join(folder, 's'.repeat(107 - folder.length - 1));
    assert.deepEqual([stateDir.length, socket.length], [200, 107]);
    const module = { module: 'witness-concurrent' };
    await System.use(
        { plugins: { input: module, export: { ...module, type: 'Export' } }, stateDir, config: { admin: { socket } } },
        async (system) => {
            for (const name of ['input', 'export']) assert.equal((await system.settled(system.run(name))).state, 'answered', name);
        },
    );
    fs.rmSync(folder, { recursive: true });
});

test('a store of a newer schema is refused and left as it is', async () => {
    await System.use({ plugins: { input: {} } }, async (system) => {
        const { angod } = system;
        await system.settled(system.run('input'));
        await angod.stop();
        const file = path.join(angod.stateDir, 'jobs.db');
        assert.deepEqual(
            fs.readdirSync(angod.stateDir).filter((name) => name.startsWith('jobs.db')),
            ['jobs.db'],
            'a clean stop leaves one file',
        );
        const original = fs.readFileSync(file);
        const change = 'update meta set value = 1000 where name = "oldest_schema"; pragma user_version = 1000';
        const script = 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.executescript(sys.argv[2]); db.close()';
        execFileSync('python3', ['-c', script, file, change]);
        const newer = fs.readFileSync(file);
        angod.expect(/^cannot start: .*jobs\.db was written by a newer angod/);
        await assert.rejects(angod.start(), /ended at start/);
        assert.equal((await angod.exited).code, 3);
        assert.deepEqual(fs.readFileSync(file), newer);
        fs.writeFileSync(file, original);
        await angod.start();
        await system.connected();
        assert.equal((await system.settled(system.run('input'))).state, 'answered');
    });
});

test('a store that is damaged is refused with code 3, its name and the remedy', async () => {
    const stateDir = temporary('state');
    fs.writeFileSync(path.join(stateDir, 'jobs.db'), 'this is no database, and long enough to be sure of that'.repeat(20));
    const code = await refusal(
        new Angod({ url: 'http://127.0.0.1:1', apiUrl: 'http://127.0.0.1:1' }, { plugins: [], stateDir }),
        new RegExp(
            `^cannot start: the job store ${stateDir}/jobs\\.db is damaged: it is no SQLite database, or its beginning is overwritten\\. angod has changed nothing\\. Run "angod store check"`,
        ),
    );
    assert.equal(code, 3);
    fs.rmSync(stateDir, { recursive: true });
});

needTools('sqlite3');
test('ended jobs are kept for retention_days, and jobs that wait longer than that stay', async () => {
    await System.use({ plugins: { input: {}, full: {} }, config: { retention_days: 2, drain_s: 0 } }, async (system) => {
        const { angod } = system;
        const [old, young] = [system.run('input'), system.run('input')];
        for (const session of [old, young]) await system.settled(session);
        const gate = system.gate();
        const waiting = system.run('full', { gate }, { ack: true });
        await system.running(waiting);
        const id = (await system.job(old)).id;
        await angod.stop();
        const days = (n) => Date.now() - n * 86_400_000;
        await run('sqlite3', [
            path.join(angod.stateDir, 'jobs.db'),
            `UPDATE jobs SET created_ms=${days(3)}, finished_ms=${days(2.1)} WHERE session LIKE '%${old}%';` +
                `UPDATE jobs SET created_ms=${days(3)}, finished_ms=${days(1.9)} WHERE session LIKE '%${young}%';`,
        ]);
        system.open(gate);
        await angod.start();
        await until(async () => !(await angod.jobs()).some((job) => job.id === id), 'the old job to go');
        await system.settled(waiting);
        assert.ok(await system.job(young));
        assert.equal((await system.job(waiting)).state, 'done');
    });
});

test('hosts are started from the program that angod was started with, after it is deleted or replaced on disk', async () => {
    const bin = temporary('bin');
    for (const name of fs.readdirSync(path.join(build, 'bin'))) fs.copyFileSync(path.join(build, 'bin', name), path.join(bin, name));
    await System.use({ plugins: { input: { max_attempts: 5 } }, bin }, async (system) => {
        const host = path.join(bin, 'angod-host');
        system.angod.expect(hostKilled);
        for (const change of [() => fs.rmSync(host), () => fs.writeFileSync(host, '#!/bin/false\n', { mode: 0o755 })]) {
            change();
            const gate = system.gate();
            const session = system.run('input', { gate });
            const [{ pid }] = await system.running(session);
            process.kill(pid, 'SIGKILL');
            await system.running(session, 2);
            system.open(gate);
            assert.equal((await system.settled(session)).state, 'answered');
            assert.notEqual(system.runs(session)[1].pid, pid);
        }
    });
    fs.rmSync(bin, { recursive: true });
});

test(
    'on a full disk an event is answered with an error at once, an answer is sent all the same, and all is well when there is room again',
    { skip: withoutSmallDisks },
    async () => {
        const disk = SmallDisk.mount(6),
            stateDir = disk.dir;
        await System.use(
            { plugins: { input: { concurrency: 2 }, export: { type: 'Export' } }, stateDir, config: { state_dir: stateDir } },
            async (system) => {
                const { hub, angod } = system;
                angod.expect(
                    /^a run could not be recorded: the job store: database or disk is full$/,
                    /^a run could not be recorded: cannot write .*: No space left on device$/,
                    /^the answer could not be recorded \(.*\); it is sent all the same and recorded when that works$/,
                );
                const gate = system.gate();
                const early = system.run('input', { gate, size: 400_000 });
                await system.running(early);
                await system.settled(system.run('export'));
                disk.fill();
                for (const name of ['input', 'export'])
                    for (const size of [200_000, 300_000]) {
                        const session = system.run(name, { pad: 'p'.repeat(size) }, { ack: true });
                        const { answers, logs } = await hub.waitForSession(session, 10_000);
                        assert.deepEqual(
                            answers.map((one) => one.message),
                            [{ error: true, session }],
                            `${name} ${size}`,
                        );
                        assert.match(logs.at(-1).msg, /cannot take this run/);
                    }
                system.open(gate);
                const { answers } = await hub.waitForSession(early, 10_000);
                assert.match(answers[0].message.response, /^attempt 1x+$/);
                await until(
                    () => angod.log.some((line) => line.level === 'error' && line.msg.startsWith('the answer could not be recorded')),
                    'the log to say so',
                );
                disk.free();
                for (const name of ['input', 'export']) assert.equal((await system.settled(system.run(name))).state, 'answered');
                await until(async () => (await system.job(early)).state === 'done', 'the answer to be recorded after all');
                assert.deepEqual(
                    (await angod.jobs()).filter((job) => !['done', 'failed'].includes(job.state)),
                    [],
                );
                await angod.stop();
                await angod.start();
                await system.connected();
                await system.settled(system.run('input'));
                for (const record of hub.sessions.all()) assert.equal(record.answers.length, 1);
            },
        );
        disk.remove();
    },
);
