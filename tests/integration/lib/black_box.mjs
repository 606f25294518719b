// The checks of an angod after every case of a suite, whatever the case tests (see README.md). The hooks at the end run them in
// every test file that imports this file; angod.mjs imports it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { afterEach, beforeEach } from 'node:test';
import * as processes from './processes.mjs';
import { until } from './until.mjs';

/** The growth that is allowed after the first case. Caches and the allocator need some; a leak needs more sooner or later. */
const GROWTH_BYTES = 32 << 20;
/** The longest secret: one may begin in the part of the log that was searched before. */
const OVERLAP = 1000;
/** For each host process angod has the channel, the pipe of its output, and its pidfd. */
const OF_A_HOST = { pair: 1, pipe: 1, pidfd: 1 };

/** The running cases. There is more than one only if a suite runs cases side by side. */
const cases = new Set();
const boxes = new Set();

/** The machine may be overloaded: then the event loop gets no processor for long. Tests that hold up calls for seconds would time out. */
const HELD_UP = /^the event loop was held up for \d+ ms/;

export class BlackBox {
    /** The time to wait for things that take a moment to appear or to disappear. */
    patienceMs = 20000;
    #angod;
    #hub;
    #always;
    #expected = [];
    #allowed = [];
    #read = 0;
    #searched = 0;
    #level = null;
    #memory = {};
    #children = [];
    #open = [];

    /** @param {object} angod an Angod; @param {object} hub its local Hub; @param {RegExp[]} allow see Angod */
    constructor(angod, hub, allow) {
        this.#angod = angod;
        this.#hub = hub;
        this.#always = allow;
        boxes.add(this);
    }

    expect(...patterns) {
        this.#expected.push(...patterns);
    }
    allow(...patterns) {
        this.#allowed.push(...patterns);
    }

    /** Checks after a case, and fails with all problems. While other cases run, only secrets and a crash count. */
    async check(isQuiet = cases.size === 0) {
        const problems = await this.#look(isQuiet);
        if (problems.length > 0) assert.fail(`angod after this case:\n${problems.join('\n')}`);
    }

