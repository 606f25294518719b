// The plugins with the fields of Hub's dialog, their lights and their sockets.
import { HubError, newId, newSecret } from './ids.mjs';

export const PLUGIN_TYPES = ['Export', 'Model', 'Batch Model', 'File Explorer', 'Markdown Generator', 'Input'];

/** All plugins of the Hub. */
export class Plugins {
    #byId = new Map();
    #redAfterMs;
    #watch;

    /**
     * @param {import('./watch.mjs').Watch} watch
     * @param {number} redAfterSeconds the light turns red this long after the last heartbeat
     */
    constructor(watch, redAfterSeconds) {
        this.#watch = watch;
        this.#redAfterMs = redAfterSeconds * 1000;
    }

    /**
     * Creates a plugin from the fields of Hub's dialog. `id` and `secret` may be given, to get fixed ones.
     * @param {object} [fields]
     */
    create(fields = {}) {
        const type = fields.type ?? 'Export';
        if (!PLUGIN_TYPES.includes(type)) throw new HubError(400, `unknown plugin type "${type}"`);
        const id = fields.id ?? newId();
        if (this.#byId.has(id)) throw new HubError(409, `a plugin ${id} exists`);
        const plugin = {
            id,
            secret: fields.secret ?? newSecret(),
            name: fields.name ?? `${type} plugin`,
            description: fields.description ?? '',
            details: fields.details ?? '',
            bannerUrl: fields.bannerUrl ?? '',
            type,
            classNames: fields.classNames ?? [],
            public: fields.public ?? false,
            status: fields.status ?? 'listed',
            defaultConfig: fields.defaultConfig ?? '',
            light: 'red',
            lastHeartbeat: null,
            heartbeats: 0,
            connectionsTotal: 0,
            sockets: [],
            waitingRuns: [],
            connectorUrl: fields.connectorUrl ?? null,
        };
        this.#byId.set(id, plugin);
        this.#watch.changed();
        return plugin;
    }

    /** @param {string} id */
    find(id) {
        return this.#byId.get(id);
    }

    /** @param {string} id */
    get(id) {
        const plugin = this.#byId.get(id);
        if (!plugin) throw new HubError(404, `no plugin ${id}`);
        return plugin;
    }

    all() {
        return [...this.#byId.values()];
    }

    /** @param {string} id */
    remove(id) {
        const plugin = this.get(id);
        clearTimeout(plugin.redTimer);
        clearInterval(plugin.heartbeatTimer);
        this.#byId.delete(id);
        for (const socket of plugin.sockets) socket.disconnect(true);
        this.#watch.changed();
    }

    /**
     * Handles a right heartbeat: the light turns green, and red again if no other follows.
     * @param {object} plugin
     */
    heartbeat(plugin) {
        plugin.heartbeats += 1;
        plugin.lastHeartbeat = Date.now();
        plugin.light = 'green';
        clearTimeout(plugin.redTimer);
        plugin.redTimer = setTimeout(() => {
            plugin.light = 'red';
            this.#watch.changed();
        }, this.#redAfterMs);
        plugin.redTimer.unref();
    }

    /** Stops the timers. */
    close() {
        for (const plugin of this.#byId.values()) clearTimeout(plugin.redTimer);
    }
}

/**
 * A plugin as others may see it, without its secret.
 * @param {object} plugin
 */
export function pluginView(plugin) {
    const { secret, sockets, redTimer, heartbeatTimer, calls, waitingRuns, ...rest } = plugin;
    return { ...rest, live: sockets.length, socketIds: sockets.map((s) => s.id), queuedRuns: waitingRuns.length };
}
