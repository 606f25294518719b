// A TCP relay that can stop to forward without a word to either side, as a network does that is gone.
import { once } from 'node:events';
import net from 'node:net';

export class Relay {
    #sockets = new Set();
    #vanished = false;
    #frozen = false;
    connections = 0;

    /** @param {{port: number, host?: string}} target @param {string} [host] where it listens */
    static async start(target, host = '127.0.0.1') {
        const relay = new Relay();
        relay.target = target;
        relay.server = net.createServer((socket) => relay.#accept(socket));
        relay.server.listen(0, host);
        await once(relay.server, 'listening');
        relay.port = relay.server.address().port;
        relay.url = `http://${host.includes(':') ? `[${host}]` : host}:${relay.port}`;
        return relay;
    }

    /** Nothing is forwarded from now on, on present connections and on new ones. No FIN, no RST. */
    vanish() {
        this.#vanished = true;
        for (const socket of this.#sockets) cut(socket);
    }

    /** New connections work again; those that were there stay dead. */
    comeBack() {
        this.#vanished = false;
    }

    /** What is dead since vanish() is reset now, as by a firewall that knows nothing of it any more. */
    forget() {
        for (const socket of this.#sockets) if (socket.isCut) socket.resetAndDestroy();
    }

    /** Nothing is forwarded until thaw(); then all of it is, late. */
    freeze() {
        this.#frozen = true;
        for (const socket of this.#sockets) socket.pause();
    }

    thaw() {
        this.#frozen = false;
        for (const socket of this.#sockets) if (!socket.isCut) socket.resume();
    }

    /** Present connections end, in both directions: orderly, or with a reset. */
    cut({ reset = false } = {}) {
        for (const socket of this.#sockets) {
            if (socket.isCut) continue;
            if (reset) socket.resetAndDestroy();
            else socket.destroy();
        }
    }

    #accept(socket) {
        ++this.connections;
        this.#keep(socket);
        if (this.#vanished) return cut(socket);
        const other = net.connect(this.target.port, this.target.host ?? '127.0.0.1');
        this.#keep(other);
        for (const [from, to] of [
            [socket, other],
            [other, socket],
        ]) {
            from.on('data', (bytes) => {
                if (!from.isCut) to.write(bytes);
            });
            from.once('close', () => {
                if (!from.isCut) to.destroy();
            });
            if (this.#frozen) from.pause();
        }
    }

    #keep(socket) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.once('close', () => this.#sockets.delete(socket));
    }

    async close() {
        const closed = once(this.server, 'close');
        this.server.close();
        for (const socket of this.#sockets) socket.destroy();
        await closed;
    }
}

function cut(socket) {
    socket.isCut = true;
    socket.pause();
}
