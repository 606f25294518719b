// All that a run of chaos consists of: the local Hub behind relays, angod on a small disk with a clock that can be set,
// its plugins, one for each load, and what was done to them.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startHub } from '../../hub/hub.mjs';
import { until } from '../../integration/lib/angod.mjs';
import { FakeClock, withoutFakeClock } from '../../integration/lib/fake_clock.mjs';
import { Relay } from '../../integration/lib/relay.mjs';
import { SmallDisk, withoutSmallDisks } from '../../integration/lib/small_disk.mjs';
import { Daemon } from './daemon.mjs';
import { ModuleFiles } from './module_files.mjs';
import { Versions } from './versions.mjs';

const DISK_MB = 160;
/** A link that says nothing for so long is dead: short, so that there are many such ends. */
const PINGS = { pingInterval: 1500, pingTimeout: 3000 };
const START_MS = 60000;
/** A module that is there again serves after that, also when angod must start first. */
const NOTICED_MS = 10_000;
/** Of what is wrong at the end: all of angod's log stands behind it. */
const SHOWN = 4000;

export class World {
    /** Sessions whose run an operator cancelled. */
    cancelled = new Set();
    /** Actions and statuses of HTTP faults that there were. */
    spoiled = new Set();
    /** [from, to] of the times in which the disk was full, in ms of Date.now(). */
    fullDisk = [];
    /** {name, from, to} of the plugins that an operator disabled, by Date.now(). */
    disabled = [];
    /** What must not be, found on the way. */
    problems = [];

    /** @param {object[]} loads @param {RegExp[]} lines of angod's log at warning or error that may come */
    static async start(loads, lines) {
        const world = new World();
        world.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-chaos-'));
        world.hub = await startHub({ socketOptions: PINGS, redAfterSeconds: 600 });
        world.versions = await new Versions(world.dir).build();
        const target = { port: Number(new URL(world.hub.url).port) };
        world.links = await Relay.start(target);
        world.api = await Relay.start(target);
        world.disk = withoutSmallDisks ? null : SmallDisk.mount(DISK_MB);
        world.clock = withoutFakeClock ? null : new FakeClock(world.dir);
        world.plugins = {};
        const entries = loads.map(({ name, type, entry }) => {
            const plugin = (world.plugins[name] = world.hub.createPlugin({ name, type }));
            return { name, plugin, max_attempts: 30, timeout_s: 120, ...entry };
        });
        // One that nobody runs: it comes and goes with the configuration.
        const { id, secret } = world.hub.createPlugin({ name: 'guest', type: 'Input' });
        world.guest = { name: 'guest', id, secret, module: 'echo' };
        const modules = loads.flatMap((load) => load.modules?.(world) ?? []);
        world.angod = new Daemon(world.hub, {
            plugins: entries,
            stateDir: world.disk ? path.join(world.disk.dir, 'state') : undefined,
            allow: lines,
            config: {
                hub: { url: world.links.url, api_url: world.api.url },
                drain_s: 3,
                // Hosts are killed all the time: they are not to wait for long after that.
                crash: { count: 3, within_s: 2 },
            },
        });
        world.modules = new ModuleFiles(world.angod.moduleDir, modules);
        for (const load of loads) load.prepare?.(world);
        try {
            await world.up();
            await world.live();
        } catch (failed) {
            await world.close().catch(() => {}); // or the open Hub keeps the test program alive
            throw new Error(`${failed.message}\n${world.angod.logText}`);
        }
        return world;
    }

    id(name) {
        return this.plugins[name].id;
    }
    file(name) {
        return path.join(this.dir, name);
    }
    /** When a connection of a plugin ended, in ms of Date.now(); null if it is there. */
    connectionEnd(socketId) {
        const connection = this.hub.connections.findLast((one) => one.socketId === socketId);
        return connection ? connection.disconnectedAt : 0; // forgotten long ago
    }

    // ---- angod

    /** Starts angod, again and again as long as a full disk is what keeps it from starting. */
    async up() {
        this.#killedAtStart = false;
        for (;;) {
            const began = Date.now();
            try {
                await this.angod.start(this.clock?.env ?? {}, START_MS);
                this.#watch();
                return;
            } catch (failed) {
                FakeClock.forget(this.angod.pid);
                if (this.#killedAtStart) {
                    this.#killedAtStart = false;
                } else if (!this.wasFull(began)) {
                    throw failed;
                }
            }
        }
    }

    #killedAtStart = false;
    /** A kill while it starts, or has just done so; false if it does not run. */
    async killStarting() {
        if (!this.angod.isRunning) return false;
        this.#killedAtStart = true;
        await this.angod.kill('SIGKILL');
        return true;
    }

    #watch() {
        const { child } = this.angod;
        this.angod.exited.then((end) => {
            FakeClock.forget(child.pid);
            if (!this.angod.isAsked && this.angod.child === child) this.problems.push(`angod ended by itself: ${JSON.stringify(end)}`);
        });
    }

    async live(timeoutMs = 60000) {
        for (const { id, name } of Object.values(this.plugins))
            await this.hub.waitFor(() => this.hub.plugin(id).live > 0, timeoutMs, `${name} to be live`);
    }

    // ---- its disk

    /** @param {(() => void)} fill fills it; the function that is returned frees it */
    fillDisk(fill) {
        const span = [Date.now(), Infinity];
        this.fullDisk.push(span);
        fill();
        return () => {
            this.disk.free();
            span[1] = Date.now();
        };
    }

    /** Whether the disk was full at any time between the two. */
    wasFull(from, to = Date.now()) {
        return this.fullDisk.some(([start, end]) => start <= to && end + 1000 >= from);
    }

    // ---- its modules

    /** Whether a load's module was taken away or its plugin disabled at any time between the two, or angod may not have noticed the end of that yet. */
    wasAway(load, from, to = Date.now()) {
        const files = (load.modules?.(this) ?? []).map((source) => ModuleFiles.nameOf(source));
        const spans = [
            ...files.flatMap((file) => this.modules.missing(file)),
            ...this.disabled.filter(({ name }) => name === load.name).map((one) => [one.from, one.to]),
        ];
        return spans.some(([start, end]) => start <= to && end + NOTICED_MS >= from);
    }

    // ---- the end

    /** All that lasts is lifted: from now on everything works. */
    async calm() {
        this.disk?.free();
        this.clock?.set(0);
        this.links.thaw();
        this.links.comeBack();
        this.links.forget();
        this.api.thaw();
        this.hub.clearFaults();
        this.hub.link('all').lift();
        this.modules.restore();
        if (!this.angod.isRunning) await this.up();
        await this.live();
        // What waits for its repetition need not wait any longer; some wait a minute, for room on the disk.
        for (const { id } of await this.angod.jobs('?state=queued&limit=10000'))
            await this.angod.post(`/v1/jobs/${id}/retry`).catch(() => {});
    }

    /** Waits until angod has no job that is open. */
    settled(timeoutMs) {
        return until(
            async () => Object.values((await this.angod.get('/v1/status')).jobs).every((count) => count === 0),
            'all jobs to end',
            timeoutMs,
        );
    }

    async close() {
        try {
            await this.angod.close().catch((failed) => {
                throw new Error(failed.message.slice(0, SHOWN));
            });
        } finally {
            await this.links.close();
            await this.api.close();
            await this.hub.close();
            this.disk?.remove();
            fs.rmSync(this.dir, { recursive: true, force: true });
        }
    }
}
