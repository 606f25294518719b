// A file system, a directory service and a process start that do not answer. The event loop goes on, and what cannot be
// read is told.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { patient } from '../hub/lib/patience.mjs';
import { example, fixture, until } from './lib/angod.mjs';
import { parse, value } from './lib/metrics.mjs';
import { System } from './lib/system.mjs';

let dir;
before(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-hanging-'));
});
after(() => fs.rmSync(dir, { recursive: true, force: true }));

/** A folder of its own for each system, with what may hang below `files`. */
class Hanging {
    constructor(name) {
        this.folder = path.join(dir, name);
        fs.mkdirSync(path.join(this.folder, 'files'), { recursive: true });
        // Longer than a stall that is told.
        const ms = String(patient(500));
        this.env = { LD_PRELOAD: fixture('hanging_calls'), ANGOD_TEST_HANG: this.folder, ANGOD_TEST_HANG_MS: ms };
    }
    path(name) {
        return path.join(this.folder, 'files', name);
    }
    begin(what) {
        fs.writeFileSync(path.join(this.folder, `${what}.hangs`), '');
    }
    end(what) {
        fs.rmSync(path.join(this.folder, `${what}.hangs`), { force: true });
    }
}

const loop = async (system) => (await system.angod.get('/v1/status')).event_loop;
const works = async (system) => {
    assert.equal((await system.settled(system.run('one'))).state, 'answered');
    assert.equal(system.hub.plugin(system.id('one')).light, 'green');
};

describe('a module folder on a file system that does not answer', () => {
    let hanging, system;
    before(async () => {
        hanging = new Hanging('modules');
        fs.mkdirSync(hanging.path('modules'));
        fs.copyFileSync(example('echo'), hanging.path('modules/echo.so'));
        fs.chmodSync(hanging.path('modules/echo.so'), 0o755);
        const moduleDirs = [hanging.path('modules'), path.join(dir, 'good')];
        fs.mkdirSync(moduleDirs[1]);
        for (const name of ['witness', 'witness_concurrent']) fs.copyFileSync(fixture(name), path.join(moduleDirs[1], `${name}.so`));
        system = await System.start({ plugins: { one: {} }, env: hanging.env, config: { module_dirs: moduleDirs } });
    });
    after(async () => {
        hanging.end('files');
        await system.close();
    });

    it('costs no other folder anything: runs, answers to operators and new modules go on', async () => {
        system.angod.expect(
            /^the module folder .*\/files\/modules does not answer: a call of the system has not returned within 2 s; its modules stay as they are until it can be read$/,
        );
        hanging.begin('files');
        fs.copyFileSync(example('export_lines_cpp'), path.join(dir, 'good', 'export_lines_cpp.so'));
        const modules = async () => (await system.angod.get('/v1/modules')).modules.map(({ id, state }) => `${id} ${state}`);
        await until(async () => (await modules()).includes('export-lines-cpp ready'), 'the module of the other folder');
        await works(system);
        assert.ok((await modules()).includes('echo ready'), 'the module of the folder that does not answer stays');
    });

    it('is read again when it answers', async () => {
        system.angod.expect(/^module echo .* no longer serves: its file .*echo\.so is gone$/);
        fs.rmSync(hanging.path('modules/echo.so'));
        hanging.end('files');
        await until(() => /the module folder .*\/files\/modules can be read again/.test(system.angod.logText), 'the folder to be read');
        await until(
            async () => !(await system.angod.get('/v1/modules')).modules.some(({ id, generation }) => id === 'echo' && generation > 0),
            'the removed module to end',
        );
    });

    it('does not keep angod from stopping', async () => {
        system.angod.expect(/does not answer/);
        hanging.begin('files');
        fs.copyFileSync(example('echo'), path.join(dir, 'good', 'echo.so')); // a reason to look
        await until(() => system.angod.logText.split('does not answer').length > 2, 'the folder to be silent again');
        assert.deepEqual(await system.angod.stop(), { code: 0, signal: null });
    });
});

describe('a module file that cannot be read to its end', () => {
    it('is refused for the time being, and looked at again', async () => {
        const hanging = new Hanging('file');
        const options = { plugins: { one: {} }, modules: [], env: hanging.env, config: { module_dirs: [hanging.path('')] } };
        await System.use(
            options,
            async (system) => {
                system.angod.expect(/^module refused: .*witness\.so does not answer: a call of the system has not returned within 10 s$/);
                system.angod.allow(/no module "witness" in the module folders is ready/);
                hanging.begin('reads');
                fs.copyFileSync(fixture('witness'), hanging.path('witness.so'));
                await until(() => /module refused/.test(system.angod.logText), 'the refusal');
                hanging.end('reads');
                await system.connected();
                await works(system);
            },
            false,
        );
    });
});

