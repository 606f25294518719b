// HTTP faults on demand: which requests are hit, how often, and what they get instead of their answer.
import { HubError } from './ids.mjs';
import { cutOff, slowDown } from './throttle.mjs';

const ACTIONS = ['drop', 'truncate', 'hang', 'html', 'redirect-loop', 'slow'];

/** The faults that wait for their request. */
export class Faults {
    #faults = [];
    #nextId = 1;

    /**
     * Adds a fault. `match` is "METHOD /path/prefix" ("*" for any method), a regular expression on "METHOD /path?query",
     * or, in JSON, its text between slashes. `times` 0 means until cleared. The README explains the other fields.
     * @param {object} fault
     * @returns {number} its id
     */
    add(fault) {
        if (fault.action !== undefined && !ACTIONS.includes(fault.action)) {
            throw new HubError(400, `unknown fault action "${fault.action}"`);
        }
        const isEndless = fault.times === 0 || (fault.times === undefined && fault.action === 'redirect-loop');
        const id = this.#nextId;
        this.#nextId += 1;
        this.#faults.push({ ...fault, id, hits: 0, left: isEndless ? Infinity : (fault.times ?? 1), test: matcher(fault.match) });
        return id;
    }

    /** Removes one fault, or all. */
    clear(id) {
        this.#faults = id === undefined ? [] : this.#faults.filter((fault) => fault.id !== id);
    }

    /** All faults and how often each has hit, including used-up ones that are not cleared yet. */
    list() {
        return this.#faults.map(({ test, ...fault }) => ({
            ...fault,
            match: String(fault.match),
            left: fault.left === Infinity ? null : fault.left,
        }));
    }

    /** The fault for this request. It counts as one hit. */
    take(method, url) {
        const fault = this.#faults.find((candidate) => candidate.left > 0 && candidate.test(method, url));
        if (!fault) return undefined;
        fault.left -= 1;
        fault.hits += 1;
        return fault;
    }

    /** Express middleware. */
    middleware() {
        return async (request, response, next) => {
            const fault = this.take(request.method, request.url);
            if (!fault) {
                next();
                return;
            }
            if (fault.delayMs && !fault.after) await delay(fault.delayMs);
            if (fault.after) afterwards(fault, request, response, next);
            else if (!strike(fault, request, response)) next();
        };
    }

    /** The same for a WebSocket upgrade. Returns true if the fault took the connection. */
    async strikeUpgrade(request, socket) {
        const fault = this.take(request.method, request.url);
        if (!fault) return false;
        if (fault.delayMs) await delay(fault.delayMs);
        if (fault.action === 'hang') return true;
        if (fault.action === 'drop') {
            socket.destroy();
            return true;
        }
        const location = fault.action === 'redirect-loop' ? { Location: request.url } : {};
        const status = fault.status ?? { html: 200, 'redirect-loop': 302 }[fault.action];
        if (status === undefined) return false;
        const body = bodyOf(fault) ?? '';
        const headers = { 'Content-Length': Buffer.byteLength(body), Connection: 'close', ...location, ...fault.headers };
        const lines = Object.entries(headers)
            .map(([name, value]) => `${name}: ${value}\r\n`)
            .join('');
        socket.end(`HTTP/1.1 ${status} Fault\r\n${lines}\r\n${body}`);
        return true;
    }
}

const delay = (ms) =>
    new Promise((resolve) => {
        setTimeout(resolve, ms);
    });

function matcher(match) {
    const asText = /^\/(.*)\/$/.exec(match);
    if (match instanceof RegExp || (asText && !/^\/\w+\/$/.test(match))) {
        const pattern = match instanceof RegExp ? match : new RegExp(asText[1]);
        return (method, url) => pattern.test(`${method} ${url}`);
    }
    const parts = /^(\S+) (\/.*)$/.exec(match ?? '');
    if (!parts) throw new HubError(400, 'a fault needs match: "METHOD /path" or a regular expression');
    return (method, url) => (parts[1] === '*' || parts[1] === method) && url.startsWith(parts[2]);
}

/** Lets the handler do its work and then spoils the answer: the effect is there, but the client does not know it. */
function afterwards(fault, request, response, next) {
    const methods = { write: response.write, end: response.end };
    response.write = () => true;
    response.end = async () => {
        Object.assign(response, methods, { statusCode: 200 });
        for (const name of response.getHeaderNames()) response.removeHeader(name);
        if (fault.delayMs) await delay(fault.delayMs);
        if (!strike(fault, request, response)) response.status(500).end();
    };
    next();
}

/** Answers as the fault says. Returns false if the usual handler should continue. */
function strike(fault, request, response) {
    const hasBody = request.method === 'PUT' || request.method === 'POST';
    switch (fault.action) {
        case 'drop':
            request.socket.destroy();
            return true;
        case 'hang':
            return true;
        case 'truncate':
            if (request.method === 'PUT') response.locals.bodyLimit = fault.afterBytes ?? 0;
            else cutOff(response, fault.afterBytes ?? 0);
            return false;
        case 'slow':
            if (request.method === 'PUT') response.locals.bodyBytesPerSecond = fault.bytesPerSecond;
            else slowDown(response, fault.bytesPerSecond);
            return false;
        case 'redirect-loop':
            response.redirect(fault.status ?? 302, request.originalUrl);
            return true;
        default:
            break;
    }
    const body = bodyOf(fault);
    if (fault.status === undefined && body === undefined) {
        if (fault.headers) response.set(fault.headers);
        return false;
    }
    // Otherwise a client that still sends its body would see a reset instead of the answer.
    if (hasBody) request.resume();
    response.status(fault.status ?? 200);
    if (fault.action === 'html') response.type('html');
    else response.type(typeof fault.body === 'string' ? 'text' : 'json');
    response.set(fault.headers ?? {}).send(body ?? JSON.stringify({ status: 'error', message: `fault ${fault.status}` }));
    return true;
}

function bodyOf(fault) {
    if (fault.action === 'html') return fault.body ?? '<!doctype html><title>Sign in</title><h1>Sign in</h1>';
    if (fault.body === undefined || typeof fault.body === 'string') return fault.body;
    return JSON.stringify(fault.body);
}
