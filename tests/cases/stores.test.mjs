// Stores that speak S3 in their own way: lists that are cut off, pages that repeat, redirects, other regions.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { saidOnce, warnings } from './lib/running.mjs';
import { closeStores, explore, listing, refusal, startStores, store } from './lib/stores.mjs';

before(startStores);
after(closeStores);

const keysOf = (page, count = 3) => Array.from({ length: count }, (_, i) => `shots/${page}-${i}.jpg`);

/** Imports the folder shots/ of a store, or asserts that this fails with one sentence. */
const imports = async (answers, more = {}) => {
    const s3 = await store(answers);
    const made = await explore(
        { endpoint: s3.url, path_style: true },
        { ...more, event: { folder: 'shots/', upload: true, ...more.event } },
    );
    return { ...made, asked: s3.asked };
};
function failsWith(made, ...patterns) {
    assert.equal(made.code, 1, `${made.said.join('\n')}\n${JSON.stringify(made.answer)}`);
    saidOnce(made, 'failed', ...patterns);
    assert.ok(!made.said.join('\n').includes('secret-of-a-test'));
}

const CUT_OFF =
    /^failed: The storage "shots" says that there are more files, but not how to get them, so the list would be incomplete\. Tell the operator of the plugin\.$/;

describe('a list that says it is cut off, but not where it goes on, fails', { concurrency: 2 }, () => {
    for (const [what, page] of Object.entries({
        'without a token': { truncated: true },
        'with an empty token': { truncated: true, token: '' },
        'with the marker of version 1': { truncated: true, more: '<NextMarker>shots/1-2.jpg</NextMarker>' },
        'with capital letters': { truncated: 'True' },
    }))
        it(what, async () => {
            const made = await imports((url, n) => ({ body: listing({ keys: keysOf(n), ...page }) }));
            failsWith(made, CUT_OFF);
            assert.ok(made.asked.length <= 2, `${made.asked.length} requests`);
        });

    it('while it is browsed, too', async () => {
        const s3 = await store(() => ({ body: listing({ keys: keysOf(1), truncated: true }) }));
        failsWith(await explore({ endpoint: s3.url, path_style: true }, { event: { folder: 'shots/' } }), CUT_OFF);
    });
});

describe('the pages of a list', { concurrency: 2 }, () => {
    const pages =
        (last, more = {}) =>
        (url, n) =>
            n < last
                ? { body: listing({ keys: keysOf(n), truncated: true, token: `${n}`, ...more }) }
                : { body: listing({ keys: keysOf(n) }) };
    const names = (count) => Array.from({ length: count }, (_, n) => keysOf(n + 1)).flat();

    it('are all imported', async () => {
        const made = await imports(pages(3));
        assert.deepEqual([warnings(made), made.imported], [[], names(3)]);
    });
    it('go on although a page is empty', async () => {
        const made = await imports((url, n) => ({
            body: n === 2 ? listing({ keys: keysOf(9) }) : listing({ keys: [], truncated: true, token: 'next' }),
        }));
        assert.deepEqual([warnings(made), made.imported], [[], keysOf(9)]);
    });
    it('have tokens with every character, which come back as they are', async () => {
        const token = '1/a+b=c&d<e>"f\' ü%41';
        const made = await imports((url, n) =>
            n === 1 ? { body: listing({ keys: keysOf(1), truncated: true, token }) } : { body: listing({ keys: keysOf(2) }) },
        );
        assert.deepEqual([warnings(made), made.imported], [[], names(2)]);
        assert.equal(made.asked[1].url.searchParams.get('continuation-token'), token);
    });
    it('end where the store says so, although it gives a token', async () => {
        const made = await imports(() => ({ body: listing({ keys: keysOf(1), truncated: false, token: 'more' }) }));
        assert.deepEqual([warnings(made), made.imported, made.asked.length], [[], keysOf(1), 1]);
    });
    it('go on, or the run fails, if there is a token, but nothing says whether the list is cut off', async () => {
        const made = await imports((url, n) =>
            n === 1 ? { body: listing({ keys: keysOf(1), truncated: null, token: 'more' }) } : { body: listing({ keys: keysOf(2) }) },
        );
        if (made.code !== 0) return failsWith(made, /list/i);
        assert.deepEqual(made.imported, names(2));
    });
    it('end the run when a token repeats', async () => {
        const made = await imports((url, n) =>
            n > 200 ? { status: 500 } : { body: listing({ keys: keysOf(1), truncated: true, token: 'again' }) },
        );
        failsWith(made, /list|token|repeat|again/i);
        assert.ok(made.asked.length < 20, `${made.asked.length} requests`);
        assert.ok(made.imported.length <= 3, `${made.imported.length} assets of 3 files`);
    });
    it('end the run when a later one is refused', async () => {
        const made = await imports((url, n) =>
            n === 1
                ? { body: listing({ keys: keysOf(1), truncated: true, token: 'x' }) }
                : { status: 403, body: refusal('AccessDenied', 'Access Denied') },
        );
        failsWith(made, /AccessDenied|Access Denied/);
    });
    it('end the run when the token has run out', async () => {
        const made = await imports((url, n) =>
            n === 1
                ? { body: listing({ keys: keysOf(1), truncated: true, token: 'x' }) }
                : { status: 400, body: refusal('InvalidArgument', 'The continuation token provided is incorrect') },
        );
        failsWith(made, /^failed: The storage no longer knows this page of the folder\./);
        assert.match(made.said.join('\n'), /The continuation token provided is incorrect/);
    });
});

