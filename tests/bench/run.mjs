// The benchmark: the measurements, their sizes and their order. The measurements themselves are in lib/.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startHub } from '../hub/hub.mjs';
import { compareWith, stopComparison } from './lib/against.mjs';
import { stopChildren } from './lib/children.mjs';
import { startAngod, startFloor, startPeer } from './lib/contenders.mjs';
import { measureCancel } from './lib/cancel.mjs';
import { measureEcho } from './lib/echo.mjs';
import { measureExport, compareResults } from './lib/exports.mjs';
import { measureExportFloor } from './lib/floor_export.mjs';
import { measureHostMemory } from './lib/host_memory.mjs';
import { measureMany } from './lib/many.mjs';
import { BUILD, WORK, folderWith } from './lib/places.mjs';
import { profile, profileAsMarkdown } from './lib/profile.mjs';
import { measureReload } from './lib/reload.mjs';
import { measureCallsOfMerging, measureRerun, measureWaitingTasks } from './lib/rerun.mjs';
import { writeResults } from './lib/results.mjs';
import { measureRows } from './lib/rows.mjs';
import { measureStart } from './lib/start.mjs';
import { measureUsers } from './lib/users.mjs';
import { asMarkdown, frontRows } from './lib/table.mjs';

const USAGE = `tests/bench/run [options]
  --quick             small numbers, to see that it works
  --big               also an export of 1,000,000 assets
  --only NAME         echo, users, start, many, export, rows, rerun, reload or hosts
  --profile           also the shares of processor time by thread and library, from perf
  --update-results    writes the tables into RESULTS.md here, and four rows of them into README.md
tests/bench/run --against COMMIT [--rounds N] [--only NAME] [--quick]
  builds COMMIT and the working tree, measures both by turns in N rounds (5), and prints a table.
  Exit code 1 if a figure of the working tree is worse: by more than 5 % and by more than the base
  differs from itself between rounds`;

const flag = { type: 'boolean' };
const SIZES = {
    quick: {
        compared: 500,
        alone: [2000],
        rounds: 1,
        roundTrips: 200,
        flightSeconds: 1,
        starts: 3,
        plugins: 50,
        idleSeconds: 3,
        reloads: 20,
        cancels: 10,
        rows: 20_000,
        tasks: 200,
        waitingTasks: 2_000,
    },
    full: {
        compared: 20_000,
        alone: [200_000],
        rounds: 3,
        roundTrips: 2000,
        flightSeconds: 5,
        starts: 15,
        plugins: 1000,
        idleSeconds: 60,
        reloads: 500,
        cancels: 100,
        rows: 1_000_000,
        tasks: 20_000,
        waitingTasks: 100_000,
    },
};
const NAMES = ['echo', 'users', 'start', 'many', 'export', 'rows', 'rerun', 'reload', 'hosts'];
const ROUNDS = 5; // of a comparison

function readArguments() {
    try {
        const { values } = parseArgs({
            options: {
                quick: flag,
                big: flag,
                only: { type: 'string' },
                'update-results': flag,
                profile: flag,
                against: { type: 'string' },
                rounds: { type: 'string' },
                help: { ...flag, short: 'h' },
            },
        });
        if (values.only !== undefined && !NAMES.includes(values.only))
            throw new Error(`--only knows ${NAMES.join(', ')}, not ${values.only}`);
        if (values['update-results'] && (values.only || values.quick)) throw new Error('--update-results needs all measurements');
        if (values.against === undefined && values.rounds !== undefined) throw new Error('--rounds goes with --against');
        if (values.against !== undefined && (values.big || values.profile || values['update-results']))
            throw new Error('--against goes with --rounds, --only and --quick');
        if (values.rounds !== undefined && !/^[1-9]\d?$/.test(values.rounds)) throw new Error('--rounds is a number from 1 to 99');
        return values;
    } catch (error) {
        process.stderr.write(`${error.message}\n${USAGE}\n`);
        process.exit(2);
    }
}