describe('a configuration on a file system that does not answer', () => {
    it('is not taken over, and the present one goes on', async () => {
        const hanging = new Hanging('config');
        fs.mkdirSync(hanging.path('plugins.d'));
        await System.use({ plugins: { one: {} }, env: hanging.env, config: { plugin_dir: hanging.path('plugins.d') } }, async (system) => {
            hanging.begin('files');
            const reload = system.angod.ctl('reload');
            await works(system);
            const { code, stderr } = await reload;
            assert.equal(code, 1);
            assert.match(stderr, /the configuration does not answer: a call of the system has not returned within 10 s/);
            hanging.end('files');
            await until(async () => (await system.angod.ctl('reload')).code === 0, 'a reload');
            await works(system);
        });
    });
});

describe('the files of a run on a file system that does not answer', () => {
    it('delay its answer by their limit after the end of its host, and nothing else', async () => {
        const hanging = new Hanging('scratch');
        await System.use({ plugins: { one: {}, other: { timeout_s: 1 } }, env: hanging.env }, async (system) => {
            system.angod.expect(
                /^job \S+ reached its time-out and is asked to stop$/,
                /^job \S+ does not stop; its host is ended$/,
                /^job \S+: the folder .*\/scratch\/.* does not answer: a call of the system has not returned within 5 s; the next start of angod removes it$/,
                /The plugin did not finish within its limit of 1 second/,
            );
            await works(system);
            const session = system.run('other', { gate: system.gate(), end: 'ignore-cancel' });
            await system.running(session);
            hanging.begin('scratch');
            await until(() => fs.existsSync(path.join(hanging.folder, 'scratch.waits')), 'the clean-up to hang');
            assert.equal((await system.hub.waitForSession(system.run('one'))).state, 'answered');
            assert.equal((await system.settled(session)).state, 'failed');
            assert.equal((await system.settled(system.run('other'))).state, 'answered'); // in a new host
            assert.equal((await loop(system)).long_stalls, 0);
            hanging.end('scratch');
        });
    });
});

describe('a module folder that is removed while it does not answer', () => {
    it('counts as missing as soon as it answers, and holds up nothing until then', async () => {
        const hanging = new Hanging('removed');
        const good = path.join(dir, 'stays');
        fs.mkdirSync(good);
        for (const name of ['witness', 'witness_concurrent']) fs.copyFileSync(fixture(name), path.join(good, `${name}.so`));
        fs.mkdirSync(hanging.path('modules'));
        fs.copyFileSync(example('echo'), hanging.path('modules/echo.so'));
        const config = { module_dirs: [hanging.path('modules'), good] };
        await System.use({ plugins: { one: {} }, modules: [], env: hanging.env, config }, async (system) => {
            system.angod.expect(
                /^the module folder .*\/files\/modules does not answer: a call of the system has not returned within 2 s; its modules stay as they are until it can be read$/,
                /^the module folder .*\/files\/modules does not exist; make it, or correct module_dirs in the configuration$/,
            );
            system.angod.allow(/^module echo .* no longer serves: /);
            const modules = async () => (await system.angod.get('/v1/modules')).modules;
            const echo = async () => (await modules()).some(({ id, state }) => id === 'echo' && state === 'ready');
            await until(echo, 'the module of the folder');
            hanging.begin('files');
            fs.rmSync(hanging.path('modules'), { recursive: true });
            await until(() => /files\/modules does not answer/.test(system.angod.logText), 'the folder to be silent');
            await works(system);
            assert.ok(await echo(), 'its module stays');
            hanging.end('files');
            await until(async () => !(await echo()), 'its module to end');
            await works(system);
            assert.equal((await loop(system)).long_stalls, 0);
        });
    });
});

describe('a secret_file on a file system that does not answer', () => {
    it('costs a reload by a signal its changes, and keeps neither runs nor a stop waiting', async () => {
        const hanging = new Hanging('secret');
        await System.use({ plugins: { one: {}, other: {} }, env: hanging.env }, async (system) => {
            const { angod } = system;
            const { secret, ...other } = angod.config.plugins[1];
            fs.writeFileSync(hanging.path('secret'), secret, { mode: 0o600 });
            angod.config.plugins[1] = { ...other, secret_file: hanging.path('secret') };
            angod.writeConfig();
            angod.expect(
                /^the configuration was not taken, the present one goes on: the configuration does not answer: a call of the system has not returned within 10 s$/,
            );
            hanging.begin('reads');
            process.kill(angod.pid, 'SIGHUP');
            await until(() => fs.existsSync(path.join(hanging.folder, 'reads.waits')), 'the reload to hang');
            await works(system);
            await until(() => /the configuration was not taken/.test(angod.logText), 'the end of the reload');
            const { code, stderr } = await angod.ctl('reload'); // the first one still hangs
            assert.equal(code, 1);
            assert.match(stderr, /the configuration does not answer: an earlier call of the system for it has not returned yet/);
            assert.equal((await system.settled(system.run('other'))).state, 'answered');
            assert.equal((await loop(system)).long_stalls, 0);
            assert.deepEqual(await angod.stop(), { code: 0, signal: null });
        });
    });
});