describe('an answer that is no list fails', { concurrency: 2 }, () => {
    const whole = listing({ keys: keysOf(1) });
    for (const [what, body, headers = {}] of [
        ['when its XML ends too early', whole.slice(0, -60)],
        ['when its XML ends behind a key', whole.slice(0, whole.indexOf('</ListBucketResult>'))],
        ['when it is empty', ''],
        ['when it is the page of a portal', '<!DOCTYPE html><html><body>Sign in</body></html>', { 'Content-Type': 'text/html' }],
        ['when it is JSON', '{"Contents":[]}', { 'Content-Type': 'application/json' }],
        ['when it is an error with status 200', refusal('InternalError', 'We encountered an internal error.')],
        [
            'when it is the list of all buckets',
            '<?xml version="1.0"?><ListAllMyBucketsResult><Buckets><Bucket><Name>bucket</Name></Bucket></Buckets></ListAllMyBucketsResult>',
        ],
    ])
        it(what, async () => {
            const made = await imports(() => ({ body, headers }));
            failsWith(made, /^failed: The storage "shots" does not answer like S3\. Tell the operator of the plugin\.$/);
            assert.deepEqual(made.imported, []);
        });
    it('when the connection ends before its last byte', async () => {
        const made = await imports((url, n, request, response) => {
            response.writeHead(200, { 'Content-Type': 'application/xml', 'Content-Length': whole.length + 50 });
            response.write(whole, () => setImmediate(() => response.destroy()));
        });
        assert.notEqual(made.code, 0, JSON.stringify(made.answer));
        assert.deepEqual(made.imported, []);
    });
});