const progress = (text) => process.stderr.write(`bench: ${text}\n`);

/** Exports: the same one by both, then larger ones by angod alone, to show that its memory stays flat. */
async function exportRows(hub, sizes, withProfile) {
    const rows = [];
    const profiles = [];
    const plugin = hub.createPlugin({ type: 'Export', name: 'angod' });
    const peerPlugin = hub.createPlugin({ type: 'Export', name: 'peer' });
    const angod = await startAngod(hub, plugin, 'export-coco', 'modules');
    const peer = await startPeer(hub, peerPlugin, 'export');
    const project = await makeProject(hub, sizes.compared);
    // Both bridge holes: for run lengths a Python converter would use a library in C, and the comparison would be of that.
    const config = { holes: 'bridge' };
    const ours = await measureExport(hub, angod, project, { config, rounds: sizes.rounds, progress });
    const theirs = await measureExport(hub, peer, project, { config, rounds: sizes.rounds, progress });
    const floor = measureExportFloor(await hub.prepareExport(project.id), ours.result, { rounds: sizes.rounds, progress });
    const what = `export of ${sizes.compared.toLocaleString('en')} assets`;
    rows.push(
        { what, unit: 's', angod: ours.seconds, peer: theirs.seconds, floor: floor.seconds, front: what },
        { what: '— peak memory', unit: 'MB', angod: ours.memory, peer: theirs.memory, floor: floor.memory, front: 'its peak memory' },
        { what: '— temporary disk', unit: 'MB', angod: ours.disk, peer: theirs.disk },
    );
    const comparison = compareResults(ours.result, theirs.result);
    await peer.stop();

    for (const assets of sizes.alone) {
        const large = await makeProject(hub, assets);
        let alone;
        const measure = async () => {
            alone = await measureExport(hub, angod, large, { rounds: 1, warmUps: 0, progress });
        };
        if (withProfile && assets === sizes.alone[0]) {
            profiles.push(profileAsMarkdown(`Export of ${assets.toLocaleString('en')} assets`, await profile('export', measure)));
        }
        await measure(); // again without perf
        const bare = measureExportFloor(await hub.prepareExport(large.id), alone.result, { rounds: 1, progress });
        rows.push(
            { what: `export of ${assets.toLocaleString('en')} assets`, unit: 's', angod: alone.seconds, floor: bare.seconds },
            { what: '— peak memory', unit: 'MB', angod: alone.memory, floor: bare.memory },
            { what: '— temporary disk', unit: 'MB', angod: alone.disk },
        );
    }
    await angod.stop();
    return { rows, comparison, profiles };
}

async function makeProject(hub, assets) {
    progress(`making an export of ${assets} assets`);
    const project = hub.createProject({ name: `${assets} assets`, assets, seed: assets });
    await hub.prepareExport(project.id);
    return project;
}

/** Round trips of an event one after the other, and their number per second with 64 under way. */
async function echoRows(hub, sizes, withProfile) {
    const start = {
        angod: (plugin) => startAngod(hub, plugin, 'echo', folderWith('examples/echo.so'), { concurrency: 64 }),
        peer: (plugin) => startPeer(hub, plugin, 'echo'),
        floor: (plugin) => startFloor(hub, plugin),
    };
    const contenders = {};
    for (const [name, started] of Object.entries(start)) {
        contenders[name] = await started(hub.createPlugin({ type: 'Input', name }));
    }
    const measured = await measureEcho(hub, contenders, { ...sizes, progress });
    const row = (what, unit, figure) => ({
        what,
        unit,
        ...Object.fromEntries(Object.entries(measured).map(([name, figures]) => [name, figures[figure]])),
    });
    const profiles = [];
    if (withProfile) {
        const work = () =>
            measureEcho(hub, { angod: contenders.angod }, { rounds: 1, roundTrips: 1, flightSeconds: sizes.flightSeconds, progress });
        profiles.push(profileAsMarkdown('Events with 64 in flight', await profile('echo', work)));
    }
    for (const contender of Object.values(contenders)) await contender.stop();
    const rows = [
        row('round trip of an event, median', 'ms', 'p50'),
        row('— 99th percentile', 'ms', 'p99'),
        { ...row('events with 64 in flight', '/s', 'perSecond'), front: 'events with 64 in flight' },
    ];
    return { rows, profiles };
}

