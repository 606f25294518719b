// Faults of the link between Hub and plugins: lasting rules (silent, noPong, ...) and single actions (drop, close, ...).
import { HubError } from './ids.mjs';

const RULES = ['refuse', 'silent', 'noPong', 'noAnswerAck', 'delay'];

/** Rules and actions, for one plugin or for `all`. A rule holds for present and for later connections. */
export class Links {
    /** Every open WebSocket. The gate maintains the set. */
    sockets = new Set();
    #rules = new Map();
    #plugins;

    /** @param {import('./plugins.mjs').Plugins} plugins */
    constructor(plugins) {
        this.#plugins = plugins;
    }

    /**
     * The value of a rule for a socket. A socket belongs to a plugin from its first right heartbeat on.
     * @param {{pluginId: string|null}} socket
     * @param {string} name
     */
    rule(socket, name) {
        if (this.#rules.size === 0) return undefined;
        return this.#rules.get('all')?.[name] ?? this.#rules.get(socket.pluginId)?.[name];
    }

    /**
     * The handle for one plugin's link, or for all of them.
     * @param {string} target a plugin id or 'all'
     */
    of(target = 'all') {
        if (target !== 'all') this.#plugins.get(target);
        const set = (name, value) => this.#set(target, name, value);
        return {
            /** Namespace connects are answered with an error (44) until lifted. */
            refuse: (message = 'refused') => set('refuse', message),
            /** Nothing is sent and all input ignored, TCP stays open, until lifted. */
            silent: (on = true) => set('silent', on || undefined),
            /** WebSocket pings are not answered, until lifted. */
            noPong: (on = true) => set('noPong', on || undefined),
            /** Acks that the plugin asks for are not sent, until lifted. */
            noAnswerAck: (on = true) => set('noAnswerAck', on || undefined),
            /** Everything that the Hub sends leaves that much later, until lifted. */
            delay: (ms) => set('delay', ms || undefined),
            /** TCP ends without a WebSocket close frame. */
            drop: () => this.#each(target, (socket) => socket.terminate()),
            /** TCP ends with a reset (RST). */
            reset: () => this.#each(target, reset),
            /** Orderly close of the Engine.IO connection (1005, no status). */
            close: () => this.#eachPluginSocket(target, (socket) => socket.conn.close()),
            /** Socket.IO namespace disconnect (41); the WebSocket stays open. */
            disconnect: () => this.#eachPluginSocket(target, (socket) => socket.disconnect(false)),
            /** Ends one lasting rule, or all of them. */
            lift: (name) => this.#lift(target, name),
        };
    }

    /**
     * The same by name, for the control API.
     * @param {string} target
     * @param {string} action
     * @param {object} [body] message, ms, rule
     */
    act(target, action, body = {}) {
        const link = this.of(target);
        const name = { 'no-answer-ack': 'noAnswerAck', 'no-pong': 'noPong' }[action] ?? action;
        if (!Object.hasOwn(link, name)) throw new HubError(400, `unknown link action "${action}"`);
        if (name === 'refuse') return link.refuse(body.message);
        if (name === 'delay') return link.delay(body.ms);
        if (name === 'lift') return link.lift(body.rule);
        return link[name]();
    }

    #set(target, name, value) {
        if (value === undefined) return this.#lift(target, name);
        const rules = this.#rules.get(target) ?? {};
        rules[name] = value;
        this.#rules.set(target, rules);
        return 0;
    }

    #lift(target, name) {
        if (name !== undefined && !RULES.includes(name)) throw new HubError(400, `unknown rule "${name}"`);
        const rules = this.#rules.get(target);
        if (!rules) return 0;
        if (name === undefined) this.#rules.delete(target);
        else delete rules[name];
        if (Object.keys(rules).length === 0) this.#rules.delete(target);
        // A connection that the Hub gave up during the silence no longer has an Engine.IO side.
        for (const socket of this.sockets) {
            if (socket.closeHeld && !this.rule(socket, 'silent')) socket.terminate();
        }
        return 0;
    }

    #each(target, blow) {
        const hit = [...this.sockets].filter((socket) => target === 'all' || socket.pluginId === target);
        hit.forEach(blow);
        return hit.length;
    }

    #eachPluginSocket(target, blow) {
        const plugins = target === 'all' ? this.#plugins.all() : [this.#plugins.get(target)];
        const hit = plugins.flatMap((plugin) => plugin.sockets);
        hit.forEach(blow);
        return hit.length;
    }
}

function reset(socket) {
    try {
        // ws offers no public way to the TCP socket below.
        socket._socket.resetAndDestroy();
    } catch {
        // Node can reset plain TCP only. Over TLS the connection ends abruptly instead.
        socket.terminate();
    }
}
