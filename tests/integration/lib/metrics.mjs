// Reads Prometheus' text format, version 0.0.4, and refuses everything that deviates from it.
import assert from 'node:assert/strict';

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,(?=[a-zA-Z_])|$)/y;
const unescaped = (text) => text.replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c));

/** @returns {Map<string, {type: string, help: string, samples: {name: string, labels: object, value: number}[]}>} families by name */
export function parse(text) {
    assert.ok(text.endsWith('\n'), 'the last line has an end');
    const families = new Map(),
        series = new Set();
    let family = null,
        help = null;
    for (const line of text.slice(0, -1).split('\n')) {
        const [, what, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
        if (what === 'HELP') {
            assert.match(name, NAME);
            assert.ok(!families.has(name), `${name} has one block of lines`);
            help = { name, text: rest };
            family = null;
        } else if (what === 'TYPE') {
            assert.equal(help?.name, name, `${name} has its help first`);
            assert.match(rest, /^(counter|gauge|histogram)$/);
            assert.equal(name.endsWith('_total'), rest === 'counter', `${name}: the names of counters, and theirs alone, end in _total`);
            family = { name, type: rest, help: help.text, samples: [] };
            families.set(name, family);
        } else {
            const [, of, labels, value] = SAMPLE.exec(line) ?? [];
            assert.ok(of && family, `no sample of a family: ${line}`);
            const names = family.type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => family.name + end) : [family.name];
            assert.ok(names.includes(of), `${of} is in the block of ${family.name}`);
            assert.ok(value === '+Inf' || Number.isFinite(Number(value)), line);
            const sample = { name: of, labels: labelsOf(labels ?? ''), value: Number(value) };
            const key = JSON.stringify([of, Object.entries(sample.labels).sort()]);
            assert.ok(!series.has(key), `${key} is there twice`);
            series.add(key);
            family.samples.push(sample);
        }
    }
    for (const one of families.values()) if (one.type === 'histogram') checkHistogram(one);
    return families;
}

function labelsOf(text) {
    const labels = {};
    LABEL.lastIndex = 0;
    while (LABEL.lastIndex < text.length) {
        const found = LABEL.exec(text);
        assert.ok(found, `labels: ${text}`);
        assert.ok(!Object.hasOwn(labels, found[1]), `labels: ${text}`);
        labels[found[1]] = unescaped(found[2]);
    }
    return labels;
}

/** Checks that buckets are cumulative and that the last one equals the count. */
function checkHistogram({ name, samples }) {
    const groups = new Map();
    for (const {
        name: of,
        labels: { le, ...labels },
        value,
    } of samples) {
        const group = groups.get(JSON.stringify(labels)) ?? { buckets: [] };
        groups.set(JSON.stringify(labels), group);
        if (of === `${name}_bucket`) group.buckets.push([le === '+Inf' ? Infinity : Number(le), value]);
        else group[of.slice(name.length + 1)] = value;
    }
    for (const { buckets, sum, count } of groups.values()) {
        assert.ok(
            buckets.every(([bound, value], i) => i === 0 || (bound > buckets[i - 1][0] && value >= buckets[i - 1][1])),
            JSON.stringify(buckets),
        );
        assert.deepEqual(buckets.at(-1), [Infinity, count]);
        assert.ok(sum >= 0);
    }
}

/** The value of the series with these labels, undefined if there is none. For a histogram the name ends with _sum or _count. */
export function value(families, name, labels = {}) {
    const family = families.get(name) ?? families.get(name.replace(/_(sum|count|bucket)$/, ''));
    const found =
        family?.samples.filter(
            (sample) => sample.name === name && Object.entries(labels).every(([label, is]) => sample.labels[label] === is),
        ) ?? [];
    assert.ok(found.length < 2, `${name} ${JSON.stringify(labels)} has ${found.length} series`);
    return found[0]?.value;
}
