// Calls of the REST API and of the control API, for the tests of the Hub.
import { promisify } from 'node:util';
import yauzl from 'yauzl';

/** REST calls as user-1: each answers {status, headers, body}. A body that is no plain object is sent as it is. */
export function caller(hub) {
    return async (path, { method, body, headers } = {}) => {
        const isPlain = body?.constructor === Object;
        const response = await fetch(`${hub.apiUrl}${path}`, {
            method: method ?? (body === undefined ? 'GET' : 'POST'),
            headers: { apikey: hub.apiKeyOf('user-1'), ...(isPlain && { 'Content-Type': 'application/json' }), ...headers },
            body: isPlain ? JSON.stringify(body) : body,
        });
        return { status: response.status, headers: response.headers, body: await response.json() };
    };
}

/** The same, but the answer is its `data`, and every status from 300 on is an error. */
export function asker(hub) {
    const call = caller(hub);
    return async (path, options) => {
        const { status, body } = await call(path, options);
        if (status >= 300 || body.status !== 'success') throw new Error(`${path} was answered ${status}: ${JSON.stringify(body)}`);
        return body.data;
    };
}

/** A member of a query as JSON. */
export const json = (value) => encodeURIComponent(JSON.stringify(value));

/** Name and text of the first entry of a zip. */
export async function firstEntry(bytes) {
    const zip = await promisify(yauzl.fromBuffer)(Buffer.from(bytes), { lazyEntries: true });
    const entry = await new Promise((resolve) => {
        zip.once('entry', resolve).readEntry();
    });
    const stream = await promisify(zip.openReadStream.bind(zip))(entry);
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    return { name: entry.fileName, text: Buffer.concat(chunks).toString() };
}
