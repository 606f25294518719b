// A transcript is all that a plugin did in a job, in a form that can be compared: names instead of the values that differ from run to run,
// and contents instead of bytes.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pixelsOf } from '../../integration/lib/png.mjs';

/** Headers by which a request means something else. Others name the client, or belong to the connection. */
const HEADERS = [
    'apikey',
    'authorization',
    'content-length',
    'content-type',
    'cookie',
    'expect',
    'if-range',
    'origin',
    'range',
    'secret',
    'sec-websocket-extensions',
    'sec-websocket-protocol',
    'transfer-encoding',
];
/** Values that are made anew in each run, by their form. */
const MADE = [
    [/\/files\/[0-9a-f]{24}\//g, '/files/FILE/'],
    [/(X-Expires=)\d+/g, '$1TIME'],
    [/(X-Signature=)[0-9a-f]+/g, '$1SIGNATURE'],
    [/\b[0-9a-f]{32}\b|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UNIQUE'],
    [/for url: \S+/g, 'for url: URL'],
    [/\b\d+(\.\d+)? (ms|s|seconds?)\b/g, 'N s'],
    [/\b\d+(\.\d+)? (bytes|kB|KB|MB)\b/g, 'N bytes'],
];

/**
 * @param {object[]} entries of a Recorder
 * @param {Record<string, string>} names the names of values that differ from run to run
 * @returns {{opening: object[], steps: object[]}} opening: the handshake and the messages up to the first heartbeat; steps: requests and
 * all other messages. `is` tells the kinds apart
 */
export function transcriptOf(entries, names) {
    const named = namer(names);
    const all = entries.map((entry) => stepOf(entry, named)).filter(Boolean);
    const isOpening = ({ key }) => /^(handshake|message 40|heartbeat)/.test(key);
    return { opening: all.filter(isOpening), steps: all.filter((step) => !isOpening(step)) };
}

/** A function that puts names in place of values, in texts at any depth. */
function namer(names) {
    const inText = (text) => {
        let out = text;
        for (const [value, name] of Object.entries(names)) out = out.replaceAll(value, name);
        for (const [form, name] of MADE) out = out.replace(form, name);
        return out;
    };
    const deep = (value, key) => {
        if (typeof value === 'string') return key === 'objectId' && /^[0-9a-f]{24}$/.test(value) ? 'OBJECT' : inText(value);
        if (Array.isArray(value)) return value.map((one) => deep(one));
        if (value === null || typeof value !== 'object') return value;
        return Object.fromEntries(Object.entries(value).map(([name, one]) => [inText(name), deep(one, name)]));
    };
    return deep;
}

function stepOf(entry, named) {
    switch (entry.kind) {
        case 'request':
            return { is: 'request', ...contentsOf(entry, named) };
        case 'handshake': {
            const { key, query, headers } = contentsOf(entry, named);
            return { is: 'handshake', key: `handshake ${key}`, query, headers };
        }
        case 'message':
            return messageOf(entry.text, named);
        default:
            return { is: 'fault', key: `fault ${named(entry.text)}` };
    }
}

function contentsOf({ method, url, headers, body }, named) {
    const { pathname, searchParams } = new URL(url, 'http://hub');
    const query = Object.fromEntries([...searchParams].map(([name, value]) => [name, jsonIn(value, named)]));
    for (const [name, form] of [
        ['X-Expires', 'TIME'],
        ['X-Signature', 'SIGNATURE'],
        ['t', 'TIME'],
    ])
        if (name in query) query[name] = form;
    const seen = HEADERS.filter((name) => headers[name] !== undefined).map((name) => [name, named(headers[name])]);
    const given = Object.fromEntries(seen);
    // The number is that of the body, which is compared itself.
    if ('content-length' in given) given['content-length'] = 'N';
    return { key: `${method} ${named(pathname)}`, query, headers: given, body: body?.length > 0 ? bodyOf(body, named) : undefined };
}

/** The contents of a body: JSON, entries of a zip, pixels of a picture, or a text. */
function bodyOf(body, named) {
    if (body.subarray(0, 2).toString() === 'PK') return entriesOf(body, named);
    if (body.subarray(1, 4).toString() === 'PNG') return { pixels: JSON.stringify(pixelsOf(body)) };
    return jsonIn(body.toString(), named);
}

/** Lists and objects that are written as JSON in a text are compared as such: spaces in them have no meaning. */
function jsonIn(text, named) {
    if (!/^[[{]/.test(text)) return named(text);
    try {
        return named(JSON.parse(text));
    } catch {
        return named(text);
    }
}

function entriesOf(zip, named) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-vendor-'));
    try {
        const file = path.join(folder, 'a.zip');
        fs.writeFileSync(file, zip);
        const unzip = (...words) =>
            execFileSync('unzip', [...words], { encoding: 'utf8', stdio: 'pipe' })
                .split('\n')
                .filter(Boolean);
        return Object.fromEntries(unzip('-Z1', file).map((name) => [name, unzip('-p', file, name).map((line) => jsonIn(line, named))]));
    } finally {
        fs.rmSync(folder, { recursive: true, force: true });
    }
}

/** A message of the plugin; nothing for a pong. */
function messageOf(text, named) {
    if (text === '3') return undefined;
    if (!text.startsWith('42/plugin,[')) return { is: 'message', key: `message ${named(text)}` };
    const [name, value, ...more] = named(JSON.parse(text.slice('42/plugin,'.length)));
    // A log line and the session of an answer are the identity of the event, the rest is its contents.
    const key = { log: `log "${value?.msg}"`, response: `response of ${value?.session}` }[name] ?? name;
    return { is: name === 'log' ? 'log' : 'event', key, value, ...(more.length > 0 ? { more } : {}) };
}
