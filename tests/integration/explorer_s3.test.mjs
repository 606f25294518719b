// The module explorer-s3 with a real S3 server.
import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build } from './lib/angod.mjs';
import { lines } from './lib/exporting.mjs';
import * as expected from './lib/lines.mjs';
import { Swift } from './lib/swift.mjs';
import { System } from './lib/system.mjs';

const ODD = ['odd/a b.jpg', 'odd/ä+ü&=?#%41.jpg', 'odd/ü/x.jpg', 'odd/<&">.txt'];
const MANY = Array.from({ length: 120 }, (_, i) => `many/${String(i).padStart(4, '0')}.jpg`);

let swift, system, hub, storage;
before(async () => {
    swift = await Swift.start();
    await swift.bucket('shots', ['top.txt', ...ODD, ...MANY]);
    const s3 = { type: 'File Explorer', kind: 'file-explorer', module: 'explorer-s3', max_attempts: 1 };
    system = await System.start({
        modules: [path.join(build, 'modules/explorer_s3.so')],
        plugins: { s3: { ...s3, settings: { endpoint: swift.url, path_style: true } }, amazon: s3 },
    });
    hub = system.hub;
    storage = keys({});
});
after(async () => {
    await system?.close();
    await swift?.close();
});

/** A storage with the keys of the server. */
const keys = (fields) =>
    hub.addStorage({
        name: 'swift',
        provider: 'AWS',
        bucket: 'shots',
        region: swift.region,
        publicKey: swift.keyId,
        privateKey: swift.secret,
        ...fields,
    });

const run = (extra, request = {}, name = 's3') =>
    hub.waitForSession(hub.run(system.id(name), { ...request, extra: { bucket: '', storageId: storage._id, ...extra } }), 30000);

async function answer(...call) {
    const record = await run(...call);
    assert.equal(record.state, 'answered', JSON.stringify(record.logs));
    return record.answers[0].message.response;
}

async function refusal(...call) {
    const record = await run(...call);
    assert.equal(record.state, 'failed', JSON.stringify(record.answers));
    const [said] = lines(record, 'ERROR');
    system.angod.expect(expected.failed(said));
    assert.ok(!JSON.stringify(record.logs).includes('a-secret-that-is-wrong'));
    return said;
}

test("a level's folders and files are listed, whatever their names", async () => {
    assert.deepEqual(await answer({ folder: '' }), { folders: ['many/', 'odd/'], files: ['top.txt'], scrollToken: null, success: true });
    const odd = await answer({ folder: 'odd/' });
    assert.deepEqual([odd.folders, new Set(odd.files)], [['odd/ü/'], new Set(ODD.filter((key) => !key.includes('ü/')))]);
    assert.deepEqual((await answer({ folder: 'odd' })).folders, ['odd/ü/']);
    assert.deepEqual((await answer({ folder: 'odd/ü/' })).files, ['odd/ü/x.jpg']);
    assert.deepEqual((await answer({ folder: 'nothing/' })).files, []);
});

test('a large folder comes page by page', async () => {
    const files = [];
    let scrollToken = null,
        pages = 0;
    do {
        const page = await answer({ folder: 'many/', scrollToken });
        files.push(...page.files);
        ({ scrollToken } = page);
        pages += 1;
    } while (scrollToken !== null);
    assert.equal(pages, 3);
    assert.deepEqual(files, MANY);
});

test('a folder is imported, and Hub is told where each file is', async () => {
    const project = hub.createProject({ assets: 0 });
    assert.equal(
        await answer({ upload: true, folder: 'odd/' }, { projectId: project.id, config: { ignored_extensions: ['txt'] } }),
        'Imported 2 files into the project. 1 file was left out because of its type.',
    );
    assert.deepEqual(
        new Set(project.cloudAssets.map(({ externalId, data }) => `${externalId} ${data}`)),
        new Set([
            `odd/a b.jpg ${swift.url}/shots/odd/a%20b.jpg`,
            `odd/ä+ü&=?#%41.jpg ${swift.url}/shots/odd/%C3%A4%2B%C3%BC%26%3D%3F%23%2541.jpg`,
        ]),
    );
    for (const { data } of project.cloudAssets)
        assert.equal(await swift.read(new URL(data).pathname), decodeURIComponent(new URL(data).pathname).slice('/shots/'.length));
});