describe('a redirect', { concurrency: 2 }, () => {
    const regional = () =>
        store((url, n, request) =>
            /^AWS4/.test(request.headers.authorization ?? '')
                ? { body: listing({ keys: ['a.jpg'] }) }
                : { status: 403, body: refusal('AccessDenied', 'Access Denied') },
        );
    const listed = async (answers, more) => {
        const s3 = await store(answers);
        return { ...(await explore({ endpoint: s3.url, path_style: true }, more)), asked: s3.asked };
    };

    for (const status of [307, 308, 301, 302])
        it(`${status} to another address is signed anew for it, or named`, async () => {
            const second = await regional();
            const made = await listed((url) => ({
                status,
                headers: { Location: `${second.url}${url.pathname}${url.search}`, 'x-amz-bucket-region': 'eu-west-1' },
                body: refusal('TemporaryRedirect', 'Please re-send this request to the specified temporary endpoint.'),
            }));
            if (made.code !== 0) return failsWith(made, new RegExp(`redirect|127\\.0\\.0\\.1:${second.port}`));
            assert.deepEqual(made.answer.files, ['a.jpg']);
            assert.deepEqual([...new Set(second.asked.map(({ isSigned }) => isSigned))], [true]);
            assert.equal(second.asked[0].headers.host, `127.0.0.1:${second.port}`);
        });
    it('in a circle ends the run', async () => {
        const made = await listed((url, n, request) => ({
            status: 307,
            headers: { Location: `http://${request.headers.host}${url.pathname}${url.search}` },
        }));
        failsWith(
            made,
            /^failed: The storage "shots" redirects too often: it sends each request to another address and never answers\. Correct the region of the storage in Hub, or the endpoint in the settings of the plugin\.$/,
        );
        assert.doesNotMatch(made.said.join('\n'), /run it again/);
        assert.ok(made.asked.length < 60, `${made.asked.length} requests`);
    });
    it('to another scheme is not followed with the keys', async () => {
        const made = await listed(() => ({ status: 307, headers: { Location: 'ftp://files.example.test/bucket' } }));
        assert.notEqual(made.code, 0);
    });

    for (const [status, region, body] of [
        [
            301,
            'eu-central-1',
            refusal(
                'PermanentRedirect',
                'The bucket you are attempting to access must be addressed using the specified endpoint.',
                '<Endpoint>bucket.s3-eu-central-1.amazonaws.com</Endpoint><Bucket>bucket</Bucket>',
            ),
        ],
        [
            400,
            'ap-south-1',
            refusal(
                'AuthorizationHeaderMalformed',
                "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'ap-south-1'",
                '<Region>ap-south-1</Region>',
            ),
        ],
        [
            400,
            'us-gov-west-1',
            refusal(
                'IllegalLocationConstraintException',
                'The us-gov-west-1 location constraint is incompatible for the region specific endpoint this request was sent to.',
            ),
        ],
    ])
        it(`${status} that names a region is followed there, or the sentence names it: ${region}`, async () => {
            const made = await listed(() => ({ status, headers: { 'x-amz-bucket-region': region }, body }), { storage: { region: '' } });
            failsWith(made, new RegExp(region));
        });
    it('to a region in a header alone is named', async () => {
        const made = await listed(() => ({ status: 301, headers: { 'x-amz-bucket-region': 'sa-east-1' } }));
        failsWith(
            made,
            /^failed: The bucket "bucket" is not in the region eu-west-1, but in sa-east-1\. Correct the region of the storage "shots" in Hub\.$/,
        );
    });
});

describe('names of objects', { concurrency: 2 }, () => {
    it('that end in a slash are folders of the console, no files', async () => {
        const made = await imports(() => ({ body: listing({ keys: ['shots/', 'shots/a.jpg'] }) }));
        assert.deepEqual(made.imported, ['shots/a.jpg']);
    });
});

describe('of refusals the lines name', { concurrency: 2 }, () => {
    for (const [what, answer, pattern] of [
        [
            'the clock',
            {
                status: 403,
                body: refusal('RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.'),
            },
            /clock|time/i,
        ],
        ['the missing bucket', { status: 404, body: refusal('NoSuchBucket', 'The specified bucket does not exist') }, /no bucket "bucket"/],
        [
            'the words of a gateway',
            { status: 502, body: '<html><title>502 Bad Gateway</title></html>', headers: { 'Content-Type': 'text/html' } },
            /502/,
        ],
        [
            'the code of a store without XML',
            { status: 403, headers: { 'Content-Type': 'text/plain' }, body: 'Forbidden by policy 17' },
            /^failed: The storage refuses the keys of "shots" \(HTTP 403: "Forbidden by policy 17"\)\. Check in Hub that they are right and may list the bucket "bucket"\.$/m,
        ],
        [
            'the words of JSON',
            { status: 401, headers: { 'Content-Type': 'application/json' }, body: '{"message":"Token has run out"}' },
            /^failed: The storage refuses the keys of "shots" \(HTTP 401: "Token has run out"\)\. Check in Hub that they are right and may list the bucket "bucket"\.$/m,
        ],
    ])
        it(what, async () => {
            const made = await imports(() => answer);
            failsWith(made);
            assert.match(made.said.join('\n'), pattern);
        });
    it('no control characters of the store', async () => {
        const made = await imports(() => ({ status: 400, body: refusal('Bad', '\u009b31mred &#27;[31m and more') }));
        failsWith(made, /Bad|400/);
        assert.doesNotMatch(made.said.join(''), /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    });
});