describe('a disk that does not answer', () => {
    it('keeps the answers of runs that are not on it waiting, and holds up nothing else', async () => {
        const hanging = new Hanging('disk');
        const options = { plugins: { one: {}, other: {} }, env: hanging.env, config: { durability: 'power' } };
        await System.use(options, async (system) => {
            await works(system);
            const gate = system.gate();
            const inWork = system.run('other', { gate });
            await system.running(inWork);
            hanging.begin('disk');
            const session = system.run('one');
            await until(() => fs.existsSync(path.join(hanging.folder, 'disk.waits')), 'a write to wait for the disk');
            system.open(gate);
            await until(() => system.diary(inWork).some(({ what }) => what === 'end'), 'the other run to end');
            assert.equal((await system.angod.get('/v1/status')).state, 'running');
            assert.equal(system.hub.plugin(system.id('one')).light, 'green');
            assert.equal(system.hub.session(session).state, 'running');
            assert.equal((await loop(system)).long_stalls, 0);
            hanging.end('disk');
            for (const one of [session, inWork]) assert.equal((await system.settled(one)).state, 'answered');
        });
    });
});

describe('a directory service that does not answer', () => {
    it('ends the start with a sentence', async () => {
        const hanging = new Hanging('group');
        hanging.begin('group');
        const socket = path.join(hanging.folder, 'admin.sock');
        await assert.rejects(
            System.start({ plugins: { one: {} }, env: hanging.env, config: { admin: { socket, group: 'root' } } }),
            /cannot start: cannot open the admin socket .*admin\.sock: the system has not said within 10 s which group \\"root\\" is; check its directory service \(LDAP, SSSD\), or remove admin\.group from the configuration/,
        );
    });
});

describe('a start of a process that does not return', () => {
    it('holds up the runs that need a new host, and nothing else', async () => {
        const hanging = new Hanging('spawn');
        await System.use({ plugins: { one: {}, other: {} }, env: hanging.env }, async (system) => {
            await system.angod.ctl('plugin', 'other', 'restart');
            await until(async () => (await system.angod.plugin('other')).hosts.length === 0, 'the host to end');
            await until(async () => (await system.angod.plugin('other')).state === 'live', 'the plugin to be live');
            await works(system);
            hanging.begin('spawn');
            const session = system.run('other'); // needs a host
            await until(() => fs.existsSync(path.join(hanging.folder, 'spawn.waits')), 'the start of a process');
            await works(system);
            hanging.end('spawn');
            assert.equal((await system.settled(session)).state, 'answered');
            assert.equal((await loop(system)).long_stalls, 0);
        });
    });

    it('does not keep angod from its stop', async () => {
        const hanging = new Hanging('spawn at the end');
        await System.use({ plugins: { one: {} }, env: hanging.env }, async (system) => {
            await system.angod.ctl('plugin', 'one', 'restart');
            await until(async () => (await system.angod.plugin('one')).hosts.length === 0, 'the host to end');
            await until(async () => (await system.angod.plugin('one')).state === 'live', 'the plugin to be live');
            hanging.begin('spawn');
            system.run('one');
            await until(() => fs.existsSync(path.join(hanging.folder, 'spawn.waits')), 'the start of a process');
            await system.angod.stop();
        });
    });
});

describe('an event loop that is held up', () => {
    it('is measured and told, with the place', async () => {
        const hanging = new Hanging('wait');
        await System.use({ plugins: { one: {} }, env: hanging.env }, async (system) => {
            system.angod.expect(/^the event loop was held up for \d+ ms, and so was all that angod does; it was in .*waitid/);
            await works(system);
            hanging.begin('wait');
            const restarted = system.angod.ctl('plugin', 'one', 'restart'); // ends the host
            await until(() => fs.existsSync(path.join(hanging.folder, 'wait.waits')), 'the question whether the host has ended');
            hanging.end('wait');
            await restarted;
            const { longest_stall_ms, longest_stall_at, long_stalls, where } = await loop(system);
            assert.equal(long_stalls, 1);
            assert.ok(longest_stall_ms >= 200, `${longest_stall_ms} ms`);
            assert.match(where, /waitid/);
            assert.ok(Date.parse(longest_stall_at) <= Date.now());
            const metrics = parse((await system.angod.ctl('metrics')).stdout);
            assert.equal(value(metrics, 'angod_event_loop_stalls_total'), 1);
            assert.equal(value(metrics, 'angod_event_loop_longest_stall_seconds'), longest_stall_ms / 1000);
        });
    });
});