test('a refusal of the storage is reported in one sentence', async () => {
    assert.match(
        await refusal({ storageId: keys({ privateKey: 'a-secret-that-is-wrong' })._id }),
        /^The storage refuses the keys of "swift" \(SignatureDoesNotMatch\)/,
    );
    assert.match(await refusal({ bucket: 'nowhere' }), /^There is no bucket "nowhere"\./);
    assert.match(await refusal({ bucket: 'a/b' }), /^The name of the bucket/);
    assert.match(await refusal({ storageId: null }), /^No storage is chosen/);
    assert.match(
        await refusal({ storageId: keys({ privateKey: '' })._id }),
        /^Hub gives no keys for the storage "swift", and does not list its files/,
    );
    assert.match(
        await refusal({ storageId: keys({ provider: 'GCP' })._id }, {}, 'amazon'),
        /^Hub does not list the files of the storage "swift", which is at GCP: Hub refused the data that the plugin needs: .* has no bucket shots/,
    );
});

/** Storages that the plugin cannot read itself. Hub knows what is in them. */
const LISTED = {
    'without keys': { privateKey: '' },
    'with keys that the store refuses': { privateKey: 'a-secret-that-is-wrong' },
    'at another provider': { provider: 'GCP' },
};
const OBJECTS = ['top.txt', 'cloud/', 'cloud/a b.jpg', 'cloud/deep/x.jpg', ...MANY.map((key) => `cloud/${key.slice(5)}`)];

for (const form of ['recursive', 'level'])
    for (const [kind, fields] of Object.entries(LISTED))
        test(`a storage ${kind} is listed through Hub (${form}), to the end, and imported`, async () => {
            hub.set({ storageFiles: form });
            const storageId = keys({ ...fields, files: { shots: OBJECTS } })._id;
            const name = fields.provider ? 'amazon' : 's3';
            const [folders, files] = [[], []];
            let scrollToken = null;
            do {
                const page = await answer({ storageId, folder: 'cloud/', scrollToken }, {}, name);
                assert.ok(page.folders.length + page.files.length <= 50);
                folders.push(...page.folders);
                files.push(...page.files);
                scrollToken = page.scrollToken;
            } while (scrollToken);
            assert.deepEqual(folders, ['cloud/deep/']);
            assert.deepEqual([...files].sort(), OBJECTS.filter((key) => /^cloud\/[^/]+$/.test(key)).sort());

            const project = hub.createProject({ assets: 0 });
            await answer({ storageId, folder: 'cloud/', upload: true }, { projectId: project.id }, name);
            assert.deepEqual(project.cloudAssets.map(({ externalId }) => externalId).sort(), [...files].sort());
            const [asset] = project.cloudAssets.filter(({ externalId }) => externalId === 'cloud/a b.jpg');
            assert.match(asset.data, /^https:\/\/[^?]*\/cloud\/a%20b\.jpg$/);
        });

test('a storage that redirects gets a request that is signed anew', async () => {
    const redirecting = http.createServer((request, response) => {
        response.writeHead(307, { Location: swift.url + request.url, 'x-amz-bucket-region': swift.region }).end();
    });
    await new Promise((done) => redirecting.listen(0, '127.0.0.1', done));
    try {
        const settings = { endpoint: `http://127.0.0.1:${redirecting.address().port}`, path_style: true };
        await System.use(
            {
                modules: [path.join(build, 'modules/explorer_s3.so')],
                plugins: { s3: { type: 'File Explorer', kind: 'file-explorer', module: 'explorer-s3', settings } },
            },
            async (other) => {
                const { _id } = other.hub.addStorage({
                    name: 'moved',
                    provider: 'AWS',
                    bucket: 'shots',
                    region: 'us-east-1',
                    publicKey: swift.keyId,
                    privateKey: swift.secret,
                });
                const record = await other.hub.waitForSession(other.run('s3', { bucket: '', storageId: _id, folder: 'odd/' }), 30000);
                assert.equal(record.state, 'answered', JSON.stringify(record.logs));
                assert.deepEqual(record.answers[0].message.response.folders, ['odd/ü/']);
            },
        );
    } finally {
        redirecting.close();
    }
});
