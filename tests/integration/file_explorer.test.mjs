// The kind File Explorer: browsing folders and importing their files.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build, fixture } from './lib/angod.mjs';
import { lines } from './lib/exporting.mjs';
import * as expected from './lib/lines.mjs';
import { System } from './lib/system.mjs';

const KEYS = ['PUBLICKEYOFAWS', 'private-key-of-aws'];
const SHELF = ['a.txt', 'b.txt', 'deep/er/x.jpg', 'photos/1.jpg', 'photos/2 ü.jpg', 'photos/old/3.jpg', 'photos/new/4.jpg'];

let system, hub, storage;
before(async () => {
    const explorer = { type: 'File Explorer', kind: 'file-explorer', module: 'explorer', max_attempts: 1 };
    system = await System.start({
        modules: [fixture('explorer'), path.join(build, 'examples/shelf.so')],
        plugins: {
            pages: explorer,
            shelf: { ...explorer, module: 'shelf', settings: { url: 'https://files.example.test/', files: SHELF } },
        },
    });
    hub = system.hub;
    storage = hub.addStorage({
        name: 'photos',
        provider: 'AWS',
        bucket: 'shots',
        region: 'eu-west-1',
        publicKey: KEYS[0],
        privateKey: KEYS[1],
    });
});
after(() => system.close());

const run = (name, extra = {}, request = {}) =>
    hub.waitForSession(hub.run(system.id(name), { ...request, extra: { storageId: storage._id, bucket: 'shots', ...extra } }), 20000);

/** The answer of a run that succeeds. */
async function answer(...call) {
    const record = await run(...call);
    assert.equal(record.state, 'answered', JSON.stringify(record.logs));
    return record.answers[0].message.response;
}

/** The sentence that the user of a failed run reads. */
async function refusal(...call) {
    const record = await run(...call);
    assert.equal(record.state, 'failed', JSON.stringify(record.answers));
    const said = lines(record, 'ERROR');
    assert.equal(said.length, 1, said.join('\n'));
    system.angod.expect(expected.failed(said[0]));
    return said[0];
}

const upload = (fields) => ({ upload: true, ...fields });
const imported = (project) =>
    project.cloudAssets.map(({ externalId, data, storage: id, batches }) => ({ externalId, data, storage: id, batches }));

test('a folder is shown page by page, 50 entries each, until the token ends', async () => {
    const pages = [];
    for (let scrollToken = null; pages.length === 0 || scrollToken !== null; scrollToken = pages.at(-1).scrollToken)
        pages.push(await answer('pages', { folder: 'a/', count: 120, scrollToken }));
    assert.deepEqual(
        pages.map(({ files }) => files.length),
        [50, 50, 20],
    );
    assert.deepEqual(new Set(pages.flatMap(({ files }) => files)).size, 120);
    assert.deepEqual(pages[0], { folders: [], files: pages[0].files, scrollToken: '50', success: true });
    assert.equal(pages[0].files[0], 'a/file-000000.jpg');
});

test('the example shows folders and files, each once', async () => {
    assert.deepEqual(await answer('shelf', { folder: '' }), {
        folders: ['deep/', 'photos/'],
        files: ['a.txt', 'b.txt'],
        scrollToken: null,
        success: true,
    });
    assert.deepEqual(await answer('shelf', { folder: 'photos/', storageId: null }), {
        folders: ['photos/new/', 'photos/old/'],
        files: ['photos/1.jpg', 'photos/2 ü.jpg'],
        scrollToken: null,
        success: true,
    });
    assert.deepEqual(await answer('shelf', { folder: 'nothing/' }), { folders: [], files: [], scrollToken: null, success: true });
});

test('the example goes on behind a token, and behind all of a folder', async () => {
    assert.deepEqual((await answer('shelf', { folder: '', scrollToken: 'b.txt' })).folders, ['deep/', 'photos/']);
    assert.deepEqual((await answer('shelf', { folder: '', scrollToken: 'deep/' })).folders, ['photos/']);
    assert.deepEqual((await answer('shelf', { folder: '', scrollToken: 'photos/' })).folders, []);
});

test('chosen files are imported under the addresses that the module knows', async () => {
    const project = hub.createProject({ assets: 0, batches: [{ _id: 'b1', name: 'first' }] });
    assert.equal(
        await answer('shelf', upload({ files: ['a.txt', 'photos/1.jpg'], storageId: null }), { projectId: project.id, batches: ['first'] }),
        'Imported 2 files into the project.',
    );
    assert.deepEqual(imported(project), [
        { externalId: 'a.txt', data: 'https://files.example.test/a.txt', storage: undefined, batches: ['b1'] },
        { externalId: 'photos/1.jpg', data: 'https://files.example.test/photos/1.jpg', storage: undefined, batches: ['b1'] },
    ]);
});