async function startRows(hub, sizes) {
    const { first, later } = await measureStart(hub, { ...sizes, progress });
    return [
        { what: 'start of the program to live plugin', unit: 'ms', angod: later },
        { what: '— with an empty state_dir', unit: 'ms', angod: first },
    ];
}

/** Plugins that are connected and have nothing to do. */
async function manyRows(sizes) {
    const rows = [];
    for (const encrypted of [false, true]) {
        const { memory, cpu, seconds } = await measureMany({ ...sizes, encrypted, progress });
        const what = `${sizes.plugins.toLocaleString('en')} plugins${encrypted ? ' over TLS' : ''}, idle: memory`;
        rows.push(
            { what, unit: 'MB', angod: memory, front: encrypted ? what : undefined },
            { what: '— of one core', unit: '%', angod: cpu },
            { what: '— until all are live', unit: 's', angod: seconds },
        );
    }
    return rows;
}

/** Rows of a markdown run, up to where they would be uploaded. */
function rowRows(sizes) {
    const { perSecond, memory, event } = measureRows({ ...sizes, progress });
    return [
        { what: `rows of a CSV before their upload, of ${sizes.rows.toLocaleString('en')}`, unit: '/s', angod: perSecond },
        { what: `— peak memory, with an event of ${Math.round(event)} MB in it`, unit: 'MB', angod: memory },
    ];
}

/** Users who run one plugin at the same time. */
async function userRows(hub, sizes) {
    const modules = folderWith('tests/fixtures/witness_concurrent.so');
    const angod = await startAngod(hub, hub.createPlugin({ type: 'Input', name: 'users' }), 'witness-concurrent', modules, {
        kind: 'input',
    });
    const { last, users, workMs } = await measureUsers(hub, angod, { ...sizes, progress });
    await angod.stop();
    return [{ what: `${users} users at the same time, ${workMs} ms of work each: the last answer`, unit: 'ms', angod: last }];
}

/** Tasks of a workflow, which Hub sends all at once. */
async function rerunRows(hub, sizes) {
    const plugin = (name) => hub.createPlugin({ type: 'Model', name });
    const modules = folderWith('tests/fixtures/labeller.so');
    const angod = await startAngod(hub, plugin('angod'), 'labeller', modules, { kind: 'model', concurrency: 8 });
    const peer = await startPeer(hub, plugin('peer'), 'model');
    const { perSecond, calls } = await measureRerun(hub, { angod, peer }, { ...sizes, progress });
    const merging = await measureCallsOfMerging(hub, angod);
    await angod.stop();
    await peer.stop();
    const waiting = await startAngod(hub, plugin('waiting'), 'labeller', modules, { kind: 'model' });
    const memory = await measureWaitingTasks(hub, waiting, { ...sizes, progress });
    await waiting.stop();
    const count = (tasks) => tasks.toLocaleString('en');
    return [
        { what: `re-run of a stage of ${count(sizes.tasks)} tasks, 1 ms of work each`, unit: '/s', ...perSecond },
        { what: '— calls of Hub for a task', unit: '', ...calls },
        { what: '— calls of Hub for a task whose labels are merged', unit: '', angod: merging },
        { what: `— memory of angod for ${count(sizes.waitingTasks)} tasks that wait`, unit: 'MB', angod: memory },
    ];
}

