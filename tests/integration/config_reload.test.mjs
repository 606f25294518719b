// The configuration changes while angod runs, and an operator disables and enables plugins.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { until } from './lib/angod.mjs';
import { linkLost } from './lib/lines.mjs';
import { System } from './lib/system.mjs';

let system, hub, angod;
before(async () => {
    system = await System.start({ plugins: { stays: {}, changes: {}, goes: {} } });
    ({ hub, angod } = system);
});
after(() => system.close());

const live = (name) => hub.waitFor(() => hub.plugin(system.id(name)).live === 1, 20000, `${name} to connect`);
const silent = (name) => hub.waitFor(() => hub.plugin(system.id(name)).live === 0, 20000, `${name} to leave`);
const answered = async (name) => assert.equal((await system.settled(system.run(name))).answers[0].message.response, 'attempt 1');
const entry = (name) => angod.config.plugins.find((plugin) => plugin.name === name);

test('a plugin that is added connects, and the others notice nothing', async () => {
    const { connects } = await angod.plugin('stays');
    system.plugins.comes = hub.createPlugin({ name: 'comes', type: 'Input' });
    const { id, secret } = system.plugins.comes;
    angod.config.plugins.push({ name: 'comes', id, secret, module: 'witness', kind: 'input' });
    angod.writeConfig();
    assert.equal((await angod.ctl('reload')).code, 0);
    await live('comes');
    await answered('comes');
    assert.equal((await angod.plugin('stays')).connects, connects);
});

test('a plugin whose entry changes connects anew; a run that is under way ends and is answered once', async () => {
    const gate = system.gate();
    const session = system.run('changes', { gate });
    await system.running(session);
    entry('changes').concurrency = 3;
    angod.writeConfig();
    process.kill(angod.pid, 'SIGHUP');
    await until(
        async () => angod.log.some(({ plugin, msg }) => plugin === 'changes' && msg === 'its configuration has changed'),
        'the change',
    );
    await live('changes');
    system.open(gate);
    assert.equal((await system.settled(session)).answers.length, 1);
    assert.equal(system.runs(session).length, 1);
    await answered('changes');
});

test('a removed plugin ends its runs and disconnects', async () => {
    const gate = system.gate();
    const session = system.run('goes', { gate });
    await system.running(session);
    angod.config.plugins = angod.config.plugins.filter(({ name }) => name !== 'goes');
    angod.writeConfig();
    const done = angod.ctl('reload');
    await until(async () => (await angod.plugin('goes')).state === 'disabled', 'the plugin to leave');
    system.open(gate);
    assert.equal((await done).code, 0);
    await silent('goes');
    assert.equal((await system.settled(session)).answers.length, 1);
    assert.ok(!(await angod.get('/v1/plugins')).plugins.some(({ name }) => name === 'goes'));
});

test('a new secret in a file is used from the next reload on, and no other plugin is affected', async () => {
    const { connects } = await angod.plugin('stays');
    const file = path.join(system.dir, 'secret');
    const { id, secret } = (system.plugins.rotated = hub.createPlugin({ name: 'rotated', type: 'Input' }));
    fs.writeFileSync(file, `${secret}\n`, { mode: 0o600 });
    angod.config.plugins.push({ name: 'rotated', id, secret_file: file, module: 'witness', kind: 'input' });
    angod.writeConfig();
    assert.equal((await angod.ctl('reload')).code, 0);
    await live('rotated');
    await answered('rotated');

    angod.expect(linkLost);
    hub.set({ onBadSecret: 'disconnect' });
    hub.plugins.get(id).secret = '0f6b27c4-rotated-secret';
    hub.link(id).drop();
    await until(
        async () => /check the plugin's id and secret$/.test((await angod.plugin('rotated')).reason),
        'the old secret to be refused',
    );

    fs.writeFileSync(file, '');
    const { code, stderr } = await angod.ctl('reload');
    assert.equal(code, 1);
    assert.match(stderr, /plugins\[\d\]\.secret_file: \S+\/secret is empty/);
    fs.writeFileSync(file, '0f6b27c4-rotated-secret\n');
    assert.equal((await angod.ctl('reload')).code, 0);
    await live('rotated');
    await answered('rotated');
    assert.equal((await angod.plugin('rotated')).reason, '');
    assert.equal((await angod.plugin('stays')).connects, connects);
    assert.ok(!angod.logText.includes('rotated-secret'));
    hub.set({ onBadSecret: 'silence' });
});

