// angod's memory, descriptors and processes do not grow, however often modules are reloaded, links cut and hosts killed.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { fixture, until } from './lib/angod.mjs';
import { compile } from './lib/broken.mjs';
import { hostKilled, linkLost } from './lib/lines.mjs';
import { childrenOf, descriptorsOf, isSanitized, residentBytesOf, threadsOf } from './lib/processes.mjs';
import { System } from './lib/system.mjs';

const GROWTH_BYTES = 4 << 20;
const PATIENCE_MS = 60000;
/** The modules that are reloaded. Reloading all of them at once takes a third of the time. */
const SWAPPED = ['swap-a', 'swap-b', 'swap-c'],
    VERSIONS = ['1', '2', '3'];
const RELOADS = 100;
/** The plugins whose links are cut. Each is cut a few times only, because the waits before reconnecting grow. */
const LINKED = Array.from({ length: 125 }, (_, place) => `linked-${place}`),
    DROPS = 4;
/** The number of plugins whose hosts are killed. */
const KILLED = 50,
    KILLS = 3;
/** After so many runs the page cache of the database is full. */
const WARM_UP_RUNS = 12000,
    WARM_UP_RELOADS = 20;

let system, hub, angod, isMeasured, times, warm;
let runs = 0,
    turn = 0; // of the loads, and of the versions

const versionOf = (module, version) => path.join(system.dir, `${module}-${version}.so`);
function put(module, version) {
    const part = path.join(angod.moduleDir, `${module}.part`);
    fs.copyFileSync(versionOf(module, version), part);
    fs.chmodSync(part, 0o755);
    fs.renameSync(part, path.join(angod.moduleDir, `${module}.so`));
}

before(async () => {
    const plugins = Object.fromEntries([...SWAPPED.map((name) => [name, { module: name }]), ...LINKED.map((name) => [name, {}])]);
    // No module is given up, and no host ends because it is idle.
    for (const plugin of Object.values(plugins)) Object.assign(plugin, { max_attempts: 100, idle_s: 3600 });
    system = await System.start(
        {
            modules: [fixture('witness')],
            plugins,
            config: { crash: { count: 1000 }, log: { level: 'info', format: 'json' } },
            allow: [/no module "swap-\w" in the module folders is ready/],
        },
        false,
    );
    ({ hub, angod } = system);
    for (const module of SWAPPED) {
        for (const version of VERSIONS)
            await compile(versionOf(module, version), [`-DID="${module}"`, `-DVERSION="${version}"`], 'versioned_module.c');
        put(module, VERSIONS[0]);
    }
    await system.connected();
    // A sanitizer keeps freed memory, and makes everything many times slower.
    isMeasured = !isSanitized(angod.pid);
    times = (count) => (isMeasured ? count : Math.ceil(count / 5));
});
after(() => system.close());

const level = () => ({ ...descriptorsOf(angod.pid), threads: threadsOf(angod.pid), children: childrenOf(angod.pid).length });

/** Asserts that everything returns to the state after the warm-up. */
async function assertLevel() {
    await until(() => isDeepStrictEqual(level(), warm.level), 'angod to be at its level', 20000).catch(() => {});
    assert.deepEqual(level(), warm.level);
    const grown = residentBytesOf(angod.pid) - warm.bytes;
    if (isMeasured) assert.ok(grown < GROWTH_BYTES, `angod has grown by ${grown} bytes`);
}

/** Runs a plugin again and again, with pauses, until it is stopped. */
class Load {
    version = null; // the last one that answered
    #plugin;
    #pauseMs;
    #isStopped = false;
    #work;

    constructor(plugin, pauseMs) {
        this.#plugin = plugin;
        this.#pauseMs = pauseMs;
        this.#work = this.#run();
    }

    async #run() {
        while (!this.#isStopped) {
            const { answers } = await hub.waitForSession(system.run(this.#plugin), PATIENCE_MS);
            assert.equal(answers.length, 1);
            this.version = answers[0].message.response;
            ++runs;
            hub.watch.changed();
            if (this.#pauseMs > 0) await new Promise((resume) => setTimeout(resume, this.#pauseMs)); // the pace of its users
        }
    }

    stop() {
        this.#isStopped = true;
        return this.#work;
    }
}

/** Runs `use` while the plugins of these modules work. */
async function underLoad(pauseMs, use) {
    const loads = SWAPPED.map((plugin) => new Load(plugin, pauseMs));
    try {
        await use(loads);
    } finally {
        await Promise.all(loads.map((load) => load.stop()));
    }
}

/** Installs a new version of each module so many times, and waits for its answer each time. */
async function reload(count, loads) {
    for (let i = 0; i < count; ++i) {
        const next = VERSIONS[++turn % VERSIONS.length];
        for (const module of SWAPPED) put(module, next);
        await hub.waitFor(() => loads.every(({ version }) => version === next), PATIENCE_MS, `version ${next} to answer`);
    }
}

/** Kills the host of each of those plugins while it works. */
async function kill() {
    const gate = system.gate();
    const sessions = LINKED.slice(0, times(KILLED)).map((name) => system.run(name, { gate }));
    for (const session of sessions) process.kill((await system.running(session)).at(-1).pid, 'SIGKILL');
    system.open(gate);
    for (const session of sessions) {
        const { answers } = await hub.waitForSession(session, PATIENCE_MS);
        assert.deepEqual(
            answers.map(({ message }) => message.response),
            ['attempt 2'],
        );
    }
}

test('a warm-up shows the levels', async () => {
    angod.expect(hostKilled);
    await underLoad(0, async (loads) => {
        await reload(times(WARM_UP_RELOADS), loads);
        if (isMeasured) await hub.waitFor(() => runs >= WARM_UP_RUNS, PATIENCE_MS, 'many runs');
    });
    await kill();
    await until(async () => {
        const hosts = (await angod.hosts()).length,
            { children, pidfd, admin } = level();
        return isDeepStrictEqual([children, pidfd, admin], [hosts, hosts, 0]);
    }, 'the hosts of before to be gone');
    warm = { level: level(), bytes: residentBytesOf(angod.pid) };
});

test('reloads under load leave nothing behind', async () => {
    await underLoad(5, (loads) => reload(times(RELOADS), loads));
    await assertLevel();
});

test('reconnects leave nothing behind', async () => {
    angod.expect(linkLost);
    await Promise.all(
        LINKED.map(async (name) => {
            const { connectionsTotal } = hub.plugin(system.id(name));
            const is = (count) => hub.plugin(system.id(name)).connectionsTotal === count && hub.plugin(system.id(name)).live === 1;
            for (let drop = 1; drop <= DROPS; ++drop) {
                hub.link(system.id(name)).drop();
                await hub.waitFor(() => is(connectionsTotal + drop), PATIENCE_MS, `connection ${drop} of ${name}`);
            }
        }),
    );
    await assertLevel();
});

test('hosts that die while they work leave nothing behind', async () => {
    angod.expect(hostKilled);
    for (let round = 0; round < KILLS; ++round) await kill();
    await assertLevel();
});
