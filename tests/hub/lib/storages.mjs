// The objects in the buckets of storages, as a test gives them: lists of keys, one level of folders at a time, and addresses.
import { HubError } from './ids.mjs';

const PAGE = 50;

/** The form in which a storage keeps its objects: by bucket a list of {key, size, content?}, in the order of the keys. */
export function bucketsOf(files = {}) {
    return Object.fromEntries(Object.entries(files).map(([bucket, entries]) => [bucket, entriesOf(bucket, entries)]));
}

function entriesOf(bucket, entries) {
    if (!Array.isArray(entries)) throw new HubError(400, `files.${bucket} must be a list of keys or of {key, size?, content?}`);
    const objects = entries.map((entry) => (typeof entry === 'string' ? { key: entry } : entry));
    const bad = objects.findIndex((object) => typeof object?.key !== 'string' || object.key === '');
    if (bad >= 0) throw new HubError(400, `files.${bucket}[${bad}] has no key`);
    return objects
        .map(({ key, content, size }) => ({ key, content, size: size ?? Buffer.byteLength(content ?? '') }))
        .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
}

/** The objects of a bucket below a folder, all levels. */
export function objectsBelow(storage, bucket, folder = '') {
    const objects = storage.files[bucket];
    if (!objects) throw new HubError(404, `storage ${storage._id} has no bucket ${bucket}`);
    const prefix = prefixOf(folder);
    return objects.filter(({ key }) => key.startsWith(prefix));
}

/** A folder with the slash at its end; the root is empty. */
function prefixOf(folder) {
    const inside = String(folder ?? '').replace(/^\/+/, '');
    return inside === '' || inside.endsWith('/') ? inside : `${inside}/`;
}

/**
 * One page of one level of a bucket.
 * @param {object} storage
 * @param {string} bucket
 * @param {{folder?: string, scrollToken?: string|null, extensions?: string[]}} options
 */
export function levelOf(storage, bucket, { folder, scrollToken, extensions }) {
    const prefix = prefixOf(folder);
    const isWanted = extensionTest(extensions);
    const entries = [];
    for (const { key } of objectsBelow(storage, bucket, prefix)) {
        const slash = key.indexOf('/', prefix.length);
        const name = slash < 0 ? key : key.slice(0, slash + 1);
        if (name !== prefix && name !== entries.at(-1) && (slash >= 0 || isWanted(name))) entries.push(name);
    }
    const begin = placeBehind(entries, scrollToken);
    const page = entries.slice(begin, begin + PAGE);
    return {
        folders: page.filter((name) => name.endsWith('/')),
        files: page.filter((name) => !name.endsWith('/')),
        scrollToken: begin + PAGE < entries.length ? Buffer.from(page.at(-1)).toString('base64url') : null,
    };
}

function placeBehind(entries, token) {
    if (token === undefined || token === null || token === '') return 0;
    const place = entries.indexOf(Buffer.from(String(token), 'base64url').toString());
    if (place < 0) throw new HubError(400, 'scrollToken is none that this folder gave');
    return place + 1;
}

/** The keys that stand directly in a folder. */
export function filesIn(storage, bucket, folder, extensions) {
    const prefix = prefixOf(folder);
    const isWanted = extensionTest(extensions);
    return objectsBelow(storage, bucket, prefix)
        .map(({ key }) => key)
        .filter((key) => key !== prefix && !key.includes('/', prefix.length) && isWanted(key));
}

function extensionTest(extensions) {
    if (!Array.isArray(extensions) || extensions.length === 0) return () => true;
    const endings = extensions.map((one) => `.${String(one).replace(/^\./, '').toLowerCase()}`);
    return (key) => endings.some((ending) => key.toLowerCase().endsWith(ending));
}

/** The address under which the provider has an object. */
export function addressOf({ provider, type, region, accountName }, bucket, key) {
    const path = key.split('/').map(encodeURIComponent).join('/');
    switch (String(provider ?? type).toUpperCase()) {
        case 'GCP':
        case 'GCS':
            return `https://storage.googleapis.com/${bucket}/${path}`;
        case 'AZURE':
            return `https://${accountName ?? 'account'}.blob.core.windows.net/${bucket}/${path}`;
        default:
            return `https://${bucket}.s3.${region ?? 'eu-central-1'}.amazonaws.com/${path}`;
    }
}
