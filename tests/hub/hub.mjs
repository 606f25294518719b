// The local Hub: this file joins the parts. Its methods are the in-process form of the control API.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Exports } from './lib/exports.mjs';
import { Faults } from './lib/faults.mjs';
import { Files } from './lib/files.mjs';
import { HubError, newId, newSecret } from './lib/ids.mjs';
import { Links } from './lib/links.mjs';
import { Listener } from './lib/listener.mjs';
import { Organization } from './lib/organization.mjs';
import { patient } from './lib/patience.mjs';
import { Plugins, pluginView } from './lib/plugins.mjs';
import { Projects } from './lib/projects.mjs';
import { RestCalls } from './lib/rest_calls.mjs';
import { runPlugin } from './lib/run.mjs';
import { Sessions } from './lib/sessions.mjs';
import { bucketsOf } from './lib/storages.mjs';
import { Watch } from './lib/watch.mjs';

const DEFAULTS = {
    port: 0,
    host: '127.0.0.1',
    dir: undefined,
    tls: undefined,
    redAfterSeconds: 120,
    socketOptions: {},
    rateLimitPerMinute: 0,
    urlTtlSeconds: 900,
    seed: 1,
    onBadSecret: 'silence',
    maxSessions: 100_000,
    restHeartbeatSeconds: 60,
    restCallSeconds: 60,
    modelDataUrl: false,
    sharedUploadNames: true,
    limitMax: 100,
    overLimit: 'refuse',
    storageFiles: 'recursive',
};
const SETTABLE = [
    'rateLimitPerMinute',
    'urlTtlSeconds',
    'onBadSecret',
    'modelDataUrl',
    'sharedUploadNames',
    'limitMax',
    'overLimit',
    'storageFiles',
];
/** The values of settings that have only a few. */
const CHOICES = { overLimit: ['refuse', 'clamp'], storageFiles: ['recursive', 'level'] };
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

/**
 * Starts a local Hub.
 * @param {object} [options] see README: port, host, dir, tls, redAfterSeconds, socketOptions, rateLimitPerMinute,
 *   urlTtlSeconds, seed, onBadSecret, maxSessions, restHeartbeatSeconds, restCallSeconds, modelDataUrl, sharedUploadNames,
 *   limitMax, overLimit, storageFiles
 * @returns {Promise<Hub>}
 */
export async function startHub(options = {}) {
    const settings = { ...DEFAULTS, ...options };
    if (!LOOPBACK.test(settings.host)) throw new Error('the local Hub listens on loopback only');
    checkChoices(settings);
    const dir = settings.dir ?? (await mkdtemp(path.join(tmpdir(), 'local-hub-')));
    const hub = new Hub(settings, dir);
    await hub.start();
    return hub;
}

function checkChoices(settings) {
    const wrong = Object.keys(CHOICES).find((name) => settings[name] !== undefined && !CHOICES[name].includes(settings[name]));
    if (wrong) throw new HubError(400, `${wrong} must be one of ${CHOICES[wrong].join(', ')}`);
}

/** A running local Hub. Made by startHub. */
export class Hub {
    #listener;
    #apiKeys = new Map();
    #isClosed = false;

    constructor(options, dir) {
        this.options = options;
        this.dir = dir;
        this.orgId = newId();
        this.organization = new Organization(this.orgId);
        this.watch = new Watch();
        this.plugins = new Plugins(this.watch, options.redAfterSeconds);
        this.sessions = new Sessions(this.watch, options.maxSessions);
        this.projects = new Projects(options.seed);
        this.exports = new Exports(path.join(dir, 'exports'));
        this.files = new Files(path.join(dir, 'uploads'), options, this.watch);
        this.links = new Links(this.plugins);
        this.faults = new Faults();
        this.restCalls = new RestCalls(this, options);
        /** Bounded logs: HTTP requests, Socket.IO connections, heartbeats with a wrong secret. */
        this.requests = [];
        this.connections = [];
        this.badHeartbeats = [];
        this.counters = { connections: 0, live: 0, heartbeats: 0, badHeartbeats: 0, responses: 0, logs: 0, requests: 0 };
        this.storages = [];
        this.addStorage({ name: 'local', provider: 'AWS', bucket: 'local-bucket', region: 'eu-central-1' });
        this.#listener = new Listener(this);
    }

    /** Listens again on the same port as before. */
    async start() {
        await this.#listener.start();
        this.url = this.#listener.url;
        this.apiUrl = this.url;
        this.controlUrl = `${this.url}/control`;
    }

    /** Cuts all connections and stops listening; all state stays. */
    stop() {
        return this.#listener.stop();
    }

