// Starts the real angod against a local Hub. All its files are in a folder of its own.
import { spawn, execFile } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { patient } from '../../hub/lib/patience.mjs';
import { BlackBox } from './black_box.mjs';
import { until } from './until.mjs';

export { processExists } from './processes.mjs';
export { until };

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
/** The build under test. */
export const build = process.env.ANGOD_BUILD ?? path.join(repository, 'build/release');
export const program = (name) => path.join(build, 'bin', name);
export const example = (name) => path.join(build, 'examples', `${name}.so`);
export const module_ = (name) => path.join(build, 'modules', `${name}.so`);
export const fixture = (name) => path.join(build, 'tests/fixtures', `${name}.so`);

/** Tests do not use a proxy of the developer. */
const withoutProxies = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(https?|no)_proxy$/i.test(name)));

// A test program that ends early kills its daemons.
const started = new Set();
process.on('exit', () => {
    for (const angod of started) if (angod.isRunning) angod.child.kill('SIGKILL');
});

export class Angod {
    /**
     * @param {object} hub a running local Hub
     * @param {{plugins: object[], modules?: string[], config?: object}} options plugins: entries of the
     *   configuration with `plugin` (the result of hub.createPlugin) in place of id and secret; modules: files
     *   that are copied into the module folder; stateDir: instead of one of its own; bin: folder of the programs;
     *   launcher: a command that finally executes its further arguments;
     *   allow: lines of its log at level warning or error that may come at any time
     */
    constructor(hub, { plugins, modules = [], config = {}, stateDir, bin, launcher = [], allow = [] }) {
        const missing = modules.filter((file) => !fs.existsSync(file));
        if (missing.length > 0) throw new Error(`these modules are not built: ${missing.join(', ')}; build the whole preset first`);
        this.launcher = launcher;
        this.bin = bin ?? path.join(build, 'bin');
        this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-test-'));
        this.stateDir = stateDir ?? path.join(this.dir, 'state');
        this.socket = config.admin?.socket ?? path.join(this.dir, 'admin.sock');
        this.moduleDir = path.join(this.dir, 'modules');
        fs.mkdirSync(this.moduleDir);
        for (const file of modules) this.install(file);
        this.config = {
            hub: { url: hub.url, api_url: hub.apiUrl },
            module_dirs: [this.moduleDir],
            state_dir: this.stateDir,
            admin: { socket: this.socket },
            log: { level: 'debug', format: 'json' },
            drain_s: 10,
            plugins: plugins.map(({ plugin, ...entry }) => ({ id: plugin.id, secret: plugin.secret, ...entry })),
            ...config,
        };
        this.logText = '';
        this.child = null;
        this.box = new BlackBox(this, hub, allow);
        started.add(this);
    }

    /** Declares that lines of the log at level warning or error will match in this case: at least one for each pattern. */
    expect(...patterns) {
        this.box.expect(...patterns);
    }
    /** Declares that such lines may occur in this case. */
    allow(...patterns) {
        this.box.allow(...patterns);
    }

    install(file) {
        fs.copyFileSync(file, path.join(this.moduleDir, path.basename(file)));
        fs.chmodSync(path.join(this.moduleDir, path.basename(file)), 0o755);
    }

    /** Writes the configuration and starts angod. Resolves when the admin socket answers. */
    async start(env = {}, timeoutMs = 15000) {
        const [file, ...words] = [...this.launcher, path.join(this.bin, 'angod'), '--config', this.writeConfig()];
        const child = spawn(file, words, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...withoutProxies, ...env } });
        this.child = child;
        this.isAsked = false;
        // A kill has cut the last line.
        if (!this.logText.endsWith('\n')) this.logText = this.logText.slice(0, this.logText.lastIndexOf('\n') + 1);
        child.stderr.setEncoding('utf8');
        child.stderr.on('data', (text) => {
            this.logText += text;
        });
        this.exited = once(child, 'close').then(([code, signal]) => ({ code, signal }));
        let over = null;
        this.exited.then((end) => {
            over = end;
        });
        await until(async () => over || (await this.get('/v1/status').catch(() => null))?.state === 'running', 'angod to run', timeoutMs);
        if (!over) return this;
        this.isAsked = true; // the caller gets this end as an error
        throw new Error(`angod ended at start (${JSON.stringify(over)}):\n${this.logText}`);
    }

    /** Writes the configuration file. @returns {string} its path */
    writeConfig() {
        const file = path.join(this.dir, 'angod.json');
        fs.writeFileSync(file, JSON.stringify(this.config, null, 2), { mode: 0o600 });
        return file;
    }

    get pid() {
        return this.child.pid;
    }
    get #end() {
        return this.child && { code: this.child.exitCode, signal: this.child.signalCode };
    }
    get isRunning() {
        return this.child !== null && this.#end.code === null && this.#end.signal === null;
    }
    /** {code, signal} if angod ended without being asked and not with code 0, else null. */
    get diedOf() {
        return this.child !== null && !this.isRunning && !this.isAsked && this.#end.code !== 0 ? this.#end : null;
    }

    /** Log lines as objects with level and msg, and with plugin and job if they belong to one. */
    get log() {
        return this.logText
            .split('\n')
            .filter((line) => line.startsWith('{'))
            .map((line) => JSON.parse(line));
    }

    kill(signal = 'SIGKILL') {
        this.isAsked = true;
        this.child.kill(signal);
        return this.exited;
    }

    /** Asks angod to stop and returns {code, signal}. Kills it if that takes longer than timeoutMs. */
    async stop(timeoutMs = 20000) {
        if (!this.isRunning) return this.exited;
        const timer = setTimeout(() => this.child.kill('SIGKILL'), patient(timeoutMs));
        const end = await this.kill('SIGTERM');
        clearTimeout(timer);
        return end;
    }

    /** The last call of a test: stops angod, and fails if anything is left behind. */
    async close() {
        try {
            await this.box.end();
        } finally {
            fs.rmSync(this.dir, { recursive: true, force: true });
        }
    }

    /** GET on the admin socket through the real curl. */
    async get(target) {
        const text = await run('curl', ['-sS', '--max-time', '10', '--unix-socket', this.socket, `http://angod${target}`]);
        return JSON.parse(text.stdout);
    }

    async plugin(name) {
        return this.get(`/v1/plugins/${name}`);
    }
    async jobs(query = '') {
        return (await this.get(`/v1/jobs${query}`)).jobs;
    }
    /** Process ids of all hosts. */
    async hosts() {
        return (await this.get('/v1/plugins')).plugins.flatMap((plugin) => plugin.hosts.map((host) => host.pid));
    }

    ctl(...words) {
        return run(program('angoctl'), ['--socket', this.socket, ...words], true);
    }
}

/** Runs a program until it ends. Fails on a bad exit code unless mayFail is set. */
export function run(file, words, mayFail = false, options = {}) {
    return new Promise((resolve, reject) => {
        execFile(file, words, { maxBuffer: 64 << 20, ...options }, (failed, stdout, stderr) => {
            const code = failed ? failed.code : 0;
            if (failed && (!mayFail || typeof code !== 'number'))
                reject(new Error(`${file} ${words.join(' ')}: ${stderr || failed.message}`));
            else resolve({ code, stdout, stderr });
        });
    });
}
