// angod under a service manager: its messages to systemd, and the unit file of packages.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build, program, until } from './lib/angod.mjs';
import { needTools } from './lib/needs.mjs';
import { System } from './lib/system.mjs';

needTools('python3', 'systemd-analyze');
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

test('it says that it stops', async () => {
    assert.deepEqual(await angod.stop(), { code: 0, signal: null });
    await until(() => states().at(-1).STOPPING === '1', 'the last message');
    assert.deepEqual(states().at(-1), { STOPPING: '1', STATUS: 'draining' });
});

test('the unit is in order', () => {
    const text = fs.readFileSync(path.join(build, 'packaging/angod.service'), 'utf8');
    assert.match(text, /^ExecStart=\/\S+\/angod --config \/etc\/angod\/angod\.json$/m);
    const unit = path.join(dir, 'angod.service');
    fs.writeFileSync(unit, text.replace(/^ExecStart=\S+/m, `ExecStart=${program('angod')}`).replace(/^User=.*$/m, 'User=root'));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, '']);
});