test('without one of the module, a file has the usual address of its storage, percent-encoded', async () => {
    const gcs = hub.addStorage({ type: 'gcs', bucket: 'of the record' });
    const azure = hub.addStorage({ provider: 'AZURE', accountName: 'acc' });
    for (const [storageId, url] of [
        [storage._id, 'https://shots.s3.eu-west-1.amazonaws.com/a%20b/%C3%BC%2B%3F%23.jpg'],
        [gcs._id, 'https://storage.googleapis.com/shots/a%20b/%C3%BC%2B%3F%23.jpg'],
        [azure._id, 'https://acc.blob.core.windows.net/shots/a%20b/%C3%BC%2B%3F%23.jpg'],
    ]) {
        const project = hub.createProject({ assets: 0 });
        await answer('pages', upload({ files: ['a b/ü+?#.jpg'], storageId }), { projectId: project.id });
        assert.deepEqual(imported(project), [{ externalId: 'a b/ü+?#.jpg', data: url, storage: storageId, batches: undefined }]);
    }
});

test('a folder is imported with all its pages, without its folders', async () => {
    const project = hub.createProject({ assets: 0 });
    assert.equal(
        await answer('pages', upload({ folder: 'p/', files: null, count: 2345 }), { projectId: project.id }),
        'Imported 2345 files into the project.',
    );
    assert.equal(project.cloudAssets.length, 2345);
    assert.deepEqual(project.view().doubles.cloudAssets, {});
    assert.deepEqual([...new Set(project.cloudCalls.map((call) => call.count))], [100, 45]);
    const other = hub.createProject({ assets: 0 });
    assert.equal(
        await answer('shelf', upload({ folder: 'photos/', files: [] }), { projectId: other.id }),
        'Imported 2 files into the project.',
    );
});

test('the older name of the storage works, and storages are looked for on all pages', async () => {
    for (let i = 0; i < 110; ++i) hub.addStorage({ name: `other ${i}` });
    const last = hub.addStorage({ name: 'last', provider: 'AWS', bucket: 'x', region: 'r' });
    assert.equal((await answer('pages', { storageId: null, integrationId: last._id, count: 1 })).files.length, 1);
});

test('extensions decide what is imported, whatever their case', async () => {
    const project = hub.createProject({ assets: 0 });
    const files = ['a.JPG', 'b.png', 'c.txt', 'd.tar.gz', 'e', 'f/', 'a.JPG'];
    assert.equal(
        await answer('pages', upload({ files }), {
            projectId: project.id,
            config: { accepted_extensions: ['jpg', '.png', '.TAR.GZ'], ignored_extension: ['.PNG'] },
        }),
        'Imported 2 files into the project. 3 files were left out because of their type.',
    );
    assert.deepEqual(
        imported(project).map(({ externalId }) => externalId),
        ['a.JPG', 'd.tar.gz'],
    );
});

test('folders below are imported too, if the options say so', async () => {
    const project = hub.createProject({ assets: 0 });
    assert.equal(
        await answer('pages', upload({ folder: 'f/', count: 30, depth: 3 }), {
            projectId: project.id,
            config: { upload_subfolders: true },
        }),
        'Imported 450 files into the project.',
    );
    assert.equal(new Set(project.cloudAssets.map(({ externalId }) => externalId)).size, 450);
    assert.ok(project.cloudAssets.some(({ externalId }) => externalId === 'f/x/y/x/file-000029.jpg'));
    const flat = hub.createProject({ assets: 0 });
    assert.equal(
        await answer('pages', upload({ folder: 'f/', count: 30, depth: 3 }), { projectId: flat.id }),
        'Imported 30 files into the project.',
    );
    const deep = upload({ folder: 'f/', count: 0, depth: 100 });
    assert.match(
        await refusal('pages', deep, { config: { upload_subfolders: true } }),
        /^The folder "f\/(x\/)+" is more than 32 levels deep/,
    );
});

test('files that the project has already are left out, if the options say so', async () => {
    const project = hub.createProject({ assets: 0 });
    await answer('pages', upload({ folder: 'f/', count: 150 }), { projectId: project.id });
    assert.equal(
        await answer('pages', upload({ folder: 'f/', count: 1234 }), { projectId: project.id, config: { prevent_duplicates: true } }),
        'Imported 1084 files into the project. 150 files were in the project already.',
    );
    assert.deepEqual(project.view().doubles.cloudAssets, {});
    assert.match(
        await refusal('pages', upload({ files: ['a'] }), { config: { prevent_duplicates: 'yes' } }),
        /^The option prevent_duplicates must be true or false/,
    );
});

