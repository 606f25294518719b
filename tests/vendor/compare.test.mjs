// The comparison itself: a difference is found and named, and the list of accepted differences is kept exact.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JOBS } from './jobs.mjs';
import { acceptedIn, differences, problemsOf } from './lib/compare.mjs';
import { record, script } from './lib/record.mjs';
import { transcriptOf } from './lib/transcript.mjs';

const request = (key, more = {}) => ({ is: 'request', key, query: {}, headers: {}, ...more });
const compare = (client, angod) => differences({ steps: client }, { steps: angod });

describe('a difference is', () => {
    for (const [what, client, angod, expected] of [
        [
            'nothing, if both are equal',
            [request('GET /a', { body: { x: [1, null] } })],
            [request('GET /a', { body: { x: [1, null] } })],
            [],
        ],
        ['a call that only the client makes', [request('GET /a')], [], ['GET /a: client 1 time, angod never']],
        ['a call that only angod makes', [], [request('GET /a'), request('GET /a')], ['GET /a: client never, angod 2 times']],
        [
            'a member that one side lacks, or has as null',
            [request('POST /a', { body: { x: null, z: 1 } })],
            [request('POST /a', { body: { y: null, z: 1 } })],
            ['POST /a body x: client null, angod nothing', 'POST /a body y: client nothing, angod null'],
        ],
        [
            'another value, at any depth',
            [request('GET /a', { query: { f: { ids: ['p', 'q'] } } })],
            [request('GET /a', { query: { f: { ids: ['p', 'r'] } } })],
            ['GET /a query f ids[]: client "q", angod "r"'],
        ],
        [
            'a list in place of an object',
            [request('GET /a', { body: [] })],
            [request('GET /a', { body: {} })],
            ['GET /a body: client [], angod {}'],
        ],
        [
            'another order',
            ['GET /0', 'GET /a', 'PUT /b', 'GET /c'].map((key) => request(key)),
            ['GET /0', 'PUT /b', 'GET /a', 'GET /c'].map((key) => request(key)),
            ['order: client GET /a, PUT /b; angod PUT /b, GET /a'],
        ],
        [
            'an answer before the last request',
            [request('PUT /b'), { is: 'event', key: 'response of s' }],
            [{ is: 'event', key: 'response of s' }, request('PUT /b')],
            ['order: client PUT /b, response of s; angod response of s, PUT /b'],
        ],
        [
            'no line for the user before or behind a request',
            [request('PUT /b'), { is: 'log', key: 'log "x"' }],
            [{ is: 'log', key: 'log "x"' }, request('PUT /b')],
            [],
        ],
        [
            'looked for in the likest of several calls',
            [request('GET /a', { query: { page: '2' } })],
            [request('GET /a', { query: { page: '1' } }), request('GET /a', { query: { page: '2' } })],
            ['GET /a: client 1 time, angod 2 times'],
        ],
    ])
        it(what, () => assert.deepEqual(compare(client, angod), expected));
});

describe('the list of accepted differences', () => {
    const jobs = ['export', 'export-chosen', 'input'];
    it('names the jobs, the difference and the reason', () => {
        const text = '# comment\n\nexport, export-chosen: GET /a: client 1 time, angod never → It is not needed.\n';
        const accepted = acceptedIn(text, jobs);
        assert.deepEqual(
            jobs.map((job) => [...accepted.get(job)]),
            [['GET /a: client 1 time, angod never'], ['GET /a: client 1 time, angod never'], []],
        );
    });
    for (const [line, sentence] of [
        ['export: GET /a: client 1 time, angod never', 'accepted.txt, line 2: it must be "JOB: DIFFERENCE → REASON".'],
        ['export: GET /a: client 1 time, angod never → ', 'accepted.txt, line 2: it must be "JOB: DIFFERENCE → REASON".'],
        ['import: x → y', 'accepted.txt, line 2: there is no job "import". The jobs are: export, export-chosen, input.'],
        ['export: x → y\nexport: x → z', 'accepted.txt, line 3: the job "export" has this difference twice.'],
    ])
        it(`refuses ${JSON.stringify(line)}`, () => assert.throws(() => acceptedIn(`# list\n${line}`, jobs), { message: sentence }));
    it('lets pass neither a difference that it lacks nor one that no longer occurs', () => {
        assert.deepEqual(problemsOf(['a', 'b'], new Set(['a', 'b'])), []);
        assert.deepEqual(problemsOf(['a', 'b'], new Set(['a', 'c'])), [
            'This difference is not in accepted.txt: b',
            'This difference no longer occurs, remove it: c',
        ]);
    });
});

describe('a transcript', () => {
    const names = { 'http://127.0.0.1:5': 'HUB', key1: 'APIKEY' };
    it('has names for values that differ from run to run, and keeps those that do not', () => {
        const url = '/v2/a%20b?name=http://127.0.0.1:5/files/0123456789abcdef01234567/x.png&stage=%5B%22a%22%2C+%22b%22%5D';
        const headers = { apikey: 'key1', 'user-agent': 'x', 'content-length': '17' };
        const body = Buffer.from('{"objectId":"0123456789abcdef01234567","n":1}');
        const { steps } = transcriptOf([{ kind: 'request', method: 'POST', url, headers, body }], names);
        assert.deepEqual(steps, [
            {
                is: 'request',
                key: 'POST /v2/a%20b',
                query: { name: 'HUB/files/FILE/x.png', stage: ['a', 'b'] },
                headers: { apikey: 'APIKEY', 'content-length': 'N' },
                body: { objectId: 'OBJECT', n: 1 },
            },
        ]);
    });
    it('has the opening apart from all other messages, and no pongs', () => {
        const texts = ['40/plugin,{}', '42/plugin,["heartbeat",{"id":"1"}]', '3', '42/plugin,["log",{"msg":"hello"}]', '41/plugin,'];
        const { opening, steps } = transcriptOf(
            texts.map((text) => ({ kind: 'message', text })),
            names,
        );
        assert.deepEqual(
            [opening, steps].map((list) => list.map(({ key }) => key)),
            [
                ['message 40/plugin,{}', 'heartbeat'],
                ['log "hello"', 'message 41/plugin,'],
            ],
        );
    });
    it('has a fault of the recorder as an event, so that no comparison passes over it', () => {
        const { steps } = transcriptOf([{ kind: 'fault', text: 'GET /a: reset' }], names);
        assert.deepEqual(
            steps.map(({ key }) => key),
            ['fault GET /a: reset'],
        );
    });
});

it('a client that ends before it connects fails its job, with its last words', async () => {
    await assert.rejects(
        record(JOBS.input, script('no_such_package', '/nonexistent')),
        /^Error: the script echo ended with 1:\n[^]*No module named 'no_such_package'/,
    );
});