test('a configuration with a mistake changes nothing, and the answer names it', async () => {
    const good = angod.config;
    angod.config = { ...good, drain_s: 'long', plugins: [] };
    angod.writeConfig();
    const { code, stderr } = await angod.ctl('reload');
    assert.equal(code, 1);
    assert.match(stderr, /drain_s: must be a whole number/);
    angod.config = good;
    angod.writeConfig();
    await answered('stays');
});

test('changes that need a restart of angod are reported', async () => {
    angod.expect(/^the changes of limits\.max_hosts take effect at the next start of angod$/);
    angod.config.limits = { max_hosts: 9 };
    angod.writeConfig();
    assert.equal((await angod.ctl('reload')).code, 0);
    delete angod.config.limits;
    angod.writeConfig();
});

test('a disabled plugin answers waiting runs and turns its light off; enabled again, it works', async () => {
    assert.equal((await angod.ctl('plugin', 'stays', 'disable')).code, 0);
    await silent('stays');
    const { state, reason } = await angod.plugin('stays');
    assert.deepEqual([state, reason], ['disabled', 'disabled by the operator']);
    assert.equal((await angod.ctl('plugin', 'stays', 'enable')).code, 0);
    await live('stays');
    await answered('stays');
});

test('a plugin is restarted: it connects anew, with a new host', async () => {
    await answered('stays');
    const {
        connects,
        hosts: [{ pid }],
    } = await angod.plugin('stays');
    assert.equal((await angod.ctl('plugin', 'stays', 'restart')).code, 0);
    await until(async () => (await angod.plugin('stays')).connects > connects, 'a new connection');
    await live('stays');
    await answered('stays');
    assert.ok((await angod.plugin('stays')).hosts.every((host) => host.pid !== pid));
});

test('actions on unknown plugins are refused with a sentence', async () => {
    const { code, stderr } = await angod.ctl('plugin', 'nobody', 'disable');
    assert.equal(code, 1);
    assert.match(stderr, /there is no plugin "nobody"/);
});

test('a SIGHUP during a reload causes one more reload afterwards', async () => {
    const gate = system.gate();
    system.plugins.briefly = hub.createPlugin({ name: 'briefly', type: 'Input' });
    const added = (name) => ({ name, id: system.id(name), secret: system.plugins[name].secret, module: 'witness', kind: 'input' });
    angod.config.plugins.push(added('briefly'));
    angod.writeConfig();
    assert.equal((await angod.ctl('reload')).code, 0);
    await live('briefly');
    const session = system.run('briefly', { gate });
    await system.running(session);
    angod.config.plugins = angod.config.plugins.filter(({ name }) => name !== 'briefly');
    angod.writeConfig();
    process.kill(angod.pid, 'SIGHUP');
    await until(async () => (await angod.plugin('briefly')).state === 'disabled', 'the change to begin');
    system.plugins.last = hub.createPlugin({ name: 'last', type: 'Input' });
    angod.config.plugins.push(added('last'));
    angod.writeConfig();
    const before = angod.log.length;
    for (let i = 0; i < 3; ++i) {
        const heard = () => angod.log.slice(before).filter(({ msg }) => msg === 'SIGHUP received').length;
        process.kill(angod.pid, 'SIGHUP');
        await until(() => heard() > i, 'the signal to be heard');
    }
    const { code, stderr } = await angod.ctl('reload');
    assert.equal(code, 1);
    assert.match(stderr, /the configuration is being changed already/);
    system.open(gate);
    await live('last');
    await answered('last');
    assert.equal((await system.settled(session)).answers.length, 1);
    assert.equal(angod.log.slice(before).filter(({ msg }) => /^the configuration was read again/.test(msg)).length, 2);
});
