// The module explorer-s3 with a store that answers in every way that S3 has: redirects, other regions, and lists that are a part.
import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build } from './lib/angod.mjs';
import { lines } from './lib/exporting.mjs';
import * as expected from './lib/lines.mjs';
import { System } from './lib/system.mjs';

/** A store whose answers the test gives. It keeps the requests. */
class Store {
    static async start(address = '127.0.0.1') {
        const store = new Store();
        store.server = http.createServer((request, response) => {
            const region = /Credential=[^/]+\/\d+\/([^/]+)\/s3/.exec(request.headers.authorization ?? '')?.[1];
            store.requests.push({ url: new URL(request.url, 'http://x'), region });
            const { status = 200, headers = {}, body = '' } = store.answer(store.requests.at(-1), store.requests.length);
            response.writeHead(status, { 'Content-Type': 'application/xml', ...headers }).end(body);
        });
        await new Promise((done) => {
            store.server.listen(0, address, done);
        });
        store.url = `http://${address}:${store.server.address().port}`;
        return store;
    }
    /** Begins a case. */
    answers(answer) {
        this.requests = [];
        this.answer = answer;
    }
    close() {
        this.server.close();
        this.server.closeAllConnections();
    }
}

const page = (keys, more = '<IsTruncated>false</IsTruncated>') => ({
    body: `<ListBucketResult>${more}${keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('')}</ListBucketResult>`,
});
const refusal = (status, code, more = '', headers = {}) => ({ status, headers, body: `<Error><Code>${code}</Code>${more}</Error>` });

let store, other, foreign, system;
before(async () => {
    [store, other, foreign] = await Promise.all([Store.start(), Store.start(), Store.start('127.0.0.2')]);
    const s3 = { type: 'File Explorer', kind: 'file-explorer', module: 'explorer-s3', max_attempts: 1 };
    system = await System.start({
        modules: [path.join(build, 'modules/explorer_s3.so')],
        plugins: { s3: { ...s3, settings: { endpoint: store.url, path_style: true } } },
    });
    const made = system.hub.addStorage({
        name: 'shots',
        provider: 'AWS',
        bucket: 'bucket',
        region: 'eu-west-1',
        publicKey: 'AKIDEXAMPLE',
        privateKey: 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY',
    });
    system.storage = made._id;
});
after(async () => {
    await system?.close();
    for (const one of [store, other, foreign]) one?.close();
});

const run = (extra = {}, request = {}) =>
    system.hub.waitForSession(
        system.hub.run(system.id('s3'), { ...request, extra: { bucket: '', folder: '', storageId: system.storage, ...extra } }),
        30000,
    );
async function files(extra) {
    const record = await run(extra);
    assert.equal(record.state, 'answered', JSON.stringify(record.logs));
    return record.answers[0].message.response.files;
}
async function refused(...call) {
    const record = await run(...call);
    assert.equal(record.state, 'failed', JSON.stringify(record.answers));
    const [said] = lines(record, 'ERROR');
    system.angod.expect(expected.failed(said));
    return said;
}

test('a bucket that was made a moment ago is asked for at the address that the store names, with a new signature', async () => {
    store.answers(({ url }) => ({
        status: 307,
        headers: { Location: other.url + url.pathname + url.search, 'x-amz-bucket-region': 'eu-north-1' },
    }));
    other.answers(() => page(['a.jpg']));
    assert.deepEqual(await files(), ['a.jpg']);
    assert.deepEqual(
        other.requests.map(({ region }) => region),
        ['eu-north-1'],
    );
});

test('a wrong region is corrected by the one that the store names, in its body or in a header', async () => {
    for (const answer of [
        refusal(400, 'AuthorizationHeaderMalformed', '<Region>ap-south-1</Region>'),
        refusal(400, 'AuthorizationHeaderMalformed', '', { 'x-amz-bucket-region': 'ap-south-1' }),
        refusal(301, 'PermanentRedirect', '', { 'x-amz-bucket-region': 'ap-south-1' }),
        { status: 301, headers: { 'x-amz-bucket-region': 'ap-south-1' } },
    ]) {
        store.answers(({ region }) => (region === 'ap-south-1' ? page(['a.jpg']) : answer));
        assert.deepEqual(await files(), ['a.jpg']);
        assert.deepEqual(
            store.requests.map(({ region }) => region),
            ['eu-west-1', 'ap-south-1'],
        );
    }
});

