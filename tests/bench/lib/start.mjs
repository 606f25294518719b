// The time from the start of the program to the light in Hub.
import { startAngodWith } from './contenders.mjs';
import { median } from './numbers.mjs';
import { folderWith } from './places.mjs';

/**
 * @param {import('../../hub/hub.mjs').Hub} hub
 * @param {{starts: number, progress: Function}} options
 * @returns {Promise<{first: number, later: number}>} ms; first: with an empty state_dir, so that angod checks the module before
 *   the plugin connects; later: median of the following starts
 */
export async function measureStart(hub, { starts, progress }) {
    const plugin = hub.createPlugin({ type: 'Input', name: 'start' });
    const times = [];
    let angod;
    for (let i = 0; i <= starts; i += 1) {
        const begin = performance.now();
        const heartbeats = hub.plugin(plugin.id).heartbeats;
        angod = startAngodWith(hub, [{ name: 'bench', id: plugin.id, secret: plugin.secret, module: 'echo' }], {
            modules: folderWith('examples/echo.so'),
            log: 'angod-start',
            folder: angod?.folder,
        });
        await hub.waitFor(() => hub.plugin(plugin.id).heartbeats > heartbeats, 30_000, 'the first heartbeat');
        times.push(performance.now() - begin);
        await angod.stop({ keepFolder: i < starts });
    }
    const [first, ...later] = times;
    progress(`start to live: first ${first.toFixed(0)} ms, later ${later.map((ms) => ms.toFixed(0)).join(' ')} ms`);
    return { first, later: median(later) };
}