    /** Ends angod, and fails with all problems before and after that. */
    async end() {
        boxes.delete(this);
        const problems = await this.#look(true);
        const end = await this.#angod.stop();
        if (end?.code !== 0) problems.push(`it ended with ${JSON.stringify(end)}`);
        const folder = this.#angod.stateDir;
        const left = [...new Set([...this.#children.filter(processes.processExists), ...processes.usersOf(folder)])];
        if (left.length > 0)
            problems.push(
                `it left processes: ${left.map((pid) => `${pid} (${processes.commandLineOf(pid).replaceAll('\0', ' ')})`).join(', ')}`,
            );
        problems.push(
            ...this.#filesBeyond(folder, { scratch: [], events: this.#open }),
            ...this.#undeclaredLines(),
            ...this.#secretsIn({ log: this.#newText() }),
        );
        if (problems.length > 0) assert.fail(`angod at its end:\n${problems.join('\n')}\n${this.#angod.logText}`);
    }

    async #look(isQuiet) {
        const angod = this.#angod,
            problems = [];
        if (angod.isRunning) {
            if (isQuiet) problems.push(...(await this.#settled()));
            problems.push(...this.#secretsIn(await this.#places()));
        } else if (angod.diedOf) {
            problems.push(`it ended by itself: ${JSON.stringify(angod.diedOf)}`);
        }
        if (isQuiet) problems.push(...(await this.#judgedLines()));
        return problems;
    }

    // ---- its log

    /** New lines at warning or above and lines that are not in the format of the log, and the place where they end. */
    #loud() {
        const text = this.#angod.logText;
        const end = text.lastIndexOf('\n') + 1;
        const loud = [];
        for (const line of text.slice(this.#read, end).split('\n').filter(Boolean)) {
            const { level, msg } = parse(line);
            if (!['debug', 'info'].includes(level)) loud.push({ line, msg });
        }
        return { loud, end };
    }

    /** The problems of the new lines. The declarations of the case end here. */
    async #judgedLines() {
        const came = (pattern) => this.#loud().loud.some(({ msg }) => pattern.test(msg));
        await until(() => this.#expected.every(came), 'the expected lines', this.patienceMs / 4).catch(() => {});
        const missing = this.#expected
            .filter((pattern) => !came(pattern))
            .map((pattern) => `no line of its log came that matches ${pattern}`);
        const undeclared = this.#undeclaredLines();
        this.#expected = [];
        this.#allowed = [];
        return [...undeclared, ...missing];
    }

    #undeclaredLines() {
        const { loud, end } = this.#loud();
        this.#read = end;
        const known = [...this.#expected, ...this.#allowed, ...this.#always, HELD_UP];
        return loud.filter(({ msg }) => !known.some((pattern) => pattern.test(msg))).map(({ line }) => `undeclared: ${line}`);
    }

    // ---- descriptors, processes, threads, memory, files

    /** Waits until everything is back at its level. Returns the things that are not. */
    async #settled() {
        let problems = [];
        const isBack = async () => (problems = await this.#excess()).length === 0;
        await until(isBack, 'angod to be back at its level', this.patienceMs).catch((failed) => {
            if (problems.length === 0) throw failed;
        });
        return problems;
    }

    async #excess() {
        const { pid, stateDir } = this.#angod,
            problems = [];
        const { plugins, hosts } = await this.#plugins();
        const children = processes.childrenOf(pid).sort();
        this.#children = children;
        if (`${children}` !== `${hosts}`) problems.push(`its child processes are ${children}, but /v1/plugins lists the hosts ${hosts}`);

        const counted = (state) => plugins.filter((plugin) => plugin.state === state && plugin.connector !== 'rest').length;
        const { tcp, admin, ...rest } = processes.descriptorsOf(pid);
        if (tcp < counted('live') || tcp > counted('live') + counted('connecting'))
            problems.push(`it has ${tcp} TCP connections with ${counted('live')} live plugins`);
        if (admin > 0) problems.push(`it has ${admin} open connections of its admin socket without a client`);
        for (const kind of Object.keys(OF_A_HOST)) rest[kind] -= OF_A_HOST[kind] * hosts.length;

        this.#open = JSON.parse(await this.#get('/v1/status')).jobs;
        this.#open = Object.values(this.#open).some((count) => count > 0) ? await this.#openJobs() : [];
        problems.push(...this.#filesBeyond(stateDir, { scratch: this.#open, events: this.#open }));
        if (problems.length > 0) return problems;

        const level = { ...rest, threads: processes.threadsOf(pid) };
        // The things are read one after the other, so a host that ended meanwhile would be counted in part.
        if (`${(await this.#plugins()).hosts}` !== `${hosts}`) return ['its hosts come and go'];
        this.#level ??= { ...level, pidfd: 0 };
        for (const [what, is] of Object.entries(level)) {
            const was = this.#level[what];
            if (isLess(is, was))
                this.#level[what] = is; // something of the first case had not disappeared yet
            else if (`${is}` !== `${was}`) problems.push(`${what}, without those of its hosts, were ${was} and are ${is}`);
        }
        return [...problems, ...this.#growth(pid)];
    }

    async #plugins() {
        const { plugins } = JSON.parse(await this.#get('/v1/plugins'));
        return { plugins, hosts: plugins.flatMap((plugin) => plugin.hosts.map((host) => host.pid)).sort() };
    }

    #growth(pid) {
        const bytes = processes.residentBytesOf(pid);
        if (this.#memory.pid !== pid) this.#memory = { pid, bytes, isMeaningful: !processes.isSanitized(pid) };
        if (!this.#memory.isMeaningful || bytes - this.#memory.bytes <= GROWTH_BYTES) return [];
        return [`its memory grew from ${this.#memory.bytes} to ${bytes} bytes`];
    }

    async #openJobs() {
        const lists = await Promise.all(
            ['queued', 'running', 'answering'].map((state) => this.#get(`/v1/jobs?state=${state}&limit=10000`)),
        );
        return lists.flatMap((list) => JSON.parse(list).jobs.map((job) => job.id));
    }

    #filesBeyond(stateDir, folders) {
        return Object.entries(folders).flatMap(([folder, known]) => {
            const left = filesIn(path.join(stateDir, folder)).filter((name) => !known.includes(name));
            return left.length > 0 ? [`state_dir/${folder} holds ${left.join(', ')}, which belongs to no open job`] : [];
        });
    }

    // ---- secrets

    /** The secrets, in each spelling. */
    #secrets() {
        const { plugins = [] } = this.#angod.config,
            hub = this.#hub;
        const sessions = hub.sessions?.all() ?? [];
        const signatures = (hub.requests ?? []).flatMap(({ query }) =>
            [...JSON.stringify(query ?? {}).matchAll(/X-Signature(?:=|":")(\w+)/g)].map((found) => found[1]),
        );
        const texts = [
            ...plugins.map((plugin) => plugin.secret),
            ...(hub.plugins?.all() ?? []).map((plugin) => plugin.secret),
            ...sessions.map(({ event }) => event?.apiKey),
            ...signatures,
        ];
        const plain = texts.filter((secret) => typeof secret === 'string' && secret.length >= 6);
        return [...new Set(plain.flatMap((secret) => [secret, escaped(secret), escaped(escaped(secret))]))];
    }

    async #places() {
        const places = { log: this.#newText() };
        for (const target of ['/v1/status', '/v1/plugins', '/v1/jobs?limit=1000', '/v1/logs', '/metrics'])
            places[target] = await this.#get(target);
        for (const pid of this.#children) {
            places[`command line of ${pid}`] = processes.commandLineOf(pid);
            places[`environment of ${pid}`] = processes.environmentOf(pid);
        }
        places['session logs'] = JSON.stringify((this.#hub.sessions?.all() ?? []).map((session) => session.logs));
        return places;
    }

    #newText() {
        const text = this.#angod.logText.slice(this.#searched);
        this.#searched = Math.max(0, this.#angod.logText.length - OVERLAP);
        return text;
    }

    #secretsIn(places) {
        const secrets = this.#secrets();
        return Object.entries(places).flatMap(([place, text]) => {
            const found = [...secrets, 'X-Signature'].filter((secret) => text.includes(secret));
            return found.map(
                (secret) =>
                    `the secret ${secret} is in its ${place}: ${text.slice(Math.max(0, text.indexOf(secret) - 300), text.indexOf(secret) + 300)}`,
            );
        });
    }

    #get(target) {
        return new Promise((resolve, reject) => {
            const request = http.get(
                { socketPath: this.#angod.socket, path: target, agent: false, timeout: this.patienceMs },
                async (response) => {
                    const pieces = await response.toArray();
                    resolve(Buffer.concat(pieces).toString());
                },
            );
            request.on('timeout', () => request.destroy(new Error(`no answer to ${target}`)));
            request.on('error', reject);
        });
    }
}

const escaped = (text) => JSON.stringify(text).slice(1, -1);
const filesIn = (folder) => (fs.existsSync(folder) ? fs.readdirSync(folder) : []);

/** Whether the first of two counts or lists is less than the second and has nothing that the second lacks. */
function isLess(is, was) {
    if (typeof is === 'number') return is < was;
    if (is.length >= was.length) return false;
    const left = [...was];
    return is.every((one) => {
        const at = left.indexOf(one);
        if (at >= 0) left.splice(at, 1);
        return at >= 0;
    });
}

/** Level and text of a line in either format. A line in neither format (of a library, of a sanitizer) has no level. */
function parse(line) {
    if (line.startsWith('{')) return JSON.parse(line);
    const [, level, msg] = /^\S+Z (debug|info|warning|error) +(.*)$/.exec(line) ?? [];
    return { level, msg: msg ?? line };
}

beforeEach((t) => {
    cases.add(t);
    t.after(() => cases.delete(t)); // a case that skips itself has no afterEach
});
afterEach(async (t) => {
    cases.delete(t);
    for (const box of boxes) await box.check();
});