test('a bucket that is at another address of the same store is asked for there', async () => {
    store.answers(() => refusal(301, 'PermanentRedirect', `<Endpoint>${new URL(other.url).host}</Endpoint><Region>eu-north-1</Region>`));
    other.answers(() => page(['a.jpg']));
    assert.deepEqual(await files(), ['a.jpg']);
    assert.equal(other.requests[0].url.pathname, '/bucket/');
});

test('a store that names one region after the other is asked a bounded number of times, and the region is named', async () => {
    store.answers((_, count) => refusal(400, 'AuthorizationHeaderMalformed', `<Region>region-${count}</Region>`));
    assert.equal(
        await refused(),
        'The bucket "bucket" is not in the region eu-west-1, but in region-3. Correct the region of the storage "shots" in Hub.',
    );
    assert.equal(store.requests.length, 3);
});

test('a redirect to a foreign host gets no request, and is named with its region', async () => {
    foreign.answers(() => page(['a.jpg']));
    const where = new URL(foreign.url).host;
    const sentence =
        `The storage "shots" redirects the bucket "bucket" to ${where} in the region eu-north-1, which is not a host of the same ` +
        'storage, so its keys are not sent there. Correct the region of the storage in Hub, or the endpoint in the settings of the plugin.';
    const headers = { Location: `${foreign.url}/bucket/?list-type=2`, 'x-amz-bucket-region': 'eu-north-1' };
    for (const answer of [
        { status: 307, headers },
        { status: 301, headers, body: '<html>moved</html>' },
        refusal(307, 'TemporaryRedirect', '', headers),
        refusal(301, 'PermanentRedirect', `<Endpoint>${where}</Endpoint><Region>eu-north-1</Region>`),
    ]) {
        store.answers(() => answer);
        assert.equal(await refused(), sentence);
    }
    assert.deepEqual(foreign.requests, []);
});

test('a redirect that does not say where to is named', async () => {
    store.answers(() => ({ status: 301 }));
    assert.equal(
        await refused(),
        'The storage "shots" redirects the bucket "bucket" and does not say in which region it is. Correct the region of the storage in ' +
            'Hub, or the endpoint in the settings of the plugin.',
    );
});

for (const [what, answer, sentence] of [
    [
        'that says that it goes on, but not how',
        () => page(['a.jpg'], '<IsTruncated>TRUE</IsTruncated><NextMarker>a.jpg</NextMarker>'),
        'The storage "shots" says that there are more files, but not how to get them, so the list would be incomplete. Tell the operator of the plugin.',
    ],
    [
        'that names fewer entries than it counts',
        () => page(['a.jpg'], '<KeyCount>3</KeyCount><IsTruncated>false</IsTruncated>'),
        'The storage "shots" counts 2 entries more than it names, so the list would be incomplete. Tell the operator of the plugin.',
    ],
    [
        'that names the same page as the next one',
        (_, count) => page([`${count}.jpg`], '<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>'),
        'The storage "shots" names the same page again as the next one, so its list has no end. Tell the operator of the plugin.',
    ],
    [
        'whose tokens lead in a circle',
        (_, count) => page([`${count}.jpg`], `<IsTruncated>true</IsTruncated><NextContinuationToken>t${count % 2}</NextContinuationToken>`),
        'The plugin\'s list of the folder "x/" has no end: its pages come again. Tell its operator.',
    ],
    [
        'whose first page comes for every token',
        (_, count) => page(['a.jpg', 'b.jpg'], `<IsTruncated>true</IsTruncated><NextContinuationToken>t${count}</NextContinuationToken>`),
        'The plugin\'s list of the folder "x/" has no end: its pages come again. Tell its operator.',
    ],
    [
        'that is cut off',
        () => ({ body: page(['a.jpg']).body.slice(0, -5) }),
        'The storage "shots" does not answer like S3. Tell the operator of the plugin.',
    ],
])
    test(`a list ${what} is not imported as if it were all`, async () => {
        store.answers(answer);
        const project = system.hub.createProject({ assets: 0 });
        assert.equal(await refused({ folder: 'x/', upload: true }, { projectId: project.id }), sentence);
        assert.ok(store.requests.length < 6);
    });

test('a list with a token but without a word about its end goes on', async () => {
    store.answers(({ url }) =>
        url.searchParams.has('continuation-token')
            ? page(['b.jpg'], '')
            : page(['a.jpg'], '<NextContinuationToken>t</NextContinuationToken>'),
    );
    const project = system.hub.createProject({ assets: 0 });
    const record = await run({ folder: 'x/', upload: true }, { projectId: project.id });
    assert.equal(record.answers[0].message.response, 'Imported 2 files into the project.');
});
