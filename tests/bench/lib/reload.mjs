// A module is replaced again and again while its plugins are busy: the time until the new version answers, and the number of
// runs that were lost or answered twice.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startAngodWith } from './contenders.mjs';
import { median, percentile } from './numbers.mjs';
import { ROOT } from './places.mjs';

const VERSIONS = 8; // files with different contents, which take turns; angod treats each as a new version when it comes back
const PLUGINS = 2;
const IN_FLIGHT = 2; // of each plugin
const LONGEST_MS = 30_000;
// The database's page cache grows during the first ten thousand runs. Memory that grows after these warm-ups is a leak.
const MOST_WARM_UPS = 100;
const MB = 1e6;

const pause = (ms) =>
    new Promise((resume) => {
        setTimeout(resume, ms);
    });
const descriptorsOf = (pid) => readdirSync(`/proc/${pid}/fd`).length;
const residentOf = (pid) => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;

/** Builds modules "swap" that answer with their version. */
function compileVersions(folder) {
    return Array.from({ length: VERSIONS }, (_, i) => {
        const file = path.join(folder, `${i}.so`);
        execFileSync('cc', [
            '-std=c11',
            '-O2',
            '-shared',
            '-fPIC',
            '-I',
            path.join(ROOT, 'module_api/include'),
            '-DID="swap"',
            `-DVERSION="${i}"`,
            path.join(ROOT, 'tests/integration/lib/versioned_module.c'),
            '-o',
            file,
        ]);
        return file;
    });
}

/** Keeps some runs of a plugin under way until it is stopped, and records when each version answered first. */
class Load {
    #stopped = false;
    #workers;
    sessions = [];
    firstAnswer = new Map(); // by version: the time of its first answer since the entry was deleted

    constructor(hub, plugin) {
        this.#workers = Array.from({ length: IN_FLIGHT }, () => this.#work(hub, plugin));
    }

    async #work(hub, plugin) {
        while (!this.#stopped) {
            const session = hub.run(plugin.id);
            const record = await hub.waitForSession(session, LONGEST_MS);
            this.sessions.push(record);
            const version = record.answers[0]?.message.response;
            if (!this.firstAnswer.has(version)) this.firstAnswer.set(version, performance.now());
            await pause(1);
        }
    }

    stop() {
        this.#stopped = true;
        return Promise.all(this.#workers);
    }
}

/**
 * @param {import('../../hub/hub.mjs').Hub} hub
 * @param {{reloads: number, progress: Function}} options
 * @returns {Promise<{p50: number, p99: number, runs: number, lost: number, doubled: number, descriptors: number[], memory: number[]}>}
 *   ms from the rename of the file to the first answer of the new version, of the slower plugin; before and after: MB
 */
export async function measureReload(hub, { reloads, progress }) {
    const warmUps = Math.min(reloads, MOST_WARM_UPS);
    const folder = mkdtempSync(path.join(tmpdir(), 'bench-reload-'));
    const modules = path.join(folder, 'modules');
    let angod;
    const loads = [];
    try {
        mkdirSync(modules);
        const versions = compileVersions(folder);
        const put = (file) => {
            const part = path.join(modules, 'swap.so.part');
            copyFileSync(file, part);
            chmodSync(part, 0o755);
            renameSync(part, path.join(modules, 'swap.so'));
            return performance.now();
        };
        put(versions[0]);
        const plugins = Array.from({ length: PLUGINS }, (_, i) => hub.createPlugin({ type: 'Input', name: `swap-${i}` }));
        angod = startAngodWith(
            hub,
            plugins.map(({ id, secret, name }) => ({ name, id, secret, module: 'swap', concurrency: IN_FLIGHT })),
            { modules, log: 'angod-reload' },
        );
        await hub.waitFor(() => plugins.every(({ id }) => hub.plugin(id).light === 'green'), LONGEST_MS, 'both plugins to be live');
        loads.push(...plugins.map((plugin) => new Load(hub, plugin)));

        const times = [];
        let before;
        for (let i = 1; i <= reloads + warmUps; i += 1) {
            const next = i % VERSIONS;
            for (const load of loads) load.firstAnswer.delete(String(next));
            const begin = put(versions[next]);
            await hub.waitFor(
                () => loads.every(({ firstAnswer }) => firstAnswer.has(String(next))),
                LONGEST_MS,
                `version ${next} to answer`,
            );
            if (i > warmUps) times.push(Math.max(...loads.map(({ firstAnswer }) => firstAnswer.get(String(next)))) - begin);
            if (i === warmUps) before = { descriptors: descriptorsOf(angod.pid), memory: residentOf(angod.pid) / MB };
        }
        await Promise.all(loads.map((load) => load.stop()));
        await pause(1000); // a second answer would have come by then
        const after = { descriptors: descriptorsOf(angod.pid), memory: residentOf(angod.pid) / MB };
        const sessions = loads.flatMap((load) => load.sessions);
        const lost = sessions.filter(({ answers }) => answers.length === 0 || answers[0].message.error).length;
        const doubled = sessions.filter(({ answers }) => answers.length > 1).length;
        const result = {
            p50: median(times),
            p99: percentile(times, 0.99),
            runs: sessions.length,
            lost,
            doubled,
            descriptors: [before.descriptors, after.descriptors],
            memory: [before.memory, after.memory],
        };
        progress(
            `${reloads} reloads: median ${result.p50.toFixed(0)} ms, p99 ${result.p99.toFixed(0)} ms; of ${result.runs} runs ${lost} lost, ${doubled} doubled; ` +
                `descriptors ${result.descriptors.join(' → ')}, memory ${result.memory.map((mb) => mb.toFixed(1)).join(' → ')} MB`,
        );
        return result;
    } finally {
        await Promise.allSettled(loads.map((load) => load.stop()));
        await angod?.stop();
        rmSync(folder, { recursive: true, force: true });
    }
}
