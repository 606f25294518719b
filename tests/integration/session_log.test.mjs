// The lines of the module and the progress that a user of Hub sees while a run goes on.
import assert from 'node:assert/strict';
import { after, before, describe, it, test } from 'node:test';
import { assertWell } from './lib/neighbour.mjs';
import { System } from './lib/system.mjs';

const FLOOD = 1_000_000;
const FIRST_PROGRESS_MS = 5000;
const LEFT_OUT = /^(\d+) lines? of the plugin (was|were) left out here because it logs too fast$/;

let system;
before(async () => {
    system = await System.start({ plugins: { long: {}, talker: {}, neighbour: {} } });
});
after(() => system?.close());

const texts = (record) => record.logs.map(({ msg }) => msg);

/** Asserts that every line is present in order, or counted where it is missing. Returns the number of present lines. */
function assertAccounted(record, count) {
    let next = 0,
        there = 0;
    for (const text of texts(record)) {
        const leftOut = LEFT_OUT.exec(text);
        if (leftOut) next += Number(leftOut[1]);
        else {
            assert.equal(text, `line ${next++}`);
            ++there;
        }
    }
    assert.equal(next, count);
    return there;
}

test('a module that logs without end neither floods Hub nor delays others; lines that are left out are counted', async () => {
    const session = system.run('talker', { lines: FLOOD });
    await system.running(session);
    await assertWell(system.hub, system.id('neighbour'));
    const record = await system.settled(session);
    assert.equal(record.state, 'answered');
    const there = assertAccounted(record, FLOOD);
    assert.ok(there >= 500 && there < 500 + 21 * (2 + record.elapsedMs / 1000), `${there} lines in ${record.elapsedMs} ms`);
    assert.equal(texts(record).at(-1), `line ${FLOOD - 1}`);
    assert.ok(record.logs.at(-1).at <= record.answers[0].at, 'the last line comes before the answer');
});

test('an error in the middle of a flood is shown, in its place', async () => {
    const record = await system.settled(system.run('talker', { lines: 50_000, errorAt: 20_000 }));
    assertAccounted(record, 50_000);
    assert.deepEqual(
        record.logs.filter(({ level }) => level === 'ERROR').map(({ msg }) => msg),
        ['line 20000'],
    );
});

test('some hundred lines are all shown', async () => {
    const record = await system.settled(system.run('talker', { lines: 300 }));
    assert.equal(assertAccounted(record, 300), 300);
});

describe('the progress of a run', { concurrency: true }, () => {
    it('is reported when it takes long, with the remaining time, and at its end, before the answer', async () => {
        const gate = system.gate(),
            STEPS = 20_000;
        const session = system.run('long', { gate, steps: STEPS });
        const shown = () => texts(system.hub.session(session));
        await system.hub.waitFor(() => shown().length > 0, 3 * FIRST_PROGRESS_MS, 'a line about progress');
        assert.ok(system.hub.session(session).logs[0].at - system.hub.session(session).startedAt >= FIRST_PROGRESS_MS - 100);
        assert.match(shown()[0], /^[\d,]+ of 20,000 done \(\d+ %\)(, about \d+ (s|min) to go)?$/);
        await system.hub.waitFor(() => shown().length > 1, 3 * FIRST_PROGRESS_MS, 'one more');
        assert.match(shown()[1], /^[\d,]+ of 20,000 done \(\d+ %\), about \d+ (s|min) to go$/);
        system.open(gate);
        const record = await system.settled(session);
        assert.match(texts(record).at(-1), /^20,000 of 20,000 done in \d+ s$/);
        assert.ok(record.logs.length <= 5, 'seldom enough to be read');
        assert.ok(record.logs.at(-1).at <= record.answers[0].at);
    });

    it('is not reported for a short run', async () => {
        const record = await system.settled(system.run('talker', { steps: 100_000 }));
        assert.deepEqual(texts(record), []);
    });
});
