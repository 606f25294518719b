// A server between a plugin and the local Hub. It passes everything on, and records it as it came: requests with their bodies, and
// the messages that the plugin sends through its WebSocket.
import { once } from 'node:events';
import http from 'node:http';
import { createRequire } from 'node:module';
import { until } from '../../integration/lib/until.mjs';

const { WebSocket, WebSocketServer } = createRequire(new URL('../../hub/package.json', import.meta.url))('ws');
/** Larger bodies are a fault of the job. */
const LARGEST_BODY = 16 << 20;

export class Recorder {
    /** Requests and messages in the order in which they were complete. */
    entries = [];
    #hub;
    #open = 0;
    #server = http.createServer((request, response) => this.#request(request, response));
    #sockets = new WebSocketServer({ noServer: true });

    /** Starts a recorder in front of a Hub. From then on the Hub gives away the recorder's address as its own. */
    static async start(hub) {
        const recorder = new Recorder();
        recorder.#hub = new URL(hub.url);
        recorder.#server.on('upgrade', (request, socket, head) => recorder.#upgrade(request, socket, head));
        recorder.#server.listen(0, '127.0.0.1');
        await once(recorder.#server, 'listening');
        recorder.url = `http://127.0.0.1:${recorder.#server.address().port}`;
        hub.url = recorder.url; // signed URLs too lead through here
        hub.apiUrl = recorder.url;
        return recorder;
    }

    /** Waits until no request is in progress. */
    quiet() {
        return until(() => this.#open === 0, 'the end of all requests');
    }

    async close() {
        for (const socket of this.#sockets.clients) socket.terminate();
        this.#server.close();
        this.#server.closeAllConnections();
        await once(this.#server, 'close');
    }

    async #request(request, response) {
        this.#open += 1;
        response.once('close', () => {
            this.#open -= 1;
        });
        const { method, url, headers } = request;
        try {
            const body = await bodyOf(request);
            this.entries.push({ kind: 'request', method, url, headers, body });
            const { hostname, port } = this.#hub;
            const onward = http.request({ hostname, port, method, path: url, headers, agent: false });
            onward.end(body);
            const [answer] = await once(onward, 'response');
            response.writeHead(answer.statusCode, answer.rawHeaders);
            answer.pipe(response);
        } catch (failed) {
            // The comparison fails with this entry, because no list accepts it.
            this.entries.push({ kind: 'fault', text: `${method} ${url.split('?')[0]}: ${failed.message}` });
            response.destroy();
        }
    }

    #upgrade(request, socket, head) {
        const { url, headers } = request;
        this.entries.push({ kind: 'handshake', method: 'GET', url, headers });
        this.#sockets.handleUpgrade(request, socket, head, (plugin) => {
            const hub = new WebSocket(`ws://${this.#hub.host}${url}`, { perMessageDeflate: false });
            const early = [];
            plugin.on('message', (data, isBinary) => {
                this.entries.push({ kind: 'message', text: isBinary ? `${data.length} bytes` : data.toString() });
                if (hub.readyState === WebSocket.OPEN) hub.send(data, { binary: isBinary });
                else early.push([data, { binary: isBinary }]);
            });
            hub.on('open', () => early.splice(0).forEach((one) => hub.send(...one)));
            hub.on('message', (data, isBinary) => plugin.send(data, { binary: isBinary }));
            for (const [one, other] of [
                [plugin, hub],
                [hub, plugin],
            ]) {
                one.on('close', () => other.terminate());
                one.on('error', () => other.terminate());
            }
        });
    }
}

async function bodyOf(request) {
    const pieces = [];
    let size = 0;
    for await (const piece of request) {
        size += piece.length;
        if (size > LARGEST_BODY) throw new Error(`the body has more than ${LARGEST_BODY} bytes`);
        pieces.push(piece);
    }
    return Buffer.concat(pieces);
}
