// Everything that takes part in a run of chaos: the local Hub behind relays, angod on a small disk with a clock that can be
// set, its plugins, one for each load, and records of the faults.
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
/** A link that is silent for so long counts as dead. The time is short, so that many links end in this way. */
const PINGS = { pingInterval: 1500, pingTimeout: 3000 };
const START_MS = 60000;
/** After this time a module that was put back serves, even if angod must start first. */
const NOTICED_MS = 10_000;
/** Part of an error at the end, because it may contain the whole log of angod. */
const SHOWN = 4000;

export class World {
    /** The sessions of runs that an operator cancelled. */
    cancelled = new Set();
    /** The actions and statuses of the HTTP faults so far. */
    spoiled = new Set();
    /** [from, to] of the times in which the disk was full, in ms of Date.now(). */
    fullDisk = [];
    /** {name, from, to} of the plugins that an operator disabled, by Date.now(). */
    disabled = [];
    /** Errors that were found. */
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
        // This plugin has no runs. It appears and disappears with the configuration.
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
                // Hosts are killed all the time, so the pauses after a crash are short.
                crash: { count: 3, within_s: 2 },
            },
        });
        world.modules = new ModuleFiles(world.angod.moduleDir, modules);
        for (const load of loads) load.prepare?.(world);
        try {
            await world.up();
            await world.live();
        } catch (failed) {
            await world.close().catch(() => {}); // an open Hub would keep the test program alive
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
    /** The time when a connection of a plugin ended, in ms of Date.now(); null if it is open. */
    connectionEnd(socketId) {
        const connection = this.hub.connections.findLast((one) => one.socketId === socketId);
        return connection ? connection.disconnectedAt : 0; // forgotten long ago
    }

    // ---- angod

    /** Starts angod, and repeats this as long as a full disk prevents the start. */
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
    /** Kills angod during its start or shortly afterwards; returns false if it does not run. */
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

    /** @param {(() => void)} fill fills the disk; the returned function frees it */
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

    /**
     * Whether a load's module was missing or its plugin disabled at any time between the two, or angod may not yet have noticed
     * that this is over.
     */
    wasAway(load, from, to = Date.now()) {
        const files = (load.modules?.(this) ?? []).map((source) => ModuleFiles.nameOf(source));
        const spans = [
            ...files.flatMap((file) => this.modules.missing(file)),
            ...this.disabled.filter(({ name }) => name === load.name).map((one) => [one.from, one.to]),
        ];
        return spans.some(([start, end]) => start <= to && end + NOTICED_MS >= from);
    }

    // ---- the end

    /** Ends all lasting faults: from now on everything works. */
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
        // Jobs that wait for their next attempt are retried now; some would wait a minute for room on the disk.
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
