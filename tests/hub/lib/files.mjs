// Object storage with signed URLs. Exports are downloaded from it and results uploaded to it.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HubError, newId } from './ids.mjs';
import { bodyThrough } from './throttle.mjs';

/** Stored objects and the signatures that open them. */
export class Files {
    #folder;
    #key = randomBytes(32);
    #objects = new Map();
    #options;
    #watch;

    /**
     * @param {string} folder
     * @param {{urlTtlSeconds: number, sharedUploadNames: boolean}} options read each time, so that tests may change them
     * @param {import('./watch.mjs').Watch} watch
     */
    constructor(folder, options, watch) {
        this.#folder = folder;
        this.#options = options;
        this.#watch = watch;
    }

    /** Every object that was uploaded or may be uploaded. */
    uploads() {
        return [...this.#objects.values()].filter((object) => object.isUpload);
    }

    /** The object with this URL or id, or undefined. */
    find(urlOrId) {
        const match = /\/files\/([0-9a-f]{24})\//.exec(urlOrId);
        return this.#objects.get(match ? match[1] : urlOrId);
    }

    /** Adds an object for an upload. Uploads of one name to one place are the same object, as in an object storage. */
    newUpload({ name, project, type, storageId }) {
        const same = (object) =>
            object.name === name && object.project === project && object.type === type && object.storageId === storageId;
        const known = this.#options.sharedUploadNames && this.uploads().find(same);
        if (known) return known;
        const id = newId();
        const object = {
            id,
            name,
            project,
            type,
            storageId,
            isUpload: true,
            puts: 0,
            bytes: null,
            sha256: null,
            path: path.join(this.#folder, id),
            createdAt: Date.now(),
        };
        this.#objects.set(id, object);
        return object;
    }

    /** Adds an object for an existing file. The same file is the same object. */
    published(file, name) {
        const id = createHash('sha256').update(`${file}\n${name}`).digest('hex').slice(0, 24);
        if (!this.#objects.has(id)) this.#objects.set(id, { id, name, path: file, isUpload: false });
        return this.#objects.get(id);
    }

    /** Adds an object of a storage; its content is written when it is first downloaded. */
    ofStorage(where, name, content) {
        const id = createHash('sha256').update(`storage\n${where}\n${content}`).digest('hex').slice(0, 24);
        if (!this.#objects.has(id)) this.#objects.set(id, { id, name, path: path.join(this.#folder, id), isUpload: false, content });
        return this.#objects.get(id);
    }

    /** Gives an object its bytes, as an upload does. */
    async fill(object, bytes) {
        await mkdir(this.#folder, { recursive: true });
        await writeFile(object.path, bytes);
        object.puts += 1;
        Object.assign(object, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), uploadedAt: Date.now() });
    }

    async #write({ path: target, content }) {
        await mkdir(this.#folder, { recursive: true });
        await writeFile(target, content);
    }

    /**
     * A URL that allows one method on one object for a while.
     * @param {'GET'|'PUT'} method
     * @param {object} object
     * @param {string} origin
     */
    sign(method, object, origin) {
        const expires = Date.now() + this.#options.urlTtlSeconds * 1000;
        // A name of dots alone would mean a folder in the path.
        const name = /^\.*$/.test(object.name) ? '_' : encodeURIComponent(object.name);
        return (
            `${origin}/files/${object.id}/${name}?X-Method=${method}&X-Expires=${expires}` +
            `&X-Signature=${this.#signature(method, object.id, expires)}`
        );
    }

    #signature(method, id, expires) {
        return createHmac('sha256', this.#key).update(`${method}\n${id}\n${expires}`).digest('hex');
    }

    /** The object that a request may use; throws an error like that of an object store otherwise. */
    #authorised(method, request) {
        const { 'X-Expires': expires, 'X-Signature': given } = request.query;
        const wanted = Buffer.from(this.#signature(method, request.params.id, expires));
        const signature = Buffer.from(String(given));
        if (signature.length !== wanted.length || !timingSafeEqual(signature, wanted)) {
            throw new HubError(403, 'SignatureDoesNotMatch');
        }
        if (!(Number(expires) > Date.now())) throw new HubError(403, 'AccessDenied: Request has expired');
        return this.#objects.get(request.params.id);
    }

    /** GET and HEAD of a signed URL, with ranges. */
    async download(request, response) {
        const object = this.#authorised('GET', request);
        if (object?.content !== undefined) await this.#write(object);
        const info = object && (await stat(object.path).catch(() => undefined));
        if (!info) throw new HubError(404, 'NoSuchKey');
        const etag = `"${info.size.toString(16)}-${Math.floor(info.mtimeMs).toString(16)}"`;
        response.set({
            ETag: etag,
            'Accept-Ranges': 'bytes',
            'Last-Modified': info.mtime.toUTCString(),
            'Content-Type': object.name.endsWith('.zip') ? 'application/zip' : 'application/octet-stream',
        });
        const ifRange = request.get('if-range');
        const isRangeValid = ifRange === undefined || ifRange === etag || ifRange === info.mtime.toUTCString();
        const range = isRangeValid ? parseRange(request.get('range'), info.size) : undefined;
        if (range === 'unsatisfiable') {
            response.set('Content-Range', `bytes */${info.size}`);
            throw new HubError(416, 'InvalidRange');
        }
        const { start, end } = range ?? { start: 0, end: info.size - 1 };
        if (range) response.status(206).set('Content-Range', `bytes ${start}-${end}/${info.size}`);
        response.set('Content-Length', String(end - start + 1));
        if (request.method === 'HEAD' || info.size === 0) response.end();
        else await pipeline(createReadStream(object.path, { start, end }), response);
    }

    /** PUT on a signed URL, with the rules of an object store. */
    async upload(request, response) {
        const object = this.#authorised('PUT', request);
        if (request.get('apikey') !== undefined) throw new HubError(400, 'InvalidArgument: only one auth mechanism allowed');
        if (request.get('transfer-encoding')) throw new HubError(501, 'NotImplemented: Transfer-Encoding');
        if (request.get('content-length') === undefined) throw new HubError(411, 'MissingContentLength');
        await mkdir(this.#folder, { recursive: true });
        const part = `${object.path}.${newId()}.part`;
        const hash = createHash('sha256');
        let bytes = 0;
        const meter = new Transform({
            transform(chunk, _encoding, done) {
                bytes += chunk.length;
                hash.update(chunk);
                done(null, chunk);
            },
        });
        try {
            await pipeline(bodyThrough(request, response), meter, createWriteStream(part));
            await rename(part, object.path);
        } finally {
            await rm(part, { force: true });
        }
        // An upload counts only when all its bytes are there: one that was cut off never happened.
        object.puts += 1;
        Object.assign(object, { bytes, sha256: hash.digest('hex'), uploadedAt: Date.now(), contentType: request.get('content-type') });
        this.#watch.changed();
        response
            .set('ETag', `"${object.sha256.slice(0, 32)}"`)
            .status(200)
            .end();
    }
}

/** A single byte range, undefined if the header is to be ignored, or 'unsatisfiable'. */
function parseRange(header, size) {
    const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
    if (!match || (match[1] === '' && match[2] === '')) return undefined;
    const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
    const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
    return start > end ? 'unsatisfiable' : { start, end };
}
