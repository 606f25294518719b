// angoctl doctor looks for what keeps plugins from Hub. With --record it writes what Hub sends, and nothing by which a person or
// an organisation could be recognised.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fixture, program, run, until } from './lib/angod.mjs';
import { Certificates } from './lib/certificates.mjs';
import { freePort } from './lib/ports.mjs';
import { System } from './lib/system.mjs';

const options = { modules: [fixture('labeller')], plugins: { model: { type: 'Model', module: 'labeller' } } };

test('a recording has the runs and the answers of Hub, without names, keys and contents', async () => {
    await System.use(options, async (system) => {
        const file = path.join(system.dir, 'recording.ndjson');
        const recording = system.angod.ctl('doctor', '--record', 'model', '--output', file);
        const isOn = async () => (await system.angod.get('/v1/plugins/model/recording')).recording;
        await until(isOn, 'the recording to begin');
        const project = system.hub.createProject({ name: 'Top secret', assets: 1, odd: false });
        const session = system.run('model', {}, { projectId: project.id, asset: 0, config: { owner: 'Zaphod' } });
        await system.settled(session);
        await run('curl', ['-sS', '-X', 'POST', '--unix-socket', system.angod.socket, 'http://angod/v1/plugins/model/end-recording']);
        const { code, stdout } = await recording;
        assert.deepEqual({ code, stdout }, { code: 0, stdout: '' });

        const text = fs.readFileSync(file, 'utf8');
        const [about, ...messages] = text
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line));
        assert.equal(about.kind, 'model');
        const [event] = messages.filter((message) => message.event === 'plugin');
        assert.deepEqual(Object.keys(event.payload).sort(), Object.keys(system.hub.session(session).event).sort());
        assert.match(event.payload.configJSON, /^{"owner":"text-\d+\[6\]"}$/);
        const [asset] = messages.filter(({ call }) => call?.startsWith('GET /v2/project/'));
        assert.equal(asset.status, 200);
        assert.equal(asset.body.data.assets.length, 1);

        const { event: sent } = system.hub.session(session);
        const { externalId } = project.record(0);
        const hidden = [
            sent.apiKey,
            sent.session,
            sent.orgId,
            sent.runBy,
            project.id,
            externalId,
            new URL(system.hub.url).host,
            'Zaphod',
            'Top secret',
        ];
        for (const value of hidden) assert.ok(!text.includes(value), `${value} is in the recording`);
    });
});

test('a plugin that does not exist is named', async () => {
    await System.use(options, async (system) => {
        const { code, stderr } = await system.angod.ctl('doctor', '--record', 'other');
        assert.deepEqual({ code, stderr }, { code: 1, stderr: 'there is no plugin "other"\n' });
    });
});

/** The lines of doctor, with this hub in the configuration and no running angod. */
async function diagnosis(hub) {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-doctor-'));
    const file = path.join(dir, 'angod.json');
    fs.writeFileSync(
        file,
        JSON.stringify({
            hub: { proxy: 'none', ...hub },
            state_dir: path.join(dir, 'state'),
            admin: { socket: path.join(dir, 'admin.sock') },
        }),
        { mode: 0o600 },
    );
    const { code, stdout, stderr } = await run(program('angoctl'), ['doctor', '--config', file], true);
    fs.rmSync(dir, { recursive: true });
    return { code, lines: stdout.trimEnd().split('\n'), stderr, dir };
}
async function served(server, use) {
    server.listen(0, 'localhost');
    await once(server, 'listening');
    try {
        await use(server.address().port);
    } finally {
        server.closeAllConnections();
        server.close();
    }
}

test('with a running angod every line is in order, and the code is 0', async () => {
    await System.use(options, async ({ angod, hub }) => {
        const { code, stdout, stderr } = await angod.ctl('doctor', '--config', path.join(angod.dir, 'angod.json'));
        assert.deepEqual([code, stderr], [0, '']);
        const { host, hostname } = new URL(hub.url);
        const shown = stdout.replace(/has \d+ MB/, 'has N MB').replace(/angod [\d.]+ answers/, 'angod V answers');
        assert.deepEqual(shown.trimEnd().split('\n'), [
            `ok       DNS           ${hostname} has the address 127.0.0.1.`,
            `ok       TCP           ${host} takes connections.`,
            `ok       clock         the clock agrees with that of ${host}.`,
            'ok       admin socket  angod V answers; its state is: running.',
            `ok       disk          ${angod.stateDir} has N MB of free space.`,
        ]);
    });
});

