// An HTTP proxy as companies use them: it makes tunnels for CONNECT, forwards plain requests, can demand a password, and
// refuses in the way that a test chooses.
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';

export class ForwardProxy {
    /** The requests: {method, target, authorization}. */
    asked = [];
    #sockets = new Set();

    /**
     * @param {{credentials?: string, names?: Object<string, {port: number, host?: string}>, host?: string,
     *   refuse?: (socket) => void}} [options]
     *   credentials: "user:password" that it insists on; names: what host:port of a tunnel stand for; refuse: what happens
     *   to a request for a tunnel instead, with its TCP socket
     */
    static async start(options = {}) {
        const proxy = new ForwardProxy();
        Object.assign(proxy, options);
        proxy.http = http.createServer((request, response) => proxy.#forward(request, response));
        proxy.http.on('connect', (request, socket) => proxy.#tunnel(request, socket));
        proxy.http.on('connection', (socket) => proxy.#keep(socket));
        proxy.http.listen(0, options.host ?? '127.0.0.1');
        await once(proxy.http, 'listening');
        proxy.port = proxy.http.address().port;
        proxy.authority = options.host?.includes(':') ? `[${options.host}]:${proxy.port}` : `127.0.0.1:${proxy.port}`;
        return proxy;
    }

    /** @param {string} [credentials] as they stand in a URL, percent-encoded */
    url(credentials) {
        return `http://${credentials ? `${credentials}@` : ''}${this.authority}`;
    }
    /** The hosts and ports of all requested tunnels. */
    get tunnels() {
        return this.asked.filter(({ method }) => method === 'CONNECT').map(({ target }) => target);
    }

    #keep(socket) {
        this.#sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.once('close', () => this.#sockets.delete(socket));
    }

    #allows(request) {
        const authorization = request.headers['proxy-authorization'];
        this.asked.push({ method: request.method, target: request.url, authorization });
        return !this.credentials || authorization === `Basic ${Buffer.from(this.credentials).toString('base64')}`;
    }

    #tunnel(request, socket) {
        const allowed = this.#allows(request);
        if (this.refuse) return this.refuse(socket);
        if (!allowed)
            return socket.end(
                'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="proxy"\r\nContent-Length: 0\r\n\r\n',
            );
        const at = request.url.lastIndexOf(':');
        const to = this.names?.[request.url] ?? {
            host: request.url.slice(0, at).replace(/^\[|\]$/g, ''),
            port: Number(request.url.slice(at + 1)),
        };
        const other = net.connect(to.port, to.host ?? '127.0.0.1', () => {
            socket.write('HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n');
            socket.pipe(other).pipe(socket);
        });
        this.#keep(other);
        other.once('close', () => socket.destroy());
        socket.once('close', () => other.destroy());
        other.once('error', () => socket.writable && socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    }

    #forward(request, response) {
        if (!this.#allows(request)) return response.writeHead(407, { 'Proxy-Authenticate': 'Basic realm="proxy"' }).end();
        const { 'proxy-authorization': _own, 'proxy-connection': _too, ...headers } = request.headers;
        const onward = http.request(request.url, { method: request.method, headers }, (answer) => {
            response.writeHead(answer.statusCode, answer.rawHeaders);
            answer.pipe(response);
        });
        onward.on('error', () => response.writeHead(502).end());
        request.pipe(onward);
    }

    async close() {
        const closed = once(this.http, 'close');
        this.http.close();
        for (const socket of this.#sockets) socket.destroy();
        await closed;
    }
}
