// Faulty events: each gets one clear message and does not affect other runs and plugins.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { fixture, module_, until } from './lib/angod.mjs';
import { lines } from './lib/exporting.mjs';
import { failed } from './lib/lines.mjs';
import { assertWell } from './lib/neighbour.mjs';
import { System } from './lib/system.mjs';

let system, hub, angod;
before(async () => {
    system = await System.start({
        modules: [fixture('witness'), module_('export_coco')],
        plugins: { input: {}, coco: { module: 'export-coco', type: 'Export' }, neighbour: {} },
    });
    ({ hub, angod } = system);
});
after(() => system.close());
afterEach(() => assertWell(hub, system.id('neighbour')));

const nested = (levels) => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

/** Asserts that the event ends its session with this one line and the error answer, and that the plugin goes on. */
async function fails(name, request, sentence) {
    angod.expect(failed(sentence));
    const record = await system.settled(hub.run(system.id(name), request));
    assert.deepEqual(
        record.answers.map(({ message }) => message),
        [{ error: true, session: record.session }],
    );
    assert.deepEqual(lines(record, 'ERROR'), [sentence]);
    const { state, problem } = await system.job(record.session);
    assert.deepEqual([state, problem], ['failed', sentence]);
    assert.ok(
        angod.log.some(({ level, plugin, msg }) => level === 'error' && plugin === name && msg === `the run failed: ${sentence}`),
        'the log says so too',
    );
    await assertWell(hub, system.id(name));
}

async function works(name, request) {
    const record = await system.settled(hub.run(system.id(name), request));
    assert.deepEqual([record.state, record.answers.length], ['answered', 1]);
    return record;
}

/** Sends an event that belongs to no session. Resolves when it is acknowledged. */
async function stray(...event) {
    const socket = hub.plugins.get(system.id('input')).sockets.at(-1);
    await new Promise((resolve, reject) => {
        socket.timeout(10000).emit('plugin', ...event, (failed) => (failed ? reject(failed) : resolve()));
    });
}

describe('an event that cannot be answered is acknowledged and named in the log, at level warning with its plugin:', () => {
    const warnings = () => angod.log.filter(({ level, plugin }) => level === 'warning' && plugin === 'input').map(({ msg }) => msg);

    for (const [what, event, sentence] of [
        ['no session', [{ orgId: 'o', runBy: 'u' }], 'a run of Hub was refused: the event has no session, so nothing can be answered'],
        ['null as its session', [{ session: null }], 'a run of Hub was refused: the event has no session, so nothing can be answered'],
        ['an empty session', [{ session: '' }], 'a run of Hub was refused: the event has no session, so nothing can be answered'],
        [
            'a session of 2,000 characters',
            [{ session: 's'.repeat(2000) }],
            'a run of Hub was refused: the event has a session longer than 1,024 bytes',
        ],
        ['no content', [], 'a run of Hub was refused: the event cannot be read: not a JSON object'],
        ['a list as its content', [[{ session: 's' }]], 'a run of Hub was refused: the event cannot be read: not a JSON object'],
        [
            '2,000 levels',
            [{ session: 's', a: nested(2000) }],
            /^ignored an event of Hub: the server sent an event that cannot be read: nested deeper than 1024 levels at line 1, column \d+$/,
        ],
    ])
        it(what, async () => {
            angod.expect(sentence instanceof RegExp ? sentence : new RegExp(`^${sentence}$`));
            const before = warnings().length;
            await stray(...event);
            const said = await until(() => warnings().length > before && warnings().slice(before), 'the warning');
            assert.equal(said.length, 1);
            if (sentence instanceof RegExp) assert.match(said[0], sentence);
            else assert.equal(said[0], sentence);
            await assertWell(hub, system.id('input'));
        });
});

describe('a configuration of 10 MB', () => {
    it('that is in order reaches the module', async () => {
        await works('input', { config: { note: 'x'.repeat(10e6) } });
        const record = await works('coco', { config: { note: 'x'.repeat(10e6) } });
        assert.equal(lines(record, 'WARNING')[0], 'Option "note" is unknown and has no effect.');
    });

    it('that is cut off is refused with the place of its end', () =>
        fails(
            'input',
            { configJSON: JSON.stringify({ note: 'x'.repeat(10e6) }).slice(0, -1) },
            "The plugin's configuration is not a valid JSON object: Missing a comma or '}' after an object member at line 1, column 10000011. Correct it and run the plugin again.",
        ));

    it('of a hundred thousands of unknown options does not flood the session log', async () => {
        const config = Object.fromEntries(Array.from({ length: 400_000 }, (_, i) => [`number_${i}`, i * 1e6]));
        assert.ok(JSON.stringify(config).length > 10e6);
        const said = lines(await works('coco', { config }), 'WARNING').filter((line) => line.includes('unknown and ha'));
        assert.equal(said.length, 21);
        assert.equal(said[20], '399980 more options are unknown and have no effect.');
    });

    it('as the value of one option is not repeated in the message', () =>
        fails(
            'coco',
            { config: { holes: 'x'.repeat(10e6) } },
            `Option "holes" is "${'x'.repeat(59)}..., but must be one of "rle", "bridge" or "drop".`,
        ));
});

