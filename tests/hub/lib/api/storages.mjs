// Storages, and the lists of the objects in them.
import { HubError } from '../ids.mjs';
import { addressOf, filesIn, levelOf, objectsBelow } from '../storages.mjs';
import { text, texts, windowOf } from './requests.mjs';

/** A storage without its objects. */
const view = ({ files: _files, ...storage }) => storage;

function find(hub, id) {
    const storage = hub.storages.find(({ _id }) => _id === id);
    if (!storage) throw new HubError(404, `no storage ${id}`);
    return storage;
}

function list(hub, { query }) {
    const { first, limit } = windowOf(hub, query);
    const found = query._id === undefined ? hub.storages : hub.storages.filter(({ _id }) => _id === query._id);
    return { storages: found.slice(first, first + limit).map(view), total: found.length };
}

/** Adds a storage, in the form of the client (`provider`) or of the documentation (`type`, `credentials`). */
function create(hub, { body }) {
    const { name, provider, type, bucket, region, publicKey, privateKey, credentials } = body;
    text(name, 'name');
    text(provider ?? type, 'provider (or type)');
    const given = { name, provider, type, bucket, region, publicKey, privateKey, credentials };
    return { storage: view(hub.addStorage(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)))) };
}

function remove(hub, request) {
    const storage = find(hub, request.params.id);
    hub.storages.splice(hub.storages.indexOf(storage), 1);
    return { storage: view(storage) };
}

/** The objects below a folder, all levels or one, as the Hub is told. */
function files(hub, request) {
    const storage = find(hub, request.params.id);
    const { bucketName, path = '', getSignedUrls } = request.query;
    const bucket = text(bucketName, 'bucketName');
    const shown = (object) => ({
        key: object.key,
        name: object.key.split('/').at(-1),
        size: object.size,
        url: addressOf(storage, bucket, object.key),
        ...(getSignedUrls === 'true' && { signedUrl: signedUrl(hub, storage, bucket, object) }),
    });
    const objects = objectsBelow(storage, bucket, path);
    if (hub.options.storageFiles === 'recursive') return { files: objects.filter(isFile).map(shown) };
    const level = levelOf(storage, bucket, { folder: path, scrollToken: request.query.scrollToken });
    const here = new Set(level.files);
    return { ...level, files: objects.filter(({ key }) => here.has(key)).map(shown) };
}

/** Consoles of providers make an empty object for a folder; it is no file. */
const isFile = ({ key }) => !key.endsWith('/');

function signedUrl(hub, storage, bucket, { key, content = '' }) {
    return hub.files.sign('GET', hub.files.ofStorage(`${storage._id}/${bucket}/${key}`, key.split('/').at(-1), content), hub.url);
}

/** Lists one page of one level of a bucket, or imports files of it. */
function explore(hub, { body }) {
    const storage = find(hub, text(body.storageId, 'storageId'));
    const bucket = text(body.bucket, 'bucket');
    const { folder, extensions, scrollToken } = body;
    if (!body.upload) return { ...levelOf(storage, bucket, { folder, scrollToken, extensions }), success: true };
    const project = hub.projects.get(text(body.projectId, 'projectId'));
    const keys = body.files ? texts(body.files, 'files') : filesIn(storage, bucket, folder, extensions);
    const assets = keys.map((key) => ({ data: addressOf(storage, bucket, key), externalId: key, storage: storage._id }));
    project.addCloud({ assets, uploadLocal: null, priority: 0 }, texts(body.batches ?? [], 'batches'));
    return { message: `${assets.length} assets imported.`, success: true };
}

export const storageRoutes = {
    'GET /storages': list,
    'POST /storages': create,
    'DELETE /storages/:id': remove,
    'GET /storages/:id/files': files,
    'POST /file-explorer': explore,
};
