// A store that is damaged, or that angod may not use: angod says so at its start, "angod store check" says what is lost, and
// "angod store salvage" makes a new store of the rest, also if it is killed.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Angod, build, program, run } from './lib/angod.mjs';
import { needTools } from './lib/needs.mjs';
import { SmallDisk, withoutSmallDisks } from './lib/small_disk.mjs';
import { System } from './lib/system.mjs';

needTools('sqlite3', 'setpriv');
const PAGE = 4096;
const nowhere = { url: 'http://127.0.0.1:1', apiUrl: 'http://127.0.0.1:1' };
const store = (angod, ...words) => run(path.join(angod.bin, 'angod'), ['store', ...words, '--config', angod.writeConfig()], true);
const sql = (file, text) => execFileSync('sqlite3', [file, text], { encoding: 'utf8' }).trim();

/** A leaf page of the table jobs, by its place in the file. */
function leafOf(file, which) {
    const pages = sql(file, "SELECT pageno FROM dbstat WHERE name='jobs' AND pagetype='leaf' ORDER BY pageno").split('\n');
    return (Number(pages.at(which)) - 1) * PAGE;
}
function overwrite(file, offset, bytes) {
    const fd = fs.openSync(file, 'r+');
    fs.writeSync(fd, bytes, 0, bytes.length, offset);
    fs.closeSync(fd);
}
/** code: 3 if another start cannot help. */
async function refusedStart(angod, sentence, code = 3) {
    angod.expect(sentence);
    await assert.rejects(angod.start(), /ended at start/);
    assert.equal((await angod.exited).code, code);
}
/** A folder with a store of many ended jobs, as angod makes it. */
async function withManyJobs(count, use) {
    await System.use({ plugins: { input: {} } }, async (system) => {
        const { angod } = system;
        await system.settled(system.run('input'));
        await angod.stop();
        const file = path.join(angod.stateDir, 'jobs.db');
        const columns = sql(file, "SELECT group_concat(name) FROM pragma_table_info('jobs') WHERE name NOT IN ('seq', 'id')");
        sql(
            file,
            `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
             INSERT INTO jobs(id, ${columns}) SELECT printf('01900000-0000-7000-8000-%012x', i), ${columns} FROM n, jobs WHERE seq = 1`,
        );
        await use(system, angod, file);
    });
}

test('a damaged store is refused with the commands to run; they tell what is lost, and the new store goes on', async () => {
    await withManyJobs(300, async (system, angod, file) => {
        overwrite(file, leafOf(file, 5), Buffer.alloc(PAGE));
        const damaged = fs.readFileSync(file);
        await refusedStart(
            angod,
            /^cannot start: the job store \S+\/jobs\.db is damaged: [^]*\. angod has changed nothing\. Run "angod store check" with the same --config, which shows what is lost, and then "angod store salvage", which makes a new store of all that can be read and keeps the old one$/,
        );
        assert.deepEqual(fs.readFileSync(file), damaged);

        const check = await store(angod, 'check');
        assert.equal(check.code, 1, check.stderr);
        const [, readable, lost] = check.stdout.match(
            /^Table jobs: (\d+) rows can be read, (\d+) rows lost \(database disk image is malformed\):$/m,
        );
        assert.equal(Number(readable) + Number(lost), 301);
        assert.match(check.stdout, /^ {2}row \d+ \(01900000-0000-7000-8000-[0-9a-f]{12}\)$/m);
        assert.match(check.stdout, /^Back up the folder, or restore a backup\. Otherwise run "angod store salvage"/m);
        assert.deepEqual(fs.readFileSync(file), damaged);

        const salvage = await store(angod, 'salvage');
        assert.deepEqual([salvage.code, salvage.stderr], [0, '']);
        assert.match(salvage.stdout, new RegExp(`^Table jobs: ${readable} rows kept, ${lost} rows lost`, 'm'));
        const [, kept] = salvage.stdout.match(
            /^The old store is kept in (\S+)\. It holds secrets; remove it when you do not need it any more\.$/m,
        );
        assert.deepEqual(fs.readFileSync(path.join(kept, 'jobs.db')), damaged);
        assert.equal(fs.statSync(kept).mode & 0o777, 0o700);

        const again = await store(angod, 'check');
        assert.equal(again.code, 0, again.stdout);
        assert.ok(again.stdout.endsWith(`The store in ${angod.stateDir} is in order.\n`));
        await angod.start();
        await system.connected();
        assert.equal((await system.settled(system.run('input'))).state, 'answered');
        assert.equal((await angod.jobs('?limit=1000')).length, Number(readable) + 1);
    });
});

test('while angod runs, check and salvage say so and do nothing', async () => {
    await System.use({ plugins: { input: {} } }, async ({ angod }) => {
        const check = await store(angod, 'check');
        assert.deepEqual(
            [check.code, check.stdout],
            [1, `An angod is using ${angod.stateDir}. Stop it first, for example with "systemctl stop angod".\n`],
        );
        const salvage = await store(angod, 'salvage');
        assert.deepEqual(
            [salvage.code, salvage.stdout, salvage.stderr],
            [1, '', `error: an angod is using ${angod.stateDir}; stop it first, for example with "systemctl stop angod"\n`],
        );
    });
});

test('a store command needs a configuration and one of its two words', async () => {
    for (const words of [['store'], ['store', 'mend'], ['store', 'check'], ['store', 'check', '--config', '/nowhere/angod.json']])
        assert.equal((await run(program('angod'), words, true)).code, 2, words.join(' '));
});