/** Replacement of a module under load. */
async function reloadRows(hub, sizes) {
    const { p50, p99, runs, lost, doubled, descriptors, memory } = await measureReload(hub, { ...sizes, progress });
    if (lost + doubled > 0)
        throw new Error(`of ${runs} runs under ${sizes.reloads} reloads ${lost} were lost and ${doubled} answered twice`);
    return [
        { what: `reload of a module under load (${sizes.reloads}), median`, unit: 'ms', angod: p50 },
        { what: '— 99th percentile', unit: 'ms', angod: p99 },
        { what: `— lost or doubled, of ${runs.toLocaleString('en')} runs`, unit: '', angod: lost + doubled },
        { what: `— open descriptors after, before ${descriptors[0]}`, unit: '', angod: descriptors[1] },
        { what: `— memory after, before ${memory[0].toFixed(1)} MB`, unit: 'MB', angod: memory[1] },
    ];
}

/** The memory of a host, and the time until it learns of a cancel. */
async function hostRows(hub, sizes) {
    const memory = await measureHostMemory(hub, { progress });
    const { p50, p99 } = await measureCancel(hub, { ...sizes, progress });
    return [
        { what: 'an idle host: private memory', unit: 'MB', angod: memory },
        { what: "cancel of a run to the module's callback, median", unit: 'ms', angod: p50 },
        { what: '— 99th percentile', unit: 'ms', angod: p99 },
    ];
}

async function runComparison({ against, rounds, only, quick }) {
    const size = quick ? 'quick' : 'full';
    const { text, worse } = await compareWith(against, { rounds: Number(rounds ?? ROUNDS), only, size, progress });
    process.stdout.write(`\n${text}`);
    if (worse.length > 0) {
        process.stdout.write(`\nworse: ${worse.join('; ')}\n`);
        process.exitCode = 1;
    }
}

async function main() {
    const values = readArguments();
    if (values.help) {
        process.stdout.write(`${USAGE}\n`);
        return;
    }
    if (values.against !== undefined) {
        await runComparison(values);
        return;
    }
    if (!existsSync(path.join(BUILD, 'bin/angod')))
        throw new Error('build first: cmake --preset release && cmake --build --preset release');
    const sizes = { ...SIZES[values.quick ? 'quick' : 'full'] };
    if (values.big) sizes.alone = [...sizes.alone, 1_000_000];

    mkdirSync(WORK, { recursive: true });
    // The Hub keeps the exports in its folder: making a million assets takes longer than converting them.
    const hub = await startHub({ dir: path.join(WORK, 'hub'), urlTtlSeconds: 86_400, maxSessions: 10_000 });
    try {
        const wanted = (what) => !values.only || values.only === what;
        const echo = wanted('echo') ? await echoRows(hub, sizes, values.profile) : { rows: [], profiles: [] };
        const users = wanted('users') ? await userRows(hub, sizes) : [];
        const start = wanted('start') ? await startRows(hub, sizes) : [];
        const many = wanted('many') ? await manyRows(sizes) : [];
        const reload = wanted('reload') ? await reloadRows(hub, sizes) : [];
        const hosts = wanted('hosts') ? await hostRows(hub, sizes) : [];
        const exports = wanted('export') ? await exportRows(hub, sizes, values.profile) : { rows: [], profiles: [] };
        const rows = wanted('rows') ? rowRows(sizes) : [];
        const rerun = wanted('rerun') ? await rerunRows(hub, sizes) : [];
        const table = [...exports.rows, ...echo.rows, ...users, ...rerun, ...start, ...many, ...reload, ...hosts, ...rows];
        const markdown = asMarkdown(table, exports.comparison?.text, [...exports.profiles, ...echo.profiles]);
        writeFileSync(path.join(WORK, 'result.md'), markdown);
        process.stdout.write(`\n${markdown}`);
        if (exports.comparison?.same === false) throw new Error('angod and the peer did not do the same work');
        if (values['update-results']) writeResults(markdown, frontRows(table));
    } finally {
        await stopChildren();
        await hub.close();
        rmSync(path.join(WORK, 'hub/uploads'), { recursive: true, force: true });
    }
}

for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => {
        if (stopComparison()) return;
        stopChildren().finally(() => process.exit(130));
    });
main().catch((error) => {
    process.stderr.write(`bench: ${error.stack}\n`);
    process.exitCode = 1;
});
