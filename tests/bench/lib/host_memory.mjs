// The memory of an idle host.
import { readFileSync } from 'node:fs';
import { startAngod } from './contenders.mjs';
import { folderWith } from './places.mjs';

/** Memory that no other process shares, in MB. */
function privateOf(pid) {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return ([...text.matchAll(/^Private_\w+:\s+(\d+) kB/gm)].reduce((sum, [, kb]) => sum + Number(kb), 0) * 1024) / 1e6;
}

/**
 * @param {import('../../hub/hub.mjs').Hub} hub
 * @param {{progress: Function}} options
 * @returns {Promise<number>} MB of the host of the module "echo" after a run
 */
export async function measureHostMemory(hub, { progress }) {
    const angod = await startAngod(hub, hub.createPlugin({ type: 'Input', name: 'idle' }), 'echo', folderWith('examples/echo.so'));
    try {
        await hub.waitForSession(hub.run(angod.plugin.id), 30_000);
        const [host] = readFileSync(`/proc/${angod.pid}/task/${angod.pid}/children`, 'utf8').split(' ').filter(Boolean);
        const memory = privateOf(host);
        progress(`an idle host: ${memory.toFixed(1)} MB of private memory`);
        return memory;
    } finally {
        await angod.stop();
    }
}
