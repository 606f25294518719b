// The other connector: the Hub calls plugins over HTTP, instead of waiting for their connections.
import http from 'node:http';
import https from 'node:https';

/** Calls plugins: POST /plugin with an event, GET /heartbeat for the light. */
export class RestCalls {
    #hub;
    #options;

    /**
     * @param {import('../hub.mjs').Hub} hub
     * @param {object} options restHeartbeatSeconds: between heartbeats; restCallSeconds: a call that takes longer is cut
     */
    constructor(hub, options) {
        this.#hub = hub;
        this.#options = options;
    }

    /** From now on the Hub calls the plugin there; null: it no longer calls it. */
    call(plugin, url) {
        clearInterval(plugin.heartbeatTimer);
        Object.assign(plugin, { connectorUrl: url, calls: plugin.calls ?? new Set() });
        if (!url) return;
        const ask = () => this.#askHeartbeat(plugin);
        plugin.heartbeatTimer = setInterval(ask, this.#options.restHeartbeatSeconds * 1000);
        plugin.heartbeatTimer.unref();
        ask();
    }

    /** Destroys the calls of a plugin that are in progress. */
    cut(plugin) {
        const calls = [...(plugin.calls ?? [])];
        for (const call of calls) call.destroy(new Error('cut'));
        return calls.length;
    }

    /**
     * Sends an event. The result is recorded in `calls` of the session; a response in it is an answer.
     * @param {object} plugin @param {object} record of the session @param {object} event
     */
    run(plugin, record, event) {
        const call = { at: Date.now(), status: null, body: null, error: null, endedAt: null };
        record.calls.push(call);
        this.#send(plugin, 'POST', '/plugin', JSON.stringify(event))
            .then(
                ({ status, text }) => {
                    Object.assign(call, { status, body: parsed(text) });
                    if (status === 200 && call.body && call.body.response !== undefined) {
                        this.#hub.counters.responses += 1;
                        this.#hub.sessions.answer(call.body, { via: 'http' });
                    }
                    // All that a plugin whose kind has no REST access can say of a failure.
                    if (status === 500) this.#hub.sessions.answer({ error: true, session: event.session }, { via: 'http' });
                },
                (error) => {
                    call.error = error.message;
                },
            )
            .finally(() => {
                call.endedAt = Date.now();
                this.#hub.watch.changed();
            });
    }

    close() {
        for (const plugin of this.#hub.plugins.all()) {
            clearInterval(plugin.heartbeatTimer);
            this.cut(plugin);
        }
    }

    #askHeartbeat(plugin) {
        this.#send(plugin, 'GET', '/heartbeat')
            .then(
                ({ status, text }) => {
                    if (status !== 200 || parsed(text) !== 'ok') return;
                    this.#hub.counters.heartbeats += 1;
                    this.#hub.plugins.heartbeat(plugin);
                },
                () => {},
            )
            .finally(() => this.#hub.watch.changed());
    }

    #send(plugin, method, path, body) {
        const url = new URL(plugin.connectorUrl);
        const { request } = url.protocol === 'https:' ? https : http;
        return new Promise((resolve, reject) => {
            const call = request(
                new URL(url.pathname.replace(/\/$/, '') + path, url),
                {
                    method,
                    agent: false,
                    timeout: this.#options.restCallSeconds * 1000,
                    headers: {
                        Secret: plugin.secret,
                        ...(body && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
                    },
                },
                (response) => {
                    const pieces = [];
                    response.on('data', (piece) => pieces.push(piece));
                    response.on('error', reject);
                    response.on('end', () => resolve({ status: response.statusCode, text: Buffer.concat(pieces).toString() }));
                },
            );
            plugin.calls.add(call);
            call.on('close', () => plugin.calls.delete(call));
            call.on('timeout', () => call.destroy(new Error('timed out')));
            call.on('error', reject);
            call.end(body);
        });
    }
}

function parsed(text) {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