test('each file gets the path of its folder as a batch, if the options say so', async () => {
    const project = hub.createProject({ assets: 0, batches: [{ _id: 'b1', name: 'photos' }] });
    const config = { upload_subfolders: true, assign_folder_names_as_batch_name: true };
    await answer('shelf', upload({ folder: '', storageId: null }), { projectId: project.id, config });
    const nameOf = (id) => project.batches.find(({ _id }) => _id === id)?.name;
    assert.ok(project.cloudAssets.length > 4);
    for (const { externalId, batches } of project.cloudAssets)
        assert.deepEqual(
            (batches ?? []).map(nameOf),
            externalId.split('/').slice(0, -1).length ? [externalId.replace(/\/[^/]*$/, '')] : [],
        );
    assert.deepEqual(project.view().doubles.batches, {});
    assert.match(
        await refusal('pages', upload({ files: ['a'] }), { config: { assign_folder_names_as_batch_name: 1 } }),
        /^The option assign_folder_names_as_batch_name must be true or false/,
    );
});

test('an empty folder is no failure', async () => {
    assert.equal(await answer('pages', upload({ folder: 'empty/', count: 0 })), 'There is nothing to import in the folder "empty/".');
    assert.equal(await answer('pages', upload({ files: ['f/'] })), 'There is nothing to import.');
});

test('requests that cannot be fulfilled fail with one sentence', async () => {
    assert.match(await refusal('pages', { storageId: 'nowhere' }), /^there is no storage with the id nowhere in Hub/);
    assert.match(
        await refusal('pages', { scrollToken: 7 }),
        /^The event from Hub cannot be used: its "scrollToken" is not a text\. Open the folder again/,
    );
    assert.match(await refusal('pages', { files: 'a.jpg' }), /its "files" is not a list of texts/);
    assert.match(await refusal('pages', upload({ files: ['a', 7] })), /its "files" is not a list of texts/);
    assert.match(await refusal('pages', upload({ files: ['a'], storageId: null })), /does not give the address of the file "a"/);
    assert.match(await refusal('pages', upload({ files: ['a'], bucket: 'a/b' })), /the name of the bucket/);
    assert.match(
        await refusal(
            'pages',
            upload({ files: ['a'], bucket: null, storageId: hub.addStorage({ provider: 'AWS', bucket: undefined })._id }),
        ),
        /no bucket is named/,
    );
    assert.match(
        await refusal('pages', upload({ files: ['a'], storageId: hub.addStorage({ provider: 'AZURE' })._id })),
        /in a storage of the kind AZURE is not known/,
    );
    assert.match(await refusal('pages', upload({ files: ['a'], projectId: null })), /names no project/);
    assert.match(
        await refusal('pages', upload({ files: ['a'] }), { config: { accepted_extensions: 'jpg' } }),
        /^The option accepted_extensions must be a list/,
    );
    assert.match(await refusal('shelf', upload({ files: ['gone.txt'] })), /^There is no file "gone\.txt" any more\./);
});

test('a module that fails, goes round in circles or has no measure fails its job', async () => {
    assert.equal(await refusal('pages', { trick: 'fail' }), 'The shop is closed.');
    assert.match(await refusal('pages', upload({ trick: 'circle', folder: 'a/' })), /has no end/);
    assert.match(await refusal('pages', { trick: 'too many' }), /more entries than fit on a page/);
});

test('a refusal of Hub reaches the user, with the files that it is about', async () => {
    const project = hub.createProject({ assets: 0 });
    hub.addFault({ match: `POST /v2/project/${project.id}/cloud`, status: 403, body: { status: 'fail', message: 'no rights' } });
    assert.match(
        await refusal('pages', upload({ files: ['a', 'b'] }), { projectId: project.id }),
        /^Hub refused the import of assets 1 to 2: no rights \(HTTP 403/,
    );
});

test('the keys of a storage appear nowhere', async () => {
    const said = await refusal('pages', { trick: 'tell' });
    const record = hub.sessions.all().at(-1);
    assert.match(said, /photos/);
    assert.match(lines(record, 'INFO')[0], /the storage is .*photos/);
    for (const text of [JSON.stringify(record.logs), JSON.stringify(record.answers), system.angod.logText, ...stored()])
        for (const key of KEYS) assert.ok(!text.includes(key), `a key is in ${text.slice(0, 200)}`);
});

const stored = () =>
    fs
        .readdirSync(system.angod.stateDir)
        .filter((name) => name.includes('.db') || name.includes('sqlite'))
        .map((name) => fs.readFileSync(path.join(system.angod.stateDir, name), 'latin1'));
