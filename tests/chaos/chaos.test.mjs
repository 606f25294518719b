// angod under load of all kinds while everything around it fails at random. No run is lost, and no run has its effects twice.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../integration/lib/angod.mjs';
import { residentBytesOf } from '../integration/lib/processes.mjs';
import { lines } from './lib/lines.mjs';
import { readOptions } from './lib/options.mjs';
import { partsIn } from './lib/parts.mjs';
import { Random } from './lib/random.mjs';
import { keepLogs, lastFaults, progress, say, summary } from './lib/report.mjs';
import { Storm } from './lib/storm.mjs';
import { Traffic } from './lib/traffic.mjs';
import { Verdict } from './lib/verdict.mjs';
import { World } from './lib/world.mjs';

/** The growth of angod's memory that is allowed from its first runs to the end. */
const GROWTH_BYTES = 64 << 20;
const SETTLE_MS = 180_000;

const options = readOptions();
const random = new Random(options.seed);
const loads = await partsIn('loads'),
    faults = await partsIn('faults');
const unknown = (options.only ?? []).filter((name) => !faults.some((fault) => fault.name === name));
if (unknown.length > 0)
    throw new Error(`there is no kind of fault "${unknown.join(', ')}"; there are ${faults.map(({ name }) => name).join(', ')}`);
const chosen = faults.filter(({ name }) => options.only?.includes(name) ?? true);

let world, traffic, storm, residentBefore;
before(async () => {
    say(
        `chaos with seed ${options.seed}: ${options.faults} faults of ${chosen.length} kinds, loads ${loads.map(({ name }) => name).join(', ')}`,
    );
    world = await World.start(loads, [...lines, ...loads.flatMap((load) => load.lines ?? [])]);
    traffic = new Traffic(world, loads, random.fork('traffic'));
    storm = new Storm(world, chosen, random.fork('faults'));
});
after(() => world?.close());

/** One run of each load, without faults. */
async function eachAnswers(name) {
    const runs = await Promise.all(loads.map((load) => answered(load, random.fork(`${name} ${load.name}`))));
    await world.settled(60000);
    const { problems, counts } = new Verdict(world, new Map()).judge(runs);
    assert.deepEqual([problems, counts.answered], [[], loads.length]);
}

/** A run until its end. Hub may send the event on a connection that is already dead without knowing it; then it is sent again. */
async function answered(load, numbers) {
    const run = await until(
        async () => {
            const session = traffic.begin(load, numbers);
            return (
                session && (await until(() => traffic.isOver(session), `a run of ${load.name} to end`, 60000)) && traffic.runs.get(session)
            );
        },
        `${load.name} to be live`,
        60000,
    );
    return world.hub.session(run.session).state === 'running' ? answered(load, numbers) : run;
}

test('every load is answered where nothing fails', async () => {
    await eachAnswers('first');
    residentBefore = residentBytesOf(world.angod.pid);
});

test(`nothing is lost or done twice in ${options.faults} faults, seed ${options.seed}`, { timeout: 24 * 3600e3 }, async () => {
    const problems = world.problems;
    const verdict = await rage().catch((failed) => {
        problems.push(failed.stack);
    });
    if (problems.length === 0) await world.angod.box.check(true).catch((failed) => problems.push(failed.message));
    if (verdict) say(summary({ storm, verdict, world }));
    if (problems.length === 0 && !options.keep) return;
    const dir = keepLogs({ seed: options.seed, storm, world, traffic, problems });
    say(`seed ${options.seed}; the logs are in ${dir}`);
    if (problems.length > 0)
        assert.fail(
            `${problems.length} problems:\n${problems.slice(0, 20).join('\n')}\n${lastFaults(storm)}seed ${options.seed}; the logs are in ${dir}`,
        );
});

/** The storm and the calm after it. Errors are added to world.problems. */
async function rage() {
    traffic.start();
    try {
        await storm.rage(options.faults, Date.now() + options.minutes * 60e3, progress(options.faults));
    } finally {
        await traffic.stop();
    }
    if (world.problems.length > 0) return undefined;
    await world.calm();
    await world.settled(SETTLE_MS);
    await eachAnswers('last');
    const grown = residentBytesOf(world.angod.pid) - residentBefore;
    if (grown > GROWTH_BYTES) world.problems.push(`angod is larger by ${grown} bytes than at its start`);
    const runs = [...traffic.runs.values()];
    const verdict = new Verdict(world, await reasons()).judge(runs);
    world.problems.push(...verdict.problems, ...effects(runs), ...strays());
    if (/internal error/i.test(world.angod.logText)) world.problems.push('the log of angod reports an internal error');
    return verdict;
}

/** By session, the reasons of failed runs that angod has recorded. */
async function reasons() {
    const lists = await Promise.all(['failed', 'cancelled'].map((state) => world.angod.jobs(`?state=${state}&limit=10000`)));
    return new Map(lists.flat().map(({ session, problem }) => [JSON.parse(session), problem]));
}

/** The errors in the effects that the loads have left in Hub and elsewhere. */
function effects(runs) {
    return loads.flatMap((load) => {
        try {
            load.end?.(
                world,
                runs.filter((run) => run.load === load),
            );
            return [];
        } catch (wrong) {
            return [`${load.name}: ${wrong.message}`];
        }
    });
}

const strays = () =>
    world.hub.strays.map(
        ({ kind, reason, message }) =>
            `Hub got a ${kind} for no session of its plugin (${reason}): ${JSON.stringify(message).slice(0, 300)}`,
    );