    /** @param {number} [downMs] the time until the Hub listens again */
    async restart(downMs = 0) {
        await this.stop();
        await new Promise((resolve) => {
            setTimeout(resolve, downMs);
        });
        // A Hub that was closed in between must not come back.
        if (!this.#isClosed) await this.start();
    }

    /** Ends the Hub, and removes its folder if it is a temporary one. */
    async close() {
        this.#isClosed = true;
        this.restCalls.close();
        await this.stop();
        this.plugins.close();
        this.watch.close();
        if (this.options.dir === undefined) await rm(this.dir, { recursive: true, force: true });
    }

    /** @param {object} [fields] of Hub's dialog; returns the plugin with its id and secret */
    createPlugin(fields) {
        const plugin = this.plugins.create(fields);
        if (plugin.connectorUrl) this.restCalls.call(plugin, plugin.connectorUrl);
        return plugin;
    }

    /** From now on the Hub calls the plugin at this URL and asks it for its heartbeat; null: the plugin connects. */
    callPluginAt(id, url) {
        this.restCalls.call(this.plugins.get(id), url);
    }

    /** Ends the calls of a plugin that are in progress, as a proxy does. @returns {number} their number */
    cutCalls(id) {
        return this.restCalls.cut(this.plugins.get(id));
    }

    /** @param {string} id @returns {object} the plugin: light, live connections, counts */
    plugin(id) {
        return pluginView(this.plugins.get(id));
    }

    /** @param {object} [fields] see README @returns {import('./lib/projects.mjs').Project} */
    createProject(fields) {
        return this.projects.create(fields);
    }

    /** @param {string} id */
    project(id) {
        return this.projects.get(id);
    }

    /** Makes the project's export now. @returns {Promise<string>} the path of the zip */
    prepareExport(projectId) {
        return this.exports.zipFor(this.projects.get(projectId).source);
    }

    /**
     * Runs a plugin, as a user does with a click.
     * @param {string} pluginId
     * @param {object} [request] see README
     * @returns {string} the session
     */
    run(pluginId, request) {
        return runPlugin(this, pluginId, request);
    }

    /** @param {string} session */
    session(session) {
        return this.sessions.get(session);
    }

    /** Resolves with the session's record when it has ended. */
    waitForSession(session, timeoutMs = 10_000) {
        return this.sessions.wait(session, patient(timeoutMs));
    }

    /** @param {string} pluginId @param {'green'|'red'} light @param {number} [timeoutMs] */
    waitForLight(pluginId, light, timeoutMs = 10_000) {
        const plugin = this.plugins.get(pluginId);
        return this.waitFor(() => plugin.light === light, timeoutMs, `a ${light} light of ${plugin.name}`);
    }

    /** Resolves with the predicate's value as soon as it is truthy. */
    waitFor(predicate, timeoutMs, what) {
        return this.watch.waitFor(predicate, timeoutMs, what);
    }

    /** @param {object} fault see README @returns {number} its id */
    addFault(fault) {
        return this.faults.add(fault);
    }

    /** @param {number} [id] of one fault; without it all are cleared */
    clearFaults(id) {
        this.faults.clear(id);
    }

    /** @param {string} [target] a plugin id or 'all' */
    link(target) {
        return this.links.of(target);
    }

    /** Answers and log lines that belong to no session of their plugin. */
    get strays() {
        return this.sessions.strays;
    }

    /** @param {object} fields of a storage; `files`: by bucket a list of keys or of {key, size?, content?} */
    addStorage({ files, ...fields }) {
        const storage = {
            _id: newId(),
            publicKey: 'LOCALPUBLICKEY',
            privateKey: 'local-private-key',
            organization: this.orgId,
            createdAt: new Date().toISOString(),
            ...fields,
            files: bucketsOf(files),
        };
        this.storages.push(storage);
        return storage;
    }

    /** Replaces the objects of the buckets that `files` names. */
    setStorageFiles(storageId, files) {
        const storage = this.storages.find(({ _id }) => _id === storageId);
        if (!storage) throw new HubError(404, `no storage ${storageId}`);
        Object.assign(storage.files, bucketsOf(files));
        return storage;
    }

    /** The API key of a user. The first call creates it. */
    apiKeyOf(user) {
        if (!this.#apiKeys.has(user)) {
            this.#apiKeys.set(user, newSecret());
            this.organization.addMember(user, 'Admin');
        }
        return this.#apiKeys.get(user);
    }

    /** The user who has that API key, or undefined. */
    userOf(key) {
        return [...this.#apiKeys].find(([, own]) => own === key)?.[0];
    }

    /** @param {string|undefined} key */
    isApiKey(key) {
        return this.userOf(key) !== undefined;
    }

    /** Changes settings of the running Hub: those of SETTABLE. */
    set(changes) {
        const wrong = Object.keys(changes).find((name) => !SETTABLE.includes(name));
        if (wrong) throw new HubError(400, `unknown setting "${wrong}"; there are ${SETTABLE.join(', ')}`);
        checkChoices(changes);
        Object.assign(this.options, changes);
        return Object.fromEntries(SETTABLE.map((name) => [name, this.options[name]]));
    }

    /** Urls and counts. */
    status() {
        return {
            url: this.url,
            apiUrl: this.apiUrl,
            controlUrl: this.controlUrl,
            counters: this.counters,
            plugins: this.plugins.all().length,
            projects: this.projects.all().length,
            strays: this.strays.length,
            webSockets: this.links.sockets.size,
            userApiKey: this.apiKeyOf('user-1'),
        };
    }
}
