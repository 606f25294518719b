// The arithmetic of tests/bench/run --against, with made-up values.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare, compareAll, orderOf } from '../lib/compare.mjs';

const STEADY = [100, 100, 100, 100, 100];
const times = (factor, values = STEADY) => values.map((value) => value * factor);

test('the build that is measured first changes from round to round', () => {
    assert.deepEqual([0, 1, 2, 3].flatMap(orderOf), ['base', 'new', 'new', 'base', 'base', 'new', 'new', 'base']);
});

test('equal builds are the same', () => {
    assert.deepEqual(compare({ base: STEADY, new: STEADY }), { base: 100, new: 100, difference: 0, spread: 0, verdict: 'same' });
});

test('5 % more is the same, a little over 5 % is worse', () => {
    assert.equal(compare({ base: STEADY, new: times(1.05) }).verdict, 'same');
    assert.equal(compare({ base: STEADY, new: times(1.051) }).verdict, 'worse');
});

test('5 % less is the same, a little below is better', () => {
    assert.equal(compare({ base: STEADY, new: times(0.95) }).verdict, 'same');
    assert.equal(compare({ base: STEADY, new: times(0.949) }).verdict, 'better');
});

test('where more is better, less is worse', () => {
    assert.equal(compare({ base: STEADY, new: times(0.9), moreIsBetter: true }).verdict, 'worse');
    assert.equal(compare({ base: STEADY, new: times(1.1), moreIsBetter: true }).verdict, 'better');
    assert.equal(compare({ base: STEADY, new: times(0.96), moreIsBetter: true }).verdict, 'same');
});

test('a difference that is no greater than the spread of the base is the same', () => {
    const restless = [90, 95, 100, 105, 110];
    const { spread } = compare({ base: restless, new: restless });
    assert.equal(spread, 20);
    assert.equal(compare({ base: restless, new: times(1.2) }).verdict, 'same');
    assert.equal(compare({ base: restless, new: times(1.21) }).verdict, 'worse');
    assert.equal(compare({ base: restless, new: times(0.79) }).verdict, 'better');
});

test('medians count: one bad round of the new build does not make it worse', () => {
    assert.equal(compare({ base: STEADY, new: [100, 101, 99, 100, 300] }).verdict, 'same');
});

test('the spread of the new build does not excuse it', () => {
    assert.equal(compare({ base: STEADY, new: [90, 108, 110, 112, 150] }).verdict, 'worse');
});

test('the order of the values does not matter', () => {
    const base = [110, 90, 100, 95, 105];
    assert.deepEqual(compare({ base, new: base }), compare({ base: [...base].sort(), new: [...base].reverse() }));
});

test('a base of 0 is the same as 0, and everything above is worse', () => {
    const nothing = times(0);
    assert.deepEqual(compare({ base: nothing, new: nothing }), { base: 0, new: 0, difference: 0, spread: 0, verdict: 'same' });
    assert.equal(compare({ base: nothing, new: STEADY }).verdict, 'worse');
});

test('the table has a line for each figure and names those that are worse', () => {
    const { text, worse } = compareAll([
        { what: 'export', unit: 's', base: STEADY, new: times(1.5) },
        { what: 'events', unit: '/s', base: times(100), new: times(100), moreIsBetter: true },
    ]);
    assert.deepEqual(worse, ['export']);
    const lines = text.trimEnd().split('\n');
    assert.equal(lines.length, 4);
    assert.match(lines[2], /^\| export +\| +100 s \| +150 s \| +\+50\.0 % \| +0\.0 % \| WORSE +\|$/);
    assert.match(lines[3], /^\| events +\| 10,000 \/s \| 10,000 \/s \| +0\.0 % \| +0\.0 % \| same +\|$/);
    assert.equal(new Set(lines.map((line) => line.length)).size, 1, 'all lines are equally long');
});
