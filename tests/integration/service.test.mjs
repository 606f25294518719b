// angod under a service manager: its messages to systemd, and the unit file of packages.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build, run, until } from './lib/angod.mjs';
import { needTools } from './lib/needs.mjs';
import { System } from './lib/system.mjs';

needTools('python3', 'systemd-analyze', 'cmake', 'readelf');
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-service-'));
process.once('exit', () => fs.rmSync(dir, { recursive: true, force: true }));
const WATCHDOG_US = 900_000;

let manager,
    told = '',
    system,
    angod;
/** The messages of angod, oldest first, without the watchdog's. */
const messages = () =>
    told
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line));
const states = () => messages().filter((message) => !message.WATCHDOG);

before(async () => {
    const socket = path.join(dir, 'notify');
    manager = spawn('python3', [fileURLToPath(new URL('lib/notify.py', import.meta.url)), socket], {
        stdio: ['ignore', 'pipe', 'inherit'],
    });
    manager.stdout.setEncoding('utf8');
    manager.stdout.on('data', (text) => {
        told += text;
    });
    await until(() => told.includes('listening'), 'the notification socket');
    system = await System.start({ plugins: { input: {} }, env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: `${WATCHDOG_US}` } });
    ({ angod } = system);
});
after(async () => {
    await system?.close();
    manager?.kill('SIGKILL');
});

test('it is ready when it takes runs, and says for how many plugins', async () => {
    await until(() => states().length > 0, 'the first message');
    assert.deepEqual(states(), [{ READY: '1', STATUS: '1 plugin' }]);
});

test('it sends watchdog messages more often than it must', async () => {
    const seen = messages().length;
    await until(
        () =>
            messages()
                .slice(seen)
                .filter(({ WATCHDOG }) => WATCHDOG === '1').length >= 3,
        'three signs of life',
    );
});

test('a reload begins and ends, also one that is refused', async () => {
    for (const good of [true, false]) {
        const before = states().length;
        const file = angod.writeConfig();
        if (!good) {
            fs.writeFileSync(file, '{');
            angod.expect(/^the configuration was not taken, the present one goes on: /);
        }
        process.kill(angod.pid, 'SIGHUP');
        await until(() => states().length === before + 2, 'the end of the reload');
        const [begun, ended] = states().slice(before);
        assert.equal(begun.RELOADING, '1');
        const sinceBoot = Number(process.hrtime.bigint() / 1000n);
        assert.ok(sinceBoot - Number(begun.MONOTONIC_USEC) >= 0 && sinceBoot - Number(begun.MONOTONIC_USEC) < 60e6, begun.MONOTONIC_USEC);
        assert.deepEqual(ended, { READY: '1', STATUS: '1 plugin' });
    }
    angod.writeConfig();
});

test('it says that it stops, and how long that may take: drain_s and a minute', async () => {
    assert.deepEqual(await angod.stop(), { code: 0, signal: null });
    await until(() => states().at(-1).STOPPING === '1', 'the last message');
    assert.deepEqual(states().at(-1), {
        STOPPING: '1',
        STATUS: 'draining',
        EXTEND_TIMEOUT_USEC: `${(angod.config.drain_s + 60) * 1e6}`,
    });
});

describe('an installed angod', () => {
    const prefix = path.join(dir, 'prefix');
    let unit;
    const value = (name) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1];
    before(async () => {
        for (const component of [[], ['--component', 'debug']]) await run('cmake', ['--install', build, '--prefix', prefix, ...component]);
        unit = fs.readFileSync(path.join(prefix, 'lib/systemd/system/angod.service'), 'utf8');
    });

    it('has a unit with the paths of its prefix, which systemd accepts', () => {
        assert.equal(value('ExecStart'), `${prefix}/bin/angod --config /etc/angod/angod.json`);
        const file = path.join(dir, 'angod.service');
        fs.writeFileSync(file, unit.replace(/^User=.*$/m, 'User=root'));
        const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
        assert.deepEqual([status, stderr], [0, '']);
    });

    it('is not started again if that cannot help, and not for ever', async () => {
        assert.equal(value('Restart'), 'on-failure');
        assert.equal(value('RestartPreventExitStatus'), '2 3');
        // A start that fails may take 20 s, and the limit must still be reached.
        const [starts, seconds, wait] = ['StartLimitBurst', 'StartLimitIntervalSec', 'RestartSec'].map((name) => Number(value(name)));
        assert.ok(starts >= 5 && starts * (wait + 20) < seconds, unit);
        const angod = path.join(prefix, 'bin/angod');
        const config = path.join(dir, 'wrong.json');
        fs.writeFileSync(config, '{', { mode: 0o600 });
        assert.equal((await run(angod, ['--config', config], true)).code, 2);
    });

    it('may use many descriptors and threads, has time to stop, and survives a host without memory', () => {
        assert.ok(Number(value('LimitNOFILE')) >= 65536 && Number(value('TasksMax')) >= 4096);
        assert.ok(Number(value('TimeoutStopSec')) >= 30 + 60, 'the default of drain_s and a minute');
        assert.equal(value('OOMPolicy'), 'continue');
    });

    it('has programs and modules without symbols, and their symbols apart, by build id', async () => {
        const files = [
            ...['angod', 'angod-host', 'angoctl'].map((name) => path.join(prefix, 'bin', name)),
            ...fs.readdirSync(path.join(prefix, 'lib/angod/modules')).map((name) => path.join(prefix, 'lib/angod/modules', name)),
        ];
        assert.ok(files.length > 6);
        for (const file of files) {
            assert.doesNotMatch((await run('readelf', ['-SW', file])).stdout, /\.symtab|\.debug_info/, file);
            const [, begin, rest] = /Build ID: (..)(\w+)/.exec((await run('readelf', ['-n', file])).stdout);
            const symbols = path.join(prefix, 'lib/debug/.build-id', begin, `${rest}.debug`);
            assert.match((await run('readelf', ['-SW', symbols])).stdout, /\.debug_info[\s\S]*\.symtab/, file);
        }
    });
});
