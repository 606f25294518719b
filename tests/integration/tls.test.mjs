import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it, test } from 'node:test';
import { startHub } from '../hub/hub.mjs';
import { until } from './lib/angod.mjs';
import { linkLost } from './lib/lines.mjs';
import { System } from './lib/system.mjs';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-tls-'));
const file = (name) => path.join(dir, name);
const openssl = (...words) => execFileSync('openssl', words, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });

function authority(name) {
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '30', '-subj', `/CN=${name}`);
}
/** A certificate of the authority for these names, valid from now or already over. */
function certificate(name, ca, names, isOver = false) {
    openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    fs.writeFileSync(file(`${name}.cnf`), `[ca]\ndefault_ca=d\n[d]\ndatabase=${name}.db\nserial=${name}.serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\nx509_extensions=v\nunique_subject=no\n[p]\ncommonName=supplied\n[v]\nsubjectAltName=${names}\n`);
    fs.writeFileSync(file(`${name}.db`), '');
    const dates = isOver ? ['-startdate', '20200101000000Z', '-enddate', '20200201000000Z'] : ['-days', '20'];
    openssl('ca', '-batch', '-config', `${name}.cnf`, '-create_serial', '-cert', `${ca}.pem`, '-keyfile', `${ca}.key`, '-in', `${name}.csr`, '-out', `${name}.pem`, ...dates);
    return { key: fs.readFileSync(file(`${name}.key`)), cert: fs.readFileSync(file(`${name}.pem`)) };
}

// The plugins of the last cases try again and again, but say so once.
const untrusted = /its certificate is (not trusted: .*|for another host name); trying again, next in \d+ ms$/;
const refusals = {
    'a certificate of an unknown authority': ['stranger', 'DNS:localhost', false, /not trusted: .*(self-signed certificate in certificate chain|unable to get local issuer)/],
    'a certificate for another host name': ['right', 'DNS:hub.example', false, /certificate is for another host name/],
    'a certificate whose time is over': ['right', 'DNS:localhost', true, /not trusted: certificate has expired/],
};
let system;
const hubs = [];
const tlsHub = async (tls, host = 'localhost') => {
    const hub = await startHub({ tls, host });
    hubs.push(hub);
    return hub;
};
before(async () => {
    for (const name of ['right', 'stranger']) authority(name);
    const good = await tlsHub(certificate('good', 'right', 'DNS:localhost'));
    const byAddress = await tlsHub(certificate('address', 'right', 'IP:127.0.0.1'), '127.0.0.1');
    const plugins = {};
    const on = (hub) => ({ hub: { url: hub.url, api_url: hub.url, ca_file: file('right.pem') } });
    plugins.good = on(good);
    plugins.address = on(byAddress);
    plugins.unknown = { hub: { url: good.url, api_url: good.url } }; // the system's authorities do not know ours
    for (const [i, [ca, names, isOver]] of Object.values(refusals).entries())
        plugins[`p${i}`] = on(await tlsHub(certificate(`p${i}`, ca, names, isOver)));
    system = await System.start({ plugins, allow: [untrusted] }, false);
    // The Hubs with TLS learn of the plugins here: ids and secrets are those of the plain one.
    for (const [name, hub] of [['good', good], ['address', byAddress]]) {
        const { id, secret } = system.hub.plugins.get(system.id(name));
        hub.createPlugin({ id, secret, name, type: 'Input' });
        hub.link('all').drop(); // and the next first heartbeat is known
    }
});
after(async () => {
    await system.close();
    for (const hub of hubs) await hub.close();
    fs.rmSync(dir, { recursive: true, force: true });
});

for (const [i, name] of ['good', 'address'].entries())
    test(`a plugin works over TLS with an authority from ca_file, its host given by ${i ? 'address' : 'name'}`, async () => {
        const hub = hubs[i], id = system.id(name);
        await hub.waitForLight(id, 'green', 20000);
        const session = await hub.waitForSession(hub.run(id, { extra: { pad: 'p'.repeat(3e6) } }), 20000);
        assert.equal(session.answers[0].message.response, 'attempt 1');
        system.angod.expect(linkLost);
        hub.link(id).drop();
        await hub.waitFor(() => hub.plugin(id).connectionsTotal >= 2, 20000, 'the reconnect');
        assert.equal((await system.angod.plugin(name)).state, 'live');
    });

describe('a plugin does not connect to', { concurrency: true }, () => {
    Object.entries(refusals).forEach(([what, [, , , reason]], i) => it(what, async () => {
        const view = await until(async () => {
            const now = await system.angod.plugin(`p${i}`);
            return now.state === 'backoff' && now.reason && now;
        }, 'the refusal');
        assert.match(view.reason, reason);
        const said = () => system.angod.log.filter((line) => line.plugin === `p${i}`).map((line) => line.level);
        await until(() => said().includes('debug'), 'another try');
        assert.deepEqual(said().filter((level) => level !== 'debug'), ['warning'], 'one line for one reason');
        assert.equal(hubs[2 + i].counters.connections, 0);
    }));

    it('a server that the system\'s authorities do not know, without a ca_file', async () => {
        const view = await until(async () => {
            const now = await system.angod.plugin('unknown');
            return now.state === 'backoff' && now.reason && now;
        }, 'the refusal');
        assert.match(view.reason, /not trusted/);
    });
});
