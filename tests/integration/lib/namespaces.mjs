// Launchers that give angod its own part of the system: files in the place of system files, or a network.
import { spawnSync } from 'node:child_process';
import { forbidden, needTools } from './needs.mjs';

needTools('unshare', 'mount', 'ip');
const tried = spawnSync('unshare', ['-Urnm', 'true'], { encoding: 'utf8' });
/** For `skip`: the reason why namespaces cannot be made here; false if they can. */
export const withoutNamespaces =
    tried.status === 0
        ? false
        : forbidden(
              `these tests need namespaces of users, mounts and networks (unshare -Urnm): run them where users may make them; here: ${tried.stderr.trim()}`,
          );

/**
 * A launcher with a mount namespace in which files replace others.
 * @param {Object<string, string>} files by path, the file that appears there
 * @param {{network?: string}} [own] network: shell commands that set up a network namespace
 */
export function launcherWith(files, { network } = {}) {
    const mounts = Object.entries(files).map(([place, file]) => `mount --bind '${file}' '${place}'`);
    const script = ['set -e', ...mounts, ...(network ? ['ip link set lo up', network] : []), 'exec "$@"'].join('\n');
    return ['unshare', network ? '-Urnm' : '-Urm', 'sh', '-c', script, 'sh'];
}

/** A network that drops everything that is sent to 192.0.2.53. */
export const SWALLOWING = [
    'ip link add v0 type veth peer name v1',
    'ip addr add 192.0.2.1/24 dev v0',
    'ip link set v0 up',
    'ip link set v1 up',
    'ip neigh add 192.0.2.53 lladdr 02:00:00:00:00:53 dev v0',
].join('\n');
