// A WebSocket server that sends exactly the bytes of a test, for frames that no correct server sends.
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import { patient } from '../../hub/lib/patience.mjs';

const { WebSocketServer } = createRequire(new URL('../../hub/hub.mjs', import.meta.url))('ws');

export const handshake = (change = {}) =>
    `0${JSON.stringify({ sid: 'mUmANcnkH-1v0VOYAAAA', upgrades: [], pingInterval: 25000, pingTimeout: 20000, maxPayload: 1000000, ...change })}`;
export const accepted = '40/plugin,{"sid":"TRE65kxZWGIh4fQiAAAA"}';

/** One connection: the received frames, and ways to answer. */
class Peer {
    frames = [];
    #waiting = new Set();

    constructor(socket, request) {
        this.socket = socket;
        this.request = { method: request.method, url: request.url, headers: request.headers };
        socket.on('message', (data, binary) => {
            this.frames.push(binary ? data : data.toString());
            for (const check of this.#waiting) check();
        });
        socket.on('error', () => {}); // the connection is meant to break
    }

    send(...messages) {
        for (const message of messages) this.socket.send(message);
    }
    /** Sends bytes that are not a WebSocket message. */
    sendRaw(bytes) {
        this.socket._socket.write(Buffer.from(bytes));
    }

    /** The first frame from number `from` on for which the predicate holds. */
    frame(predicate, from = 0, timeoutMs = 10000) {
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => {
                this.#waiting.delete(check);
                reject(new Error(`no such frame in ${patient(timeoutMs)} ms; there are ${JSON.stringify(this.frames)}`));
            }, patient(timeoutMs));
            const check = () => {
                const found = this.frames.slice(from).find(predicate);
                if (found === undefined) return;
                clearTimeout(timer);
                this.#waiting.delete(check);
                resolve(found);
            };
            this.#waiting.add(check);
            check();
        });
    }

    /** Opens the connection as Socket.IO does. Resolves when the first heartbeat of the plugin has arrived. */
    async accept(change) {
        this.send(handshake(change));
        await this.frame((frame) => frame === '40/plugin,');
        this.send(accepted);
        return this.frame((frame) => frame.startsWith('42/plugin,["heartbeat",'));
    }
}

export class RawServer {
    peers = [];

    /**
     * @param {(peer: Peer) => any} script for every connection
     * @param {(socket, request) => any} [instead] called with the TCP socket, instead of opening a WebSocket
     * @param {object} [tls] key and cert of a server with TLS
     */
    static async start(script, instead, tls) {
        const raw = new RawServer();
        Object.assign(raw, { script, instead, tcp: new Set() });
        raw.http = tls ? https.createServer(tls) : http.createServer();
        raw.http.on('connection', (socket) => {
            raw.tcp.add(socket);
            socket.on('error', () => {});
            socket.once('close', () => raw.tcp.delete(socket));
        });
        const webSockets = new WebSocketServer({ noServer: true, maxPayload: 256 << 20 });
        raw.http.on('upgrade', (request, socket, head) => {
            if (raw.instead) return raw.instead(socket, request);
            webSockets.handleUpgrade(request, socket, head, (webSocket) => {
                const peer = new Peer(webSocket, request);
                raw.peers.push(peer);
                Promise.resolve(raw.script(peer)).catch(() => {}); // the connection ended while the script ran
            });
        });
        raw.http.listen(0, '127.0.0.1');
        await once(raw.http, 'listening');
        raw.url = `${tls ? 'https' : 'http'}://127.0.0.1:${raw.http.address().port}`;
        return raw;
    }

    /** Sets the script for the next connections. */
    become(script) {
        Object.assign(this, { script, instead: undefined });
    }

    async close() {
        const closed = once(this.http, 'close');
        this.http.close();
        for (const socket of this.tcp) socket.destroy();
        await closed;
    }
}
