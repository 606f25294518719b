// The one HTTP server: control API, REST API, files and Socket.IO on one port.
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import express from 'express';
import { apiRouter } from './api.mjs';
import { controlRouter } from './control.mjs';
import { pushBounded } from './ids.mjs';
import { attachSocket } from './socket.mjs';

const REQUESTS_KEPT = 20000;

/** Listens, and can stop and start again on the same port. */
export class Listener {
    #hub;
    #app;
    #port;
    #server;
    #io;
    #tcp = new Set();

    /** @param {import('../hub.mjs').Hub} hub */
    constructor(hub) {
        this.#hub = hub;
        this.#port = hub.options.port;
        this.#app = makeApp(hub);
    }

    get url() {
        const { host, tls } = this.#hub.options;
        return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${this.#port}`;
    }

    async start() {
        const { host, tls } = this.#hub.options;
        const server = tls ? createTlsServer(tls, this.#app) : createServer(this.#app);
        this.#server = server;
        // Signed uploads may take long, and clients must notice a hanging server themselves.
        server.requestTimeout = 0;
        server.on('connection', (socket) => {
            this.#tcp.add(socket);
            socket.once('close', () => this.#tcp.delete(socket));
        });
        this.#io = attachSocket(this.#hub, server);
        this.#putFaultsBeforeUpgrades(server);
        await new Promise((resolve, reject) => {
            server.once('error', reject);
            server.listen(this.#port, host, resolve);
        });
        this.#port = server.address().port;
    }

    async stop() {
        if (!this.#server?.listening) return;
        const closed = new Promise((resolve) => {
            this.#server.once('close', resolve);
        });
        this.#server.close();
        // TCP ends first, because plugins should see a Hub that has vanished, not one that says goodbye.
        for (const socket of this.#tcp) socket.destroy();
        await closed;
        await this.#io.close();
    }

    #putFaultsBeforeUpgrades(server) {
        const upgrades = server.listeners('upgrade');
        server.removeAllListeners('upgrade');
        server.on('upgrade', async (request, socket, head) => {
            socket.on('error', () => socket.destroy());
            if (await this.#hub.faults.strikeUpgrade(request, socket)) return;
            for (const upgrade of upgrades) upgrade.call(server, request, socket, head);
        });
    }
}

function makeApp(hub) {
    const app = express();
    app.disable('x-powered-by');
    app.disable('etag');
    app.use('/control', controlRouter(hub));
    app.use(logRequests(hub));
    app.use(hub.faults.middleware());
    app.get('/files/:id/:name', (request, response, next) => hub.files.download(request, response).catch(next));
    app.put('/files/:id/:name', (request, response, next) => hub.files.upload(request, response).catch(next));
    app.use('/v2', apiRouter(hub));
    app.use((_request, response) => response.status(404).json({ status: 'fail', message: 'not found' }));
    app.use(answerError);
    return app;
}

function logRequests(hub) {
    return (request, response, next) => {
        const { socket } = request;
        const entry = {
            at: Date.now(),
            method: request.method,
            path: request.path,
            query: { ...request.query },
            status: null,
            bytes: 0,
            complete: false,
        };
        const before = socket.bytesWritten;
        hub.counters.requests += 1;
        pushBounded(hub.requests, entry, REQUESTS_KEPT);
        hub.watch.changed();
        response.once('close', () => {
            Object.assign(entry, {
                status: response.headersSent ? response.statusCode : null,
                bytes: socket.bytesWritten - before,
                complete: response.writableFinished,
            });
            hub.watch.changed();
        });
        next();
    };
}

/** Errors in Hub's envelope. Errors of files are XML, as those of object stores. */
function answerError(error, request, response, _next) {
    if (response.headersSent) {
        response.destroy();
        return;
    }
    const status = error.status ?? 500;
    // The rest of a refused body is read and dropped. Otherwise the client would see a reset instead of this answer.
    request.resume();
    response.status(status);
    if (request.path.startsWith('/files/')) {
        response.type('xml').send(`<?xml version="1.0"?><Error><Code>${error.message}</Code></Error>`);
    } else {
        response.json({ status: status < 500 ? 'fail' : 'error', message: error.message });
    }
}
