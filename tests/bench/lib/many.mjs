// The memory and processor time of many connected plugins without runs.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startHub } from '../../hub/hub.mjs';
import { startAngodWith } from './contenders.mjs';
import { folderWith } from './places.mjs';

const TICKS_PER_SECOND = 100; // of /proc/PID/stat on every Linux that Debian builds
const pause = (ms) =>
    new Promise((resume) => {
        setTimeout(resume, ms);
    });

/** A certificate for loopback that is its own authority. */
function makeCertificate(folder) {
    const file = (name) => path.join(folder, name);
    execFileSync(
        'openssl',
        [
            'req',
            '-x509',
            '-newkey',
            'ec',
            '-pkeyopt',
            'ec_paramgen_curve:P-256',
            '-nodes',
            '-days',
            '2',
            '-keyout',
            file('key.pem'),
            '-out',
            file('cert.pem'),
            '-subj',
            '/CN=127.0.0.1',
            '-addext',
            'subjectAltName=IP:127.0.0.1',
        ],
        { stdio: 'ignore' },
    );
    return { tls: { key: readFileSync(file('key.pem')), cert: readFileSync(file('cert.pem')) }, ca: file('cert.pem') };
}

function ticksOf(pid) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
}

const residentOf = (pid) => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
const childrenOf = (pid) =>
    readdirSync(`/proc/${pid}/task`).flatMap((task) =>
        readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
    );

/**
 * @param {{plugins: number, encrypted: boolean, idleSeconds: number, progress: Function}} options
 * @returns {Promise<{memory: number, cpu: number, seconds: number}>} MB; percent of one core; until all were live
 */
export async function measureMany({ plugins: count, encrypted, idleSeconds, progress }) {
    const folder = mkdtempSync(path.join(tmpdir(), 'bench-many-'));
    const { tls, ca } = encrypted ? makeCertificate(folder) : {};
    const hub = await startHub({ tls });
    let angod;
    try {
        const plugins = Array.from({ length: count }, (_, i) => hub.createPlugin({ type: 'Input', name: `plugin-${i}` }));
        const begin = performance.now();
        angod = startAngodWith(
            hub,
            plugins.map((plugin) => ({ name: plugin.name, id: plugin.id, secret: plugin.secret, module: 'echo', idle_s: 1 })),
            { modules: folderWith('examples/echo.so'), hub: encrypted ? { ca_file: ca } : {}, log: `angod-many${encrypted ? '-tls' : ''}` },
        );
        await hub.waitFor(() => plugins.every(({ id }) => hub.plugin(id).light === 'green'), 600_000, 'all plugins to be live');
        const seconds = (performance.now() - begin) / 1000;
        while (childrenOf(angod.pid).length > 0) await pause(100); // the host that checked the module
        const before = ticksOf(angod.pid);
        await pause(idleSeconds * 1000);
        const cpu = ((ticksOf(angod.pid) - before) / TICKS_PER_SECOND / idleSeconds) * 100;
        const memory = residentOf(angod.pid) / 1e6;
        progress(
            `${count} plugins${encrypted ? ' over TLS' : ''}: live after ${seconds.toFixed(1)} s, ${memory.toFixed(0)} MB, ${cpu.toFixed(2)} % of a core`,
        );
        return { memory, cpu, seconds };
    } finally {
        await angod?.stop();
        await hub.close();
        rmSync(folder, { recursive: true, force: true });
    }
}
