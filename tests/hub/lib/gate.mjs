// The WebSocket class given to Engine.IO, so that link faults act below Socket.IO: on frames, pings and pongs.
import { WebSocket, WebSocketServer } from 'ws';

/**
 * Makes the `wsEngine` class for Engine.IO.
 *
 * `ws` (8.16 and later) answers WebSocket pings by itself unless its server option `autoPong` is false. Engine.IO does
 * not pass that option on, hence the subclass of the server: it turns autoPong off, and the socket below answers
 * pings itself, so that pongs can be suppressed while everything else goes on.
 * @param {import('./links.mjs').Links} links says which faults hold for a socket
 */
export function gatedServer(links) {
    class GatedSocket extends WebSocket {
        pluginId = null;
        // Set if a close was requested while the link was silent. It happens when the silence ends.
        closeHeld = false;
        #delayed = [];

        constructor(...args) {
            super(...args);
            links.sockets.add(this);
            this.once('close', () => links.sockets.delete(this));
            this.on('ping', (data) => {
                if (!links.rule(this, 'noPong')) this.#later(() => this.pong(data, false));
            });
        }

        send(data, options, callback) {
            const done = typeof options === 'function' ? options : callback;
            const flags = typeof options === 'object' ? options : {};
            if (links.rule(this, 'silent')) {
                if (done) process.nextTick(done);
                return;
            }
            if (!links.rule(this, 'delay') && this.#delayed.length === 0) {
                super.send(data, flags, done);
                return;
            }
            // Engine.IO sends no further frame before this one is written. It must not notice the delay, because otherwise
            // the delays of frames would add up.
            if (done) process.nextTick(done);
            this.#later(() => super.send(data, flags, () => {}));
        }

        close(...args) {
            if (links.rule(this, 'silent')) this.closeHeld = true;
            else this.#later(() => super.close(...args));
        }

        emit(event, ...args) {
            const isInput = event === 'message' || event === 'ping' || event === 'pong';
            if (isInput && links.rule(this, 'silent')) return true;
            return super.emit(event, ...args);
        }

        // Runs the writes in order, each `delay` ms after it was asked for.
        #later(write) {
            const delay = links.rule(this, 'delay') || 0;
            if (delay === 0 && this.#delayed.length === 0) {
                write();
                return;
            }
            this.#delayed.push({ due: Date.now() + delay, write });
            if (this.#delayed.length === 1) this.#arm();
        }

        #arm() {
            setTimeout(
                () => {
                    const { write } = this.#delayed[0];
                    if (this.readyState !== WebSocket.CLOSED) write();
                    this.#delayed.shift();
                    if (this.#delayed.length > 0) this.#arm();
                },
                Math.max(0, this.#delayed[0].due - Date.now()),
            );
        }
    }

    return class GatedServer extends WebSocketServer {
        constructor(options) {
            super({ ...options, autoPong: false, WebSocket: GatedSocket });
        }
    };
}
