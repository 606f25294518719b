// Compares two transcripts. Each difference is one line, which accepted.txt may list.

/**
 * @param {object} client the transcript of the vendor's client or of the stand-in
 * @param {object} angod the transcript of angod
 * @param {boolean} [withOpening] compare the openings of the connections too
 * @returns {string[]} the differences, each once
 */
export function differences(client, angod, withOpening = false) {
    const all = inContents(client.steps, angod.steps);
    // A line for the user may come before or behind a request beside it: they take different ways.
    for (const counts of [({ is }) => is !== 'log', ({ is }) => is !== 'request'])
        all.push(...inOrder(client.steps.filter(counts), angod.steps.filter(counts)));
    if (withOpening) all.push(...inContents(client.opening, angod.opening), ...inOrder(client.opening, angod.opening));
    return [...new Set(all)];
}

const times = (count) => (count === 0 ? 'never' : `${count} ${count === 1 ? 'time' : 'times'}`);
const shown = (value) => (value === undefined ? 'nothing' : JSON.stringify(value));
const keysOf = (steps) => [...new Set(steps.map(({ key }) => key))];

/** Steps that only one side took, or took more often, and the differences of those that belong together. */
function inContents(client, angod) {
    return keysOf([...client, ...angod]).flatMap((key) => {
        const [mine, theirs] = [client, angod].map((steps) => steps.filter((step) => step.key === key));
        const isEqual = mine.length === theirs.length;
        const counted = isEqual ? [] : [`${key}: client ${times(mine.length)}, angod ${times(theirs.length)}`];
        const pairs = isEqual ? mine.map((step, i) => [step, theirs[i]]) : likest(mine, theirs, key);
        return [...counted, ...pairs.flatMap(([one, other]) => inValues(one, other, key))];
    });
}

/** Of different numbers of steps those belong together that differ least. */
function likest(mine, theirs, key) {
    const left = [...theirs];
    return mine.slice(0, theirs.length).map((step) => {
        const distances = left.map((other) => inValues(step, other, key).length);
        return [step, ...left.splice(distances.indexOf(Math.min(...distances)), 1)];
    });
}

function inValues(client, angod, place) {
    const isObject = (value) => value !== null && typeof value === 'object';
    const isList = Array.isArray(client);
    if (!isObject(client) || !isObject(angod) || isList !== Array.isArray(angod))
        return Object.is(client, angod) ? [] : [`${place}: client ${shown(client)}, angod ${shown(angod)}`];
    const names = [...new Set([...Object.keys(client), ...Object.keys(angod)])];
    return names.flatMap((name) => inValues(client[name], angod[name], isList ? `${place}[]` : `${place} ${name}`));
}

/** Steps that both sides took equally often are compared in their order. */
function inOrder(client, angod) {
    const isCommon = ({ key }) => [client, angod].map((steps) => steps.filter((step) => step.key === key).length).every(same);
    const [mine, theirs] = [client, angod].map((steps) => steps.filter(isCommon).map(({ key }) => key));
    if (mine.join() === theirs.join()) return [];
    // The steps before the first and behind the last that differ are left out.
    let first = 0,
        last = mine.length;
    while (mine[first] === theirs[first]) first += 1;
    while (mine[last - 1] === theirs[last - 1]) last -= 1;
    const part = (keys) => keys.slice(first, last).join(', ');
    return [`order: client ${part(mine)}; angod ${part(theirs)}`];
}

const same = (count, _place, counts) => count === counts[0];

/**
 * Reads the list of accepted differences. A line is "JOB[, JOB…]: DIFFERENCE → REASON"; # begins a comment.
 * @param {string} text
 * @param {string[]} jobs the names of all jobs
 * @returns {Map<string, Set<string>>} the accepted differences of each job
 */
export function acceptedIn(text, jobs) {
    const accepted = new Map(jobs.map((job) => [job, new Set()]));
    text.split('\n').forEach((line, i) => {
        if (line.trim() === '' || line.startsWith('#')) return;
        const where = `accepted.txt, line ${i + 1}`;
        const [, names, difference] = /^([\w, -]+?): (.+) → \S.*$/.exec(line) ?? [];
        if (!names) throw new Error(`${where}: it must be "JOB: DIFFERENCE → REASON".`);
        for (const name of names.split(', ')) {
            if (!accepted.has(name)) throw new Error(`${where}: there is no job "${name}". The jobs are: ${jobs.join(', ')}.`);
            if (accepted.get(name).has(difference)) throw new Error(`${where}: the job "${name}" has this difference twice.`);
            accepted.get(name).add(difference);
        }
    });
    return accepted;
}

/**
 * Judges the differences of a job. @returns {string[]} a sentence for each that is not accepted, and for each that is accepted and does
 * not occur
 */
export function problemsOf(found, accepted) {
    return [
        ...found.filter((one) => !accepted.has(one)).map((one) => `This difference is not in accepted.txt: ${one}`),
        ...[...accepted].filter((one) => !found.includes(one)).map((one) => `This difference no longer occurs, remove it: ${one}`),
    ];
}
