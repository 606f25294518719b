// An object store on another host than Hub. It serves as a test says and records its requests.
import http from 'node:http';

/**
 * @param {(request: http.IncomingMessage, response: http.ServerResponse, count: number) => void} serve count: from 1
 * @returns {Promise<{url: string, requests: {method: string, headers: object, body: Buffer}[], close: () => Promise<void>}>}
 */
export async function startStorage(serve) {
    const requests = [];
    const server = http.createServer((request, response) => {
        const seen = { method: request.method, headers: request.headers, body: Buffer.alloc(0) };
        requests.push(seen);
        const count = requests.length;
        const pieces = [];
        request.on('data', (piece) => pieces.push(piece));
        request.on('end', () => {
            seen.body = Buffer.concat(pieces);
            serve(request, response, count);
        });
    });
    await new Promise((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
    });
    const close = () =>
        new Promise((resolve) => {
            server.close(resolve);
            server.closeAllConnections();
        });
    return { url: `http://127.0.0.1:${server.address().port}/export.zip?X-Signature=abc`, requests, close };
}

/** Sends the head and the first half of the body, then cuts the connection. */
export function half(response, headers, body) {
    response.writeHead(200, headers);
    response.write(body.subarray(0, body.length / 2), () => setImmediate(() => response.destroy()));
}
