// A comparison of the working tree with a commit: both are built, then measured by turns on the same machine, with the
// harness of the working tree. The commit is built in a worktree below build/, which is removed at the end.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareAll, orderOf } from './compare.mjs';
import { ROOT, WORK } from './places.mjs';

const TARGETS = ['angod', 'angod-host', 'export_coco', 'markdown', 'echo', 'bench_markdown'];

/** The figures of each measurement of lib/figures.mjs, in the order of the table. */
const FIGURES = {
    export: [
        { figure: 'seconds', what: 'export, wall time', unit: 's' },
        { figure: 'cpu', what: 'export, processor time', unit: 's' },
        { figure: 'memory', what: 'export, peak memory', unit: 'MB' },
    ],
    echo: [
        { figure: 'p50', what: 'round trip of an event, median', unit: 'ms' },
        { figure: 'p99', what: 'round trip of an event, 99th percentile', unit: 'ms' },
        { figure: 'perSecond', what: 'events with 64 in flight', unit: '/s', moreIsBetter: true },
    ],
    start: [{ figure: 'later', what: 'start of the program to live plugin', unit: 'ms' }],
    many: [
        { figure: 'memory', what: 'many idle plugins, memory', unit: 'MB' },
        { figure: 'tlsMemory', what: 'many idle plugins over TLS, memory', unit: 'MB' },
    ],
    reload: [{ figure: 'p50', what: 'reload under load, median', unit: 'ms' }],
    hosts: [
        { figure: 'memory', what: 'an idle host, private memory', unit: 'MB' },
        { figure: 'cancel', what: "cancel to the module's callback, median", unit: 'ms' },
    ],
    rows: [
        { figure: 'perSecond', what: 'rows of a CSV before their upload', unit: '/s', moreIsBetter: true },
        { figure: 'memory', what: 'rows of a CSV, peak memory', unit: 'MB' },
    ],
};

let isRunning = false;
let isStopped = false;
let child; // the command that runs now

/** Ends the command that runs now. The comparison then fails and removes its worktree. Returns false if there is none. */
export function stopComparison() {
    isStopped = true;
    child?.kill('SIGTERM');
    return isRunning;
}

/** Runs a command, its output in a file or read by us; rejects with the end of its output if it fails. */
function run(command, args, { cwd = ROOT, env = {}, log, captures = false }) {
    if (isStopped) throw new Error('stopped');
    return new Promise((resolve, reject) => {
        const file = log && openSync(log, 'w');
        child = spawn(command, args, {
            cwd,
            env: { ...process.env, ...env },
            stdio: ['ignore', captures ? 'pipe' : file, file ?? 'inherit'],
        });
        if (file) closeSync(file);
        let text = '';
        child.stdout?.setEncoding('utf8').on('data', (part) => (text += part));
        child.once('error', reject);
        child.once('close', (status) => {
            child = undefined;
            if (status === 0) resolve(text);
            else reject(new Error(`${command} ended with status ${status}${log ? `:\n${readFileSync(log, 'utf8').slice(-4000)}` : ''}`));
        });
    });
}

const git = (...words) => execFileSync('git', words, { cwd: ROOT, encoding: 'utf8' }).trim();

/** Builds a source tree as packaging/check does: with these settings ccache uses objects of another folder. */
async function build(source, log) {
    const env = {
        CCACHE_BASEDIR: source,
        CCACHE_NOHASHDIR: '1',
        CCACHE_SLOPPINESS: 'pch_defines,time_macros,include_file_mtime,include_file_ctime',
    };
    await run('cmake', ['--preset', 'release'], { cwd: source, env, log });
    await run('cmake', ['--build', '--preset', 'release', '--target', ...TARGETS], { cwd: source, env, log });
    return path.join(source, 'build/release');
}

function removeWorktree(folder) {
    if (!existsSync(folder)) return;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 }); // a compiler that was stopped may still write
    git('worktree', 'prune');
}

async function measure(name, build, size) {
    const program = fileURLToPath(new URL('figures.mjs', import.meta.url));
    return JSON.parse(await run(process.execPath, [program, name, size], { env: { ANGOD_BUILD: build }, captures: true }));
}

/**
 * @param {string} commit anything that git takes for a commit
 * @param {{rounds: number, only?: string, size: 'quick'|'full', progress: (text: string) => void}} options only: the name of
 *   one measurement
 * @returns {Promise<{text: string, worse: string[]}>} the table, and the figures that are worse than in the commit
 */
export async function compareWith(commit, { rounds, only, size, progress }) {
    const hash = git('rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{commit}`);
    mkdirSync(WORK, { recursive: true });
    const folder = path.join(WORK, `against-${hash.slice(0, 12)}`);
    const names = Object.keys(FIGURES).filter((name) => !only || only === name);
    const figures = names.flatMap((name) => FIGURES[name].map((figure) => ({ ...figure, name, base: [], new: [] })));
    isRunning = true;
    try {
        removeWorktree(folder); // of a comparison that was killed
        progress(`building ${hash.slice(0, 12)} and the working tree`);
        git('worktree', 'add', '--quiet', '--detach', folder, hash);
        const builds = {
            base: await build(folder, path.join(WORK, 'build-base.log')),
            new: await build(ROOT, path.join(WORK, 'build-new.log')),
        };
        for (let round = 0; round < rounds; round += 1) {
            for (const name of names) {
                for (const which of orderOf(round)) {
                    progress(`round ${round + 1} of ${rounds}, ${name}, ${which}`);
                    const values = await measure(name, builds[which], size);
                    for (const figure of figures.filter((one) => one.name === name)) {
                        if (!Number.isFinite(values[figure.figure])) throw new Error(`${name} measured no ${figure.figure}`);
                        figure[which].push(values[figure.figure]);
                    }
                }
            }
        }
    } finally {
        removeWorktree(folder);
        isRunning = false;
    }
    const { text, worse } = compareAll(figures);
    return { text: `Base: ${hash.slice(0, 12)}. New: the working tree. ${rounds} rounds.\n\n${text}`, worse };
}
