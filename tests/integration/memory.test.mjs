// memory_mb: a module that uses more is stopped, with a reason for its user; a module that only maps much is not.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fixture, until } from './lib/angod.mjs';
import { failed, hostDied } from './lib/lines.mjs';
import { assertWell } from './lib/neighbour.mjs';
import { isSanitized } from './lib/processes.mjs';
import { System } from './lib/system.mjs';

const LIMIT_MB = 100;
const SENTENCE = `The plugin used more memory than the ${LIMIT_MB} MB that it may use and was stopped.`;
const overLimit = (module) =>
    new RegExp(
        `^the host of module ${module} 1\\.0, generation 1, for the plugin \\S+ was ended: it used 1\\d\\d MB of memory, its limit is ${LIMIT_MB} MB \\(process \\d+\\) with jobs? [0-9a-f-, ]+ running`,
    );

let system, hub, angod;
before(async () => {
    const limited = { memory_mb: LIMIT_MB, max_attempts: 1 };
    system = await System.start({
        modules: ['witness', 'saboteur', 'saboteur_concurrent'].map(fixture),
        plugins: {
            neighbour: {},
            limited: { module: 'saboteur', ...limited },
            together: { module: 'saboteur-concurrent', concurrency: 3, ...limited },
            free: { module: 'saboteur' },
        },
        config: { crash: { count: 1000 } },
    });
    ({ hub, angod } = system);
});
after(() => system.close());

const answerOf = async (session) => (await system.settled(session)).answers[0].message;

for (const act of ['grow', 'grow elsewhere'])
    test(`a module that uses more (${act}) is stopped, and its user and its operator are told the limit`, async () => {
        angod.expect(overLimit('saboteur'));
        const session = system.run('limited', { act, megabytes: 150, gate: system.gate() });
        assert.deepEqual(await answerOf(session), { error: true, session });
        assert.deepEqual([hub.session(session).logs.at(-1).level, hub.session(session).logs.at(-1).msg], ['ERROR', SENTENCE]);
        assert.match((await system.job(session)).problem, new RegExp(`^The plugin used more memory .*its limit is ${LIMIT_MB} MB`));
        assert.equal((await answerOf(system.run('limited'))).response, 'attempt 1');
        await assertWell(hub, system.id('neighbour'));
    });

test('a module that uses less is not', async () => {
    const gate = system.gate();
    const session = system.run('limited', { act: 'grow', megabytes: 60, gate });
    const [{ pid }] = await system.running(session);
    await until(
        () => Number(/RssAnon:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) > 60 << 10,
        'the memory to be used',
    );
    system.open(gate);
    assert.equal((await answerOf(session)).response, 'attempt 1');
});

test('of several runs in one host only the one that also needs too much alone pays', async () => {
    angod.expect(overLimit('saboteur-concurrent'));
    const gate = system.gate();
    const good = [1, 2].map(() => system.run('together', { gate }));
    for (const session of good) await system.running(session);
    const bad = system.run('together', { act: 'grow', megabytes: 150, gate: system.gate() });
    await until(() => good.some((session) => system.runs(session).length > 1) || system.runs(bad).length > 1, 'the first repetition');
    system.open(gate);
    for (const session of good) assert.equal((await answerOf(session)).response, 'attempt 1');
    assert.equal((await answerOf(bad)).error, true);
    assert.equal(hub.session(bad).logs.at(-1).msg, SENTENCE);
});

test('a module that asks for far more at once does not get it, and can say so', async (t) => {
    const probe = system.run('limited');
    await answerOf(probe);
    if (isSanitized(system.runs(probe)[0].pid)) return t.diagnostic('a sanitizer answers for itself');
    const sentence = 'The plugin ran out of memory.';
    angod.expect(failed(sentence));
    const session = system.run('limited', { act: 'ask for much', megabytes: 4000 });
    assert.deepEqual(await answerOf(session), { error: true, session });
    assert.equal(hub.session(session).logs.at(-1).msg, sentence);
    assert.equal(system.runs(session)[0].pid, system.runs(probe)[0].pid, 'in the same host, which goes on');
    assert.equal((await answerOf(system.run('limited'))).response, 'attempt 1');
    assert.equal((await answerOf(system.run('free', { act: 'ask for much', megabytes: 4000 }))).response, 'got it', 'without a limit');
});

test('10 GB of reserved addresses and a file that is mapped and read count for nothing', async () => {
    const file = path.join(system.dir, 'model');
    fs.writeFileSync(file, Buffer.alloc(150 << 20, 'weights '));
    const gate = system.gate();
    const session = system.run('limited', { act: 'map much', file, megabytes: 150, gate });
    const [{ pid }] = await system.running(session);
    await until(
        () => Number(/RssFile:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) > 150 << 10,
        'the file to be read',
    );
    const looked = Date.now();
    await until(() => Date.now() > looked + 1500, 'the watch to look three times');
    system.open(gate);
    assert.equal((await answerOf(session)).response, 'attempt 1');
});