test('a salvage that is killed at any moment leaves a store that a later salvage or start completes', async () => {
    await withManyJobs(3000, async (system, angod, file) => {
        overwrite(file, leafOf(file, 20), Buffer.alloc(PAGE));
        const saved = path.join(angod.dir, 'saved');
        fs.cpSync(angod.stateDir, saved, { recursive: true });
        const config = angod.writeConfig();
        let killed = 0;
        for (const delay of [1, 3, 6, 10, 15, 20, 30, 45]) {
            fs.rmSync(angod.stateDir, { recursive: true });
            fs.cpSync(saved, angod.stateDir, { recursive: true });
            const child = spawn(path.join(angod.bin, 'angod'), ['store', 'salvage', '--config', config], { stdio: 'ignore' });
            setTimeout(() => child.kill('SIGKILL'), delay);
            const [, signal] = await once(child, 'exit');
            killed += signal === 'SIGKILL' ? 1 : 0;
            const { code, stderr } = await store(angod, 'salvage');
            assert.equal(code, 0, stderr);
            assert.equal((await store(angod, 'check')).code, 0);
            const rows = Number(sql(file, 'SELECT count(*) FROM jobs'));
            assert.ok(rows > 2900 && rows < 3001, `${rows} rows`);
            const kept = fs.readdirSync(angod.stateDir).filter((name) => /^damaged-.*Z$/.test(name));
            assert.ok(kept.length > 0, 'the old store is kept');
        }
        assert.ok(killed > 0, 'at least one was killed');
        await angod.start();
        await system.connected();
        assert.equal((await system.settled(system.run('input'))).state, 'answered');
    });
});

test(
    'files that another user owns after a start as root are named with the command that mends it',
    {
        skip: process.getuid() !== 0 && 'only root can become somebody else',
    },
    async () => {
        const open = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-owner-'));
        fs.chmodSync(open, 0o755);
        // Other users may not be able to read the build folder.
        for (const name of ['angod', 'angod-host']) fs.copyFileSync(path.join(build, 'bin', name), path.join(open, name));
        const launcher = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
        const stateDir = path.join(open, 'state');
        fs.mkdirSync(stateDir);
        fs.chownSync(stateDir, 65534, 65534);
        const file = path.join(stateDir, 'jobs.db');
        fs.writeFileSync(file, '', { mode: 0o600 });
        const angod = new Angod(nowhere, { plugins: [], stateDir, bin: open, launcher });
        fs.chmodSync(angod.dir, 0o777);
        const config = angod.writeConfig();
        fs.chmodSync(config, 0o644);
        const who = 'nobody';
        const sentence = `${file} cannot be written by the user ${who}: it belongs to the user root, for example after a start as that user; run: chown ${who} ${file}`;
        await refusedStart(angod, new RegExp(`^cannot start: ${sentence}$`), 1);
        const check = await run(launcher[0], [...launcher.slice(1), path.join(open, 'angod'), 'store', 'check', '--config', config], true);
        assert.equal(check.code, 1);
        assert.ok(check.stdout.includes(`${sentence}.\n`), check.stdout);
        fs.chownSync(file, 65534, 65534);
        fs.chmodSync(file, 0o400);
        await refusedStart(
            angod,
            new RegExp(
                `^cannot start: ${file} cannot be written by its owner, the user ${who}: its mode is 0400; run: chmod u\\+rw ${file}$`,
            ),
            1,
        );
        fs.rmSync(angod.dir, { recursive: true });
        fs.rmSync(open, { recursive: true });
    },
);

test('a state_dir on a read-only file system is named as that, by the start and by the check', { skip: withoutSmallDisks }, async () => {
    const disk = SmallDisk.mount(4);
    execFileSync('mount', ['-o', 'remount,ro', disk.dir]);
    const angod = new Angod(nowhere, { plugins: [], stateDir: disk.dir });
    const sentence = `${disk.dir} cannot be written: it is on a read-only file system; mount that writable, or name another folder in the configuration`;
    await refusedStart(angod, new RegExp(`^cannot start: ${sentence}$`), 1);
    const check = await store(angod, 'check');
    assert.equal(check.code, 1);
    assert.ok(check.stdout.startsWith(`${sentence}.\n`) || check.stdout.includes(`\n${sentence}.\n`), check.stdout);
    fs.rmSync(angod.dir, { recursive: true });
    disk.remove();
});

test('without room for a new store a salvage says how much it needs, and changes nothing', { skip: withoutSmallDisks }, async () => {
    await withManyJobs(3000, async (_, angod, file) => {
        overwrite(file, leafOf(file, 20), Buffer.alloc(PAGE));
        const disk = SmallDisk.mount(3);
        fs.copyFileSync(file, path.join(disk.dir, 'jobs.db'));
        disk.fill(100_000);
        const other = new Angod(nowhere, { plugins: [], stateDir: disk.dir });
        const { code, stderr } = await store(other, 'salvage');
        assert.equal(code, 1);
        assert.match(stderr, new RegExp(`^error: ${disk.dir} has only 0 MB of free space; make room until at least \\d+ MB are free\n$`));
        assert.deepEqual(fs.readFileSync(path.join(disk.dir, 'jobs.db')), fs.readFileSync(file));
        fs.rmSync(other.dir, { recursive: true });
        disk.remove();
        fs.rmSync(file);
        await angod.start();
    });
});
