// A local Hub, an angod, and the module "witness", which keeps a diary of its runs. Tests that interrupt runs use this.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startHub } from '../../hub/hub.mjs';
import { Angod, fixture, processExists, until } from './angod.mjs';

export class System {
    #gates = 0;

    /**
     * @param {{hub?: object, plugins: Object<string, object>, modules?: string[], config?: object}} options hub: of
     *   startHub; plugins: by name, entries of the configuration without name and id; their `type` for Hub (Input) gives the kind
     *   too; env: of angod; allow and others: see Angod
     * @param {boolean} [connected] wait until every plugin is live
     */
    static async start(
        { hub = {}, plugins, modules = [fixture('witness'), fixture('witness_concurrent')], env = {}, ...angod },
        connected = true,
    ) {
        const system = new System();
        system.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-system-'));
        system.hub = await startHub(hub);
        try {
            system.plugins = {};
            const entries = Object.entries(plugins).map(([name, { type = 'Input', ...entry }]) => {
                system.plugins[name] = system.hub.createPlugin({ name, type });
                return { plugin: system.plugins[name], name, module: 'witness', kind: type.toLowerCase().replaceAll(' ', '-'), ...entry };
            });
            system.angod = new Angod(system.hub, { modules, plugins: entries, ...angod });
            await system.angod.start(env);
            if (connected) await system.connected();
        } catch (failed) {
            await system.close().catch(() => {}); // an open Hub would keep the test program alive
            throw failed;
        }
        return system;
    }

    /** Starts a system, uses it once, and closes it. Options and connected: as for start. */
    static async use(options, use, connected = true) {
        const system = await System.start(options, connected);
        try {
            await use(system);
        } catch (failed) {
            await system.close().catch(() => {}); // the first error says more
            throw failed;
        }
        await system.close();
    }

    id(name) {
        return this.plugins[name].id;
    }

    /** Waits until every plugin has a connection that Hub knows. */
    async connected(timeoutMs = 40000) {
        for (const { id, name } of Object.values(this.plugins))
            await this.hub.waitFor(() => this.hub.plugin(id).live > 0, timeoutMs, `${name} to connect`);
    }

    get diaryFile() {
        return path.join(this.dir, 'diary');
    }

    /** Runs a plugin; `steps` for the module become members of the event. Returns the session. */
    run(name, steps = {}, request = {}) {
        return this.hub.run(this.id(name), { ...request, extra: { diary: this.diaryFile, ...steps, ...request.extra } });
    }

    /** A file that a run waits for. */
    gate() {
        return path.join(this.dir, `gate-${++this.#gates}`);
    }
    open(gate) {
        fs.writeFileSync(gate, '');
    }

    /** The lines of the module's diary, oldest first: of one session, or of all. */
    diary(session) {
        if (!fs.existsSync(this.diaryFile)) return [];
        const lines = fs
            .readFileSync(this.diaryFile, 'utf8')
            .split('\n')
            .filter(Boolean)
            .map((line) => {
                const [what, of, pid, attempt] = line.split(' ');
                return { what, session: of, pid: Number(pid), attempt: Number(attempt) };
            });
        return session === undefined ? lines : lines.filter((line) => line.session === session);
    }
    runs(session) {
        return this.diary(session).filter((line) => line.what === 'start');
    }
    /** The process ids of children that runs of a session have started. */
    children(session) {
        return this.diary(session)
            .filter((line) => line.what.startsWith('child='))
            .map((line) => Number(line.what.slice(6)));
    }
    running(session, count = 1) {
        return until(() => this.runs(session).length >= count && this.runs(session), `run ${count} of a session to start`);
    }

    /** Resolves with the session when it has ended in Hub and angod has recorded the delivery of all answers. */
    async settled(session, timeoutMs = 40000) {
        const record = await this.hub.waitForSession(session, timeoutMs);
        await until(async () => (await this.angod.get('/v1/status')).jobs.answering === 0, 'answers to be confirmed', timeoutMs);
        return record;
    }
    /** The job of a session, from the admin API. */
    async job(session) {
        return (await this.angod.jobs()).find((job) => job.session === session || job.session === JSON.stringify(session));
    }

    /** The last call of a test file: ends everything, and fails if something is left. */
    async close() {
        const pids = [...new Set(this.diary().map((line) => line.pid))];
        try {
            await this.angod?.close();
        } finally {
            for (const child of this.children()) if (processExists(child)) process.kill(child, 'SIGKILL');
            await this.hub.close();
            fs.rmSync(this.dir, { recursive: true, force: true });
        }
        assert.deepEqual(pids.filter(processExists), []);
    }
}
