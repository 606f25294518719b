// The file that ca_file names gets new content while angod runs.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { until } from './lib/angod.mjs';
import { Certificates } from './lib/certificates.mjs';
import { freePort } from './lib/ports.mjs';
import { System } from './lib/system.mjs';

const notTrusted = /certificate is not trusted|self-signed certificate|unable to get local issuer certificate/;
const made = new Certificates();
let system, hub, angod, changed;
before(async () => {
    const stays = made.authority('right');
    changed = made.file('changed.pem');
    fs.copyFileSync(made.authority('stranger'), changed);
    const port = await freePort();
    system = await System.start(
        {
            hub: { tls: made.issue('hub', 'right', 'DNS:localhost'), host: 'localhost', restHeartbeatSeconds: 0.1 },
            plugins: {
                stays: { hub: { ca_file: stays } },
                changes: { hub: { ca_file: changed } },
                called: { connector: 'rest', hub: { ca_file: changed } },
            },
            config: { connector: { listen: `127.0.0.1:${port}`, hold_s: 1 } },
            allow: [notTrusted],
        },
        false,
    );
    ({ hub, angod } = system);
    hub.callPluginAt(system.id('called'), `http://127.0.0.1:${port}`);
    for (const name of ['stays', 'called']) await hub.waitForLight(system.id(name), 'green', 20000);
});
after(async () => {
    await system?.close();
    made.remove();
});

test('new content of a ca_file is used at the next reload, by the plugins that have it alone', async () => {
    await until(async () => notTrusted.test((await angod.plugin('changes')).reason), 'the refusal');
    const gate = system.gate();
    const session = system.run('called', { gate });
    await hub.waitFor(() => hub.session(session).calls.some((call) => call.endedAt), 20000, 'the end of the call');
    system.open(gate); // from now on angod sends the answer by a call of its own
    await until(
        () => angod.log.some(({ msg }) => /^cannot deliver the answer yet/.test(msg) && notTrusted.test(msg)),
        'the answer to wait',
    );
    const { connects } = await angod.plugin('stays');
    fs.copyFileSync(made.file('right.pem'), changed);
    assert.equal((await angod.ctl('reload')).code, 0);
    await hub.waitForLight(system.id('changes'), 'green', 20000);
    assert.equal((await system.settled(system.run('changes'))).answers[0].message.response, 'attempt 1');
    assert.deepEqual(
        (await system.settled(session)).answers.map(({ via }) => via),
        ['rest'],
    );
    assert.equal((await angod.plugin('stays')).connects, connects);
    const told = angod.log.filter(({ msg }) => msg === 'the content of its ca_file has changed').map(({ plugin }) => plugin);
    assert.deepEqual(told, ['changes', 'called']);
});

test('a reload without new content leaves all connections as they are', async () => {
    const connects = async () => Promise.all(['stays', 'changes'].map(async (name) => (await angod.plugin(name)).connects));
    const before = await connects();
    assert.equal((await angod.ctl('reload')).code, 0);
    assert.deepEqual(await connects(), before);
});

test('a ca_file that holds no certificate any more is refused by name, and nothing changes', async () => {
    fs.writeFileSync(changed, 'nothing');
    const { code, stderr } = await angod.ctl('reload');
    assert.equal(code, 1);
    assert.match(
        stderr,
        new RegExp(`hub\\.ca_file: ${changed} has no certificate in PEM form, which begins with "-----BEGIN CERTIFICATE-----"; convert`),
    );
    assert.equal((await system.settled(system.run('changes'))).state, 'answered');
    assert.equal((await system.settled(system.run('called'))).state, 'answered');
});
