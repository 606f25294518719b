// The three programs that are compared. Each is a plugin of the Hub and is live when the function that starts it returns.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Child } from './children.mjs';
import { BENCH, BUILD, WORK } from './places.mjs';

const LIGHT_MS = 30_000;
/** Debian's Python, which has python3-socketio. The first one on the PATH may be another. */
const PYTHON = '/usr/bin/python3';

async function live(hub, plugin, name, child, folder) {
    try {
        await Promise.race([hub.waitForLight(plugin.id, 'green', LIGHT_MS), child.failure()]);
    } catch (error) {
        throw new Error(`${name} did not come up: ${error.message}`);
    }
    child.failure().catch(() => {});
    return { name, plugin, pid: child.pid, folder, stop: () => child.stop() };
}

/** The folder is not below build/, where the paths of sockets could become too long. */
const newFolder = (name) => mkdtempSync(path.join(tmpdir(), `bench-${name}-`));

/**
 * angod with one plugin.
 * @param {string} module id in its descriptor
 * @param {string} modules folder of build/release
 * @param {object} [more] further keys of the plugin's configuration
 */
export async function startAngod(hub, plugin, module, modules, more = {}) {
    const entry = { name: 'bench', id: plugin.id, secret: plugin.secret, module, ...more };
    const { child, folder } = startAngodWith(hub, [entry], { modules, log: `angod-${module}` });
    return live(hub, plugin, 'angod', child, folder);
}

/**
 * angod with any plugins. The function does not wait until they are live.
 * @param {object[]} plugins entries of the configuration
 * @param {{modules: string, log: string, hub?: object, folder?: string}} options modules: folder, relative to the build; hub:
 *   more keys of the configuration's hub; folder: that of an earlier start, to continue with its state
 */
export function startAngodWith(hub, plugins, { modules, log, hub: moreHub = {}, folder = newFolder('angod') }) {
    const file = path.join(folder, 'angod.json');
    writeFileSync(
        file,
        JSON.stringify(
            {
                hub: { url: hub.url, api_url: hub.apiUrl, proxy: 'none', ...moreHub },
                module_dirs: [path.resolve(BUILD, modules)],
                state_dir: path.join(folder, 'state'),
                admin: { socket: path.join(folder, 'admin.sock'), mode: '0600' },
                log: { level: 'warning' },
                plugins,
            },
            null,
            2,
        ),
        { mode: 0o600 },
    );
    const child = new Child(path.join(BUILD, 'bin/angod'), ['--config', file], { log: path.join(WORK, `${log}.log`), folder });
    return { child, folder, pid: child.pid, stop: (options) => child.stop(options) };
}

/** @param {'export'|'echo'|'model'} mode */
export async function startPeer(hub, plugin, mode) {
    const folder = newFolder('peer');
    const child = new Child(PYTHON, ['-B', path.join(BENCH, 'peer/plugin.py'), mode], {
        env: { HUB_URL: hub.url, API_URL: hub.apiUrl, PLUGIN_ID: plugin.id, PLUGIN_SECRET: plugin.secret, TMPDIR: folder },
        log: path.join(WORK, `peer-${mode}.log`),
        folder,
    });
    return live(hub, plugin, 'peer', child, folder);
}

/** The bare client. It is compiled here, because nothing else needs it. */
export async function startFloor(hub, plugin) {
    const folder = newFolder('floor');
    const program = path.join(folder, 'echo');
    execFileSync('cc', ['-std=c11', '-O2', '-o', program, path.join(BENCH, 'floor/echo.c')]);
    const { hostname, port } = new URL(hub.url);
    const child = new Child(program, [hostname, port], {
        env: { PLUGIN_ID: plugin.id, PLUGIN_SECRET: plugin.secret },
        log: path.join(WORK, 'floor.log'),
        folder,
    });
    return live(hub, plugin, 'floor', child, folder);
}