test('a port on which nothing listens is a problem with code 1, and the other lines follow', async () => {
    const port = await freePort();
    const { code, lines, dir } = await diagnosis({ url: `http://127.0.0.1:${port}` });
    assert.equal(code, 1);
    assert.match(
        lines[1],
        new RegExp(
            `^problem  TCP           127\\.0\\.0\\.1:${port} \\(hub: url\\): .*\\. Check the address, and firewalls between this machine and it\\.$`,
        ),
    );
    assert.equal(lines[2], `ok       admin socket  angod is not running: there is no ${dir}/admin.sock.`);
    assert.match(lines[3], /^ok {7}disk /);
});

test('a name that does not exist is a problem of DNS', async () => {
    const { code, lines } = await diagnosis({ url: 'https://no-such-host.invalid' });
    assert.equal(code, 1);
    assert.match(
        lines[0],
        /^problem  DNS           no-such-host\.invalid \(hub: url\): .*\. Check the name in the configuration and the name servers of this machine\.$/,
    );
});

test('a proxy that is not there is a problem, and its password is not shown', async () => {
    const port = await freePort();
    const { code, lines } = await diagnosis({ url: 'https://hub.example', proxy: `http://zaphod:beeblebrox@127.0.0.1:${port}` });
    assert.equal(code, 1);
    assert.match(lines[0], new RegExp(`^problem  proxy         the proxy 127\\.0\\.0\\.1:${port} \\(hub: url\\): `));
    assert.ok(!lines.join().includes('beeblebrox'));
});

test('a clock that differs from that of Hub is a problem', async () => {
    const server = http.createServer((_, response) => {
        response.setHeader('Date', new Date(Date.now() - 600_000).toUTCString());
        response.end('ok');
    });
    await served(server, async (port) => {
        const { code, lines } = await diagnosis({ url: `http://localhost:${port}` });
        assert.equal(code, 1);
        assert.match(
            lines[2],
            new RegExp(
                `^problem  clock         the clock of this machine is (599|60\\d) s ahead of that of localhost:${port}\\. Set it, for example with "timedatectl set-ntp true"\\.$`,
            ),
        );
    });
});

test('certificates: one that is trusted with its end, one that ends soon, one that has ended, one of an unknown authority', async () => {
    const made = new Certificates();
    const caFile = made.authority('right');
    const day = 86_400_000;
    const until_ = (days) => ({ from: new Date(Date.now() - 30 * day), to: new Date(Date.now() + days * day) });
    for (const [days, ca, code, line] of [
        [20, caFile, 0, /^ok {7}TLS {11}the certificate of localhost:\d+ is trusted; its chain ends on 20\d\d-\d\d-\d\d\.$/],
        [
            3,
            caFile,
            1,
            /^problem  TLS {11}the certificate of localhost:\d+ is trusted; its chain ends on 20\S+, in 2 days\. Its owner must renew it before that\.$/,
        ],
        [-1, caFile, 1, /^problem  TLS {11}localhost:\d+ \(hub: url\): .*certificate has expired.*\. Install the authority/],
        [
            20,
            '',
            1,
            /^problem  TLS {11}localhost:\d+ \(hub: url\): .*certificate.*\. Install the authority of the certificate or name it with "ca_file"; /,
        ],
    ]) {
        const server = https.createServer(made.issue(`c${days}${ca.length}`, 'right', 'DNS:localhost', until_(days)), (_, answer) =>
            answer.end('ok'),
        );
        server.on('tlsClientError', () => {});
        await served(server, async (port) => {
            const found = await diagnosis({ url: `https://localhost:${port}`, ca_file: ca });
            assert.equal(found.code, code, found.lines.join('\n'));
            assert.match(found.lines[2], line);
        });
    }
    made.remove();
});

test('a configuration with a mistake ends doctor with code 2 and the mistake', async () => {
    const { code, stderr } = await diagnosis({ url: 'nonsense' });
    assert.equal(code, 2);
    assert.match(stderr, /^error: \S+\/angod\.json:\d+: hub\.url: /);
    assert.ok(stderr.endsWith('doctor needs a configuration without errors; --config names another file\n'));
});
