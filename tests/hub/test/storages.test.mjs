import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, call, hub } from '../testing/own_hub.mjs';

const many = Array.from({ length: 120 }, (_, n) => `many/${String(n).padStart(3, '0')}.jpg`);

/** A storage with two buckets. */
const shelf = () =>
    hub.addStorage({
        name: 'shelf',
        provider: 'AWS',
        region: 'eu-west-1',
        files: { photos: ['a b.jpg', 'x/1.jpg', 'x/', 'x/y/2.PNG', 'x-1.txt', { key: 'z.txt', content: 'the bytes' }, ...many], empty: [] },
    });

test('storages are made, found and deleted, and never show their objects', async () => {
    const { storage } = await ask('/v2/storages/', { body: { name: 'n', provider: 'GCP', publicKey: 'k', privateKey: null } });
    assert.deepEqual([storage.provider, storage.publicKey, storage.organization], ['GCP', 'k', hub.orgId]);
    const typed = await ask('/v2/storages', { body: { name: 'm', type: 'azure', bucket: 'b', credentials: { a: 1 } } });
    const found = await ask(`/v2/storages?_id=${typed.storage._id}`);
    assert.deepEqual([found.total, found.storages[0].type, 'files' in found.storages[0]], [1, 'azure', false]);
    assert.equal((await ask('/v2/storages?_id=none')).total, 0);
    assert.equal((await call('/v2/storages', { body: { name: 'x' } })).status, 400);
    await ask(`/v2/storages/${storage._id}`, { method: 'DELETE' });
    assert.deepEqual(
        (await ask('/v2/storages?limit=100')).storages.map(({ name }) => name),
        ['local', 'm'],
    );
});

test('the files of a storage are listed at all levels, with signed addresses if asked', async () => {
    const { _id } = shelf();
    const files = async (query) => (await ask(`/v2/storages/${_id}/files?bucketName=photos&${query}`)).files;
    const below = await files('path=x&getSignedUrls=false&retryOnSlowDown=true');
    assert.deepEqual(
        below.map(({ key, name, url, signedUrl }) => ({ key, name, url, signedUrl })),
        [
            { key: 'x/1.jpg', name: '1.jpg', url: 'https://photos.s3.eu-west-1.amazonaws.com/x/1.jpg', signedUrl: undefined },
            { key: 'x/y/2.PNG', name: '2.PNG', url: 'https://photos.s3.eu-west-1.amazonaws.com/x/y/2.PNG', signedUrl: undefined },
        ],
    );
    const all = await files('path=&getSignedUrls=true');
    assert.equal(all.length, 125);
    const last = all.find(({ key }) => key === 'z.txt');
    assert.deepEqual([last.size, await (await fetch(last.signedUrl)).text()], [9, 'the bytes']);
    assert.equal(all[0].url, 'https://photos.s3.eu-west-1.amazonaws.com/a%20b.jpg');
    assert.deepEqual((await ask(`/v2/storages/${_id}/files?bucketName=empty`)).files, []);
    assert.equal((await call(`/v2/storages/${_id}/files?bucketName=none`)).status, 404);
    assert.equal((await call(`/v2/storages/${_id}/files`)).body.message, 'bucketName is required');
});

test('the files of a storage are listed one level at a time if the Hub is told so', async () => {
    const { _id } = shelf();
    hub.set({ storageFiles: 'level' });
    const { folders, files, scrollToken } = await ask(`/v2/storages/${_id}/files?bucketName=photos`);
    assert.deepEqual([folders, files.map(({ key }) => key), scrollToken], [['many/', 'x/'], ['a b.jpg', 'x-1.txt', 'z.txt'], null]);
});

test('the file explorer shows one level, 50 entries to a page', async () => {
    const { _id } = shelf();
    const explore = (more) => ask('/v2/file-explorer', { body: { bucket: 'photos', storageId: _id, ...more } });
    assert.deepEqual(await explore({ folder: '' }), {
        folders: ['many/', 'x/'],
        files: ['a b.jpg', 'x-1.txt', 'z.txt'],
        scrollToken: null,
        success: true,
    });
    assert.deepEqual((await explore({ folder: 'x/', extensions: ['png'] })).folders, ['x/y/']);
    assert.deepEqual((await explore({ folder: 'x/y', extensions: ['.png'] })).files, ['x/y/2.PNG']);
    const seen = [];
    let token = null;
    do {
        const page = await explore({ folder: 'many', scrollToken: token });
        assert.ok(page.files.length <= 50);
        seen.push(...page.files);
        token = page.scrollToken;
    } while (token);
    assert.deepEqual(seen, many);
    const wrong = await call('/v2/file-explorer', { body: { bucket: 'photos', storageId: _id, scrollToken: 'x' } });
    assert.deepEqual([wrong.status, wrong.body.status], [400, 'fail']);
});

test('the file explorer imports the files that are named, or all of a folder', async () => {
    const { _id } = shelf();
    const project = hub.createProject({ assets: 0, batches: ['b'] });
    const body = { bucket: 'photos', storageId: _id, upload: true, projectId: project.id };
    const imports = (more) => ask('/v2/file-explorer', { body: { ...body, ...more } });
    assert.equal((await imports({ files: ['a b.jpg'], batches: ['b'] })).message, '1 assets imported.');
    assert.equal((await imports({ folder: 'x' })).success, true);
    await imports({ folder: '', extensions: ['txt'] });
    assert.deepEqual(
        project.cloudAssets.map(({ externalId, storage }) => [externalId, storage]),
        ['a b.jpg', 'x/1.jpg', 'x-1.txt', 'z.txt'].map((key) => [key, _id]),
    );
    assert.deepEqual(
        [project.cloudAssets[0].data, project.cloudAssets[0].batches],
        ['https://photos.s3.eu-west-1.amazonaws.com/a%20b.jpg', [project.batches[0]._id]],
    );
    assert.equal((await call('/v2/file-explorer', { body: { ...body, projectId: undefined } })).status, 400);
});

test('a test gives objects to a storage by the control API, too', async () => {
    const control = async (path, body) => {
        const headers = { 'Content-Type': 'application/json' };
        return fetch(`${hub.controlUrl}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    };
    const { _id } = await (await control('/storages', { name: 'c', provider: 'GCP', files: { one: ['a'] } })).json();
    assert.equal((await control(`/storages/${_id}/files`, { two: ['b', 'c'] })).status, 200);
    const keys = async (bucket) => (await ask(`/v2/storages/${_id}/files?bucketName=${bucket}`)).files.map(({ url }) => url);
    assert.deepEqual([await keys('one'), (await keys('two')).length], [['https://storage.googleapis.com/one/a'], 2]);
    assert.equal((await control(`/storages/${_id}/files`, { two: [{}] })).status, 400);
    assert.equal((await control('/storages/none/files', {})).status, 404);
});
