// A real S3 server for the time of a test: OpenStack Swift with its S3 interface and one device, on loopback.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from './until.mjs';

/** Debian's Python, which has the modules of Swift. */
const PYTHON = '/usr/bin/python3';
const RINGS = path.join(path.dirname(fileURLToPath(import.meta.url)), 'swift_rings.py');
const FILTERS = 'catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth copy slo dlo symlink';
const PATIENCE_MS = 60_000; // starting five Python programs takes long on a busy machine

const started = new Set();
process.on('exit', () => {
    for (const child of started) child.kill('SIGKILL');
});

/** A free port. */
async function freePort() {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    server.close();
    return port;
}

export class Swift {
    keyId = 'test:tester';
    secret = 'testing';
    region = 'us-east-1';
    #children = [];

    static async start() {
        const swift = new Swift();
        try {
            await swift.#start();
        } catch (failed) {
            await swift.close();
            throw failed;
        }
        return swift;
    }

    async #start() {
        this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-swift-'));
        fs.mkdirSync(path.join(this.dir, 'srv/d1'), { recursive: true });
        const [proxy, memcached, account, container, object] = await Promise.all(Array.from({ length: 5 }, freePort));
        this.url = `http://127.0.0.1:${proxy}`;
        const servers = { account, container, object };
        await promisify(execFile)(PYTHON, [RINGS, this.dir, ...Object.values(servers).map(String)]);
        for (const [name, port] of Object.entries(servers)) this.#configure(name, port, storageServer(name, this.dir));
        this.#configure('proxy', proxy, proxyServer(memcached));
        const user = os.userInfo().username;
        this.#run('memcached', ['-u', user, '-l', '127.0.0.1', '-p', String(memcached), '-U', '0', '-m', '16']);
        for (const name of [...Object.keys(servers), 'proxy'])
            this.#run(PYTHON, [`/usr/bin/swift-${name}-server`, path.join(this.dir, `${name}.conf`), '-v']);
        await until(
            async () => {
                const over = this.#children.find(({ child }) => child.exitCode !== null);
                if (over) throw new Error(`${over.what} ended: ${over.said}`);
                return (await fetch(`${this.url}/healthcheck`).catch(() => null))?.ok;
            },
            'Swift to run',
            PATIENCE_MS,
        );
        const { headers } = await this.#asked(() =>
            fetch(`${this.url}/auth/v1.0`, { headers: { 'X-Storage-User': this.keyId, 'X-Storage-Pass': this.secret } }),
        );
        this.account = { url: headers.get('x-storage-url'), token: headers.get('x-auth-token') };
    }

    #configure(name, port, rest) {
        fs.writeFileSync(
            path.join(this.dir, `${name}.conf`),
            `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
workers = 0
user = ${os.userInfo().username}
swift_dir = ${this.dir}
${rest}`,
        );
    }

    #run(program, words) {
        const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
        const entry = { child, what: words[0].startsWith('/') ? path.basename(words[0]) : program, said: '' };
        for (const stream of [child.stdout, child.stderr])
            stream.on('data', (text) => {
                entry.said = (entry.said + text).slice(-2000);
            });
        child.on('error', (failed) => {
            entry.said += `${failed.message}; packaging/setup installs what is missing`;
        });
        started.add(child);
        entry.ended = once(child, 'close').catch(() => {});
        this.#children.push(entry);
    }

    /**
     * The proxy answers 503 until the servers behind it are up. It does not know a token if its memcached has not answered within
     * half a second, which happens on a machine that is overloaded.
     */
    #asked(request) {
        return until(
            async () => {
                const response = await request();
                if (response.ok) return response;
                if (response.status < 500 && response.status !== 401)
                    throw new Error(`Swift: HTTP ${response.status} ${await response.text()}`);
                return null;
            },
            'an answer of Swift',
            PATIENCE_MS,
        );
    }

    #put(target, body) {
        const { url, token } = this.account;
        const headers = { 'X-Auth-Token': token };
        return this.#asked(() => fetch(`${url}/${target.split('/').map(encodeURIComponent).join('/')}`, { method: 'PUT', headers, body }));
    }

    /** Makes a bucket with small objects of these names. */
    async bucket(name, keys) {
        await this.#put(name);
        for (let i = 0; i < keys.length; i += 16) await Promise.all(keys.slice(i, i + 16).map((key) => this.#put(`${name}/${key}`, key)));
    }

    /** The content of "/bucket/key"; the path is escaped. */
    async read(target) {
        const { url, token } = this.account;
        return (await this.#asked(() => fetch(url + target, { headers: { 'X-Auth-Token': token } }))).text();
    }

    /** Ends the server and removes its files. */
    async close() {
        for (const { child } of this.#children) child.kill('SIGKILL');
        await Promise.all(this.#children.map(({ ended }) => ended));
        for (const { child } of this.#children) started.delete(child);
        fs.rmSync(this.dir, { recursive: true, force: true });
    }
}

const storageServer = (name, dir) => `devices = ${dir}/srv
mount_check = false
disable_fallocate = true
[pipeline:main]
pipeline = ${name}-server
[app:${name}-server]
use = egg:swift#${name}
`;

// The proxy leaves a server alone for a minute after some errors, and a server that is not up yet is one.
const proxyServer = (memcached) => `[pipeline:main]
pipeline = ${FILTERS} proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
error_suppression_limit = 1000000
${FILTERS.split(' ')
    .map((name) => `[filter:${name}]\nuse = egg:swift#${name === 'cache' ? 'memcache' : name}\n${OPTIONS[name]?.(memcached) ?? ''}`)
    .join('')}`;

const OPTIONS = {
    cache: (memcached) => `memcache_servers = 127.0.0.1:${memcached}\n`,
    s3api: () => 'location = us-east-1\ns3_acl = false\ncheck_bucket_owner = false\nforce_swift_request_proxy_log = false\n',
    tempauth: () => 'user_test_tester = testing .admin\n',
};
