// A TCP relay that can stop forwarding without notice to either side, as a network does that has vanished.
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

    /** From now on nothing is forwarded, on present and on new connections. There is no FIN and no RST. */
    vanish() {
        this.#vanished = true;
        for (const socket of this.#sockets) cut(socket);
    }

    /** New connections work again. The old ones stay dead. */
    comeBack() {
        this.#vanished = false;
    }

    /** Resets the connections that are dead since vanish(), as a firewall does that no longer knows them. */
    forget() {
        for (const socket of this.#sockets) if (socket.isCut) socket.resetAndDestroy();
    }

    /** Nothing is forwarded until thaw(). Then everything is forwarded late. */
    freeze() {
        this.#frozen = true;
        for (const socket of this.#sockets) socket.pause();
    }

    thaw() {
        this.#frozen = false;
        for (const socket of this.#sockets) if (!socket.isCut) socket.resume();
    }

    /** Ends all connections in both directions: orderly, or with a reset. */
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
