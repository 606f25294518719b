// One measurement of one build, for a comparison. This is a program of its own: each measurement gets a new process with a
// new Hub, so that no build profits from what the Hub did for the other.
//   ANGOD_BUILD=FOLDER figures.mjs NAME quick|full      prints {FIGURE: number, …}
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { startHub } from '../../hub/hub.mjs';
import { measureCancel } from './cancel.mjs';
import { stopChildren } from './children.mjs';
import { startAngod } from './contenders.mjs';
import { measureEcho } from './echo.mjs';
import { measureExport } from './exports.mjs';
import { measureHostMemory } from './host_memory.mjs';
import { measureMany } from './many.mjs';
import { WORK, folderWith } from './places.mjs';
import { measureReload } from './reload.mjs';
import { measureRows } from './rows.mjs';
import { measureStart } from './start.mjs';

const SIZES = {
    quick: {
        assets: 2000,
        rounds: 1,
        roundTrips: 200,
        flightSeconds: 1,
        starts: 3,
        plugins: 50,
        idleSeconds: 1,
        reloads: 10,
        cancels: 10,
        rows: 20_000,
    },
    full: {
        assets: 100_000,
        rounds: 3,
        roundTrips: 2000,
        flightSeconds: 4,
        starts: 5,
        plugins: 1000,
        idleSeconds: 2,
        reloads: 50,
        cancels: 50,
        rows: 300_000,
    },
};

/** The measurements by name: each takes the Hub and the sizes, and returns its figures. */
const MEASUREMENTS = {
    async export(hub, { assets, rounds, progress }) {
        const project = hub.createProject({ name: `${assets} assets`, assets, seed: assets });
        await hub.prepareExport(project.id);
        const plugin = hub.createPlugin({ type: 'Export', name: 'angod' });
        const angod = await startAngod(hub, plugin, 'export-coco', 'modules');
        const { seconds, cpu, memory } = await measureExport(hub, angod, project, { rounds, progress });
        await angod.stop();
        return { seconds, cpu, memory };
    },

    async echo(hub, sizes) {
        const plugin = hub.createPlugin({ type: 'Input', name: 'angod' });
        const angod = await startAngod(hub, plugin, 'echo', folderWith('examples/echo.so'), { concurrency: 64 });
        const { angod: figures } = await measureEcho(hub, { angod }, sizes);
        await angod.stop();
        return figures;
    },

    start: (hub, sizes) => measureStart(hub, sizes),

    async many(hub, sizes) {
        const plain = await measureMany({ ...sizes, encrypted: false });
        const overTls = await measureMany({ ...sizes, encrypted: true });
        return { memory: plain.memory, tlsMemory: overTls.memory };
    },

    rows: (hub, sizes) => measureRows(sizes),

    async reload(hub, sizes) {
        const { p50, runs, lost, doubled } = await measureReload(hub, sizes);
        if (lost + doubled > 0) throw new Error(`of ${runs} runs ${lost} were lost and ${doubled} answered twice`);
        return { p50 };
    },

    async hosts(hub, sizes) {
        const memory = await measureHostMemory(hub, sizes);
        const { p50 } = await measureCancel(hub, sizes);
        return { memory, cancel: p50 };
    },
};

async function main() {
    const [, , name, size] = process.argv;
    const progress = (text) => process.stderr.write(`bench:   ${text}\n`);
    mkdirSync(WORK, { recursive: true });
    const hub = await startHub({ dir: path.join(WORK, 'hub'), urlTtlSeconds: 86_400, maxSessions: 10_000 });
    try {
        process.stdout.write(`${JSON.stringify(await MEASUREMENTS[name](hub, { ...SIZES[size], progress }))}\n`);
    } finally {
        await stopChildren();
        await hub.close();
        rmSync(path.join(WORK, 'hub/uploads'), { recursive: true, force: true });
    }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stopChildren().finally(() => process.exit(130)));
main().catch((error) => {
    process.stderr.write(`bench: ${error.stack}\n`);
    process.exitCode = 1;
});