describe('a configuration that is no JSON object is refused with the place of the mistake', () => {
    const start = "The plugin's configuration is not a valid JSON object: ",
        end = '. Correct it and run the plugin again.';
    for (const [what, configJSON, why] of [
        ['a misspelt value', '{\n  "holes": "rle",\n  "clip": tru\n}', 'Invalid value at line 3, column 14'],
        ['a missing comma', '{\n  "a": 1\n  "b": 2\n}', "Missing a comma or '}' after an object member at line 3, column 3"],
        ['something behind it', '{}\n}', 'The document root must not be followed by other values at line 2, column 1'],
        ['plain words', 'holes = rle', 'Invalid value at line 1, column 1'],
        ['a list', '[1]', 'it is JSON, but not an object with options'],
        ['null as a text', 'null', 'it is JSON, but not an object with options'],
        ['a number in place of a text', 17, 'it is JSON, but not an object with options'],
        ['true in place of a text', true, 'it is JSON, but not an object with options'],
        ['a list in place of a text', [{ a: 1 }], 'it is JSON, but not an object with options'],
        ['1,000 levels', `{"a":${JSON.stringify(nested(1000))}}`, 'nested deeper than 64 levels at line 1, column 69'],
    ])
        it(what, async () => {
            for (const name of ['input', 'coco']) await fails(name, { configJSON }, `${start}${why}${end}`);
        });

    it('an object in place of a text is taken', () => works('coco', { configJSON: { holes: 'drop' } }));
});

describe('members of other types', () => {
    for (const projectId of [17, null, '', { id: 'p' }, ['p']])
        it(`projectId ${JSON.stringify(projectId)}: said without asking Hub in vain`, async () => {
            await fails(
                'coco',
                { extra: { projectId } },
                'The event from Hub names no project in "projectId", so there is nothing to export.',
            );
            assert.deepEqual(
                hub.requests.filter(
                    ({ path, query }) => path.startsWith('/v2/') && !hub.projects.all().some(({ id }) => id === query.project),
                ),
                [],
            );
        });

    for (const apiKey of [17, null, '', { key: 'k' }])
        it(`apiKey ${JSON.stringify(apiKey)}: Hub refuses, and the user is told whose key it is`, async () => {
            const record = await system.settled(hub.run(system.id('coco'), { extra: { apiKey } }));
            assert.equal(record.state, 'failed');
            angod.expect(failed(lines(record, 'ERROR')[0]));
            assert.match(
                lines(record, 'ERROR').join('\n'),
                /^Hub refused the export: the API key of the user who ran the plugin is not valid .*check the key of that user and run the plugin again\.$/,
            );
        });

    for (const [name, values] of Object.entries({
        stage: [17, true, { a: 1 }, 'Label'],
        batches: [5, { a: 1 }, 'b'],
        categorySchema: ['x', 5, { tools: 5 }, [[1]]],
        numTasks: ['many', -5, { a: 1 }],
    }))
        for (const value of values)
            it(`${name} ${JSON.stringify(value)}: the export is made`, () => works('coco', { extra: { [name]: value } }));

    for (const extra of [
        { orgId: [1], runBy: { a: 1 } },
        { orgId: null, runBy: null },
    ])
        it(`${JSON.stringify(extra)}: come back in the lines of the log as they came`, async () => {
            const { organization, runBy } = (await works('coco', { extra })).logs[0];
            assert.deepEqual([organization, runBy], [extra.orgId, extra.runBy]);
        });

    for (const session of [17, 2.5, true, { id: 's' }, ['s']])
        it(`session ${JSON.stringify(session)}: comes back as it came`, async () => {
            const socket = hub.plugins.get(system.id('input')).sockets.at(-1);
            const answer = new Promise((resolve, reject) => {
                const timer = setTimeout(() => reject(new Error('no answer in 10 s')), 10000);
                socket.once('response', (message) => {
                    clearTimeout(timer);
                    resolve(message);
                });
            });
            socket.emit('plugin', { session });
            assert.deepEqual(await answer, { response: 'attempt 1', session });
        });
});

describe('an event that is nested too deeply ends its session with the reason', () => {
    for (const levels of [64, 1000])
        it(`${levels} levels`, async () => {
            const event = { session: `deep-${levels}`, projectId: hub.createProject({ assets: 1 }).id, a: nested(levels) };
            const column = JSON.stringify({ ...event, a: 0 }).length - 1 + 63;
            await fails(
                'input',
                { raw: event },
                `The event from Hub cannot be read: nested deeper than 64 levels at line 1, column ${column}.`,
            );
        });

    it('63 levels are allowed', () => works('input', { extra: { a: nested(63) } }));
});
