// Stores that speak S3 as a test says, and runs of explorer-s3 on them.
import http from 'node:http';
import { startHub } from '../../hub/hub.mjs';
import { run } from './running.mjs';

const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** A page of a list as ListObjectsV2 gives it. @param {{keys?: string[], truncated?: string|boolean, token?: string, more?: string}} content */
export function listing({ keys = [], truncated = false, token, more = '' }) {
    const contents = keys.map((key) => `<Contents><Key>${escaped(key)}</Key><Size>1</Size></Contents>`).join('');
    const next = token === undefined ? '' : `<NextContinuationToken>${escaped(token)}</NextContinuationToken>`;
    const cut = truncated === null ? '' : `<IsTruncated>${truncated}</IsTruncated>`;
    return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name>${cut}${next}${more}${contents}</ListBucketResult>`;
}
export const refusal = (code, message, more = '') =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${more}</Error>`;

const open = new Set();

/**
 * @param {(url: URL, count: number, request: http.IncomingMessage, response: http.ServerResponse) => {status?: number, headers?: object,
 *   body?: string} | void} answers count: from 1; nothing: the function has answered itself
 * @param {string} [host] an address of loopback
 */
export async function store(answers, host = '127.0.0.1') {
    const asked = [];
    const server = http.createServer((request, response) => {
        const url = new URL(request.url, 'http://store');
        asked.push({ url, headers: request.headers, isSigned: /^AWS4-HMAC-SHA256 /.test(request.headers.authorization ?? '') });
        const answer = answers(url, asked.length, request, response);
        if (answer === undefined) return;
        response.writeHead(answer.status ?? 200, { 'Content-Type': 'application/xml', ...answer.headers });
        response.end(answer.body ?? '');
    });
    await new Promise((resolve) => {
        server.listen(0, host, resolve);
    });
    open.add(server);
    return { url: `http://${host}:${server.address().port}`, port: server.address().port, asked };
}

let hub;
export async function startStores() {
    hub = await startHub();
}
export const localHub = () => hub;
export function closeServers() {
    for (const server of open) {
        server.close();
        server.closeAllConnections();
    }
    open.clear();
}
export async function closeStores() {
    closeServers();
    await hub?.close();
}

/**
 * A run on a store. With `upload` it imports the folder, otherwise it lists it.
 * prepare(hub, project) is called before it.
 * @returns as run of running.mjs, with the names that were imported
 */
export async function explore(settings, { storage = {}, event = {}, config = {}, env, prepare, project: fields = { assets: 0 } } = {}) {
    const { _id: storageId } = hub.addStorage({
        name: 'shots',
        provider: 'AWS',
        bucket: 'bucket',
        region: 'eu-west-1',
        publicKey: 'key-of-a-test',
        privateKey: 'secret-of-a-test',
        ...storage,
    });
    const project = hub.createProject(fields);
    prepare?.(hub, project);
    const asked = { apiKey: hub.apiKeyOf('user-1'), projectId: project.id, storageId, bucket: '', folder: '', files: null, upload: false };
    const whole = { ...asked, scrollToken: null, configJSON: JSON.stringify(config), ...event };
    const made = await run('explorer_s3', whole, ['--url', hub.apiUrl, '--settings', JSON.stringify(settings)], { env });
    return { ...made, imported: project.cloudAssets.map(({ externalId }) => externalId), project };
}
