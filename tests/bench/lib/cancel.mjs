// The time from an operator's cancel to the module's callback.
import { execFileSync } from 'node:child_process';
import http from 'node:http';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startAngodWith } from './contenders.mjs';
import { median, percentile } from './numbers.mjs';
import { ROOT } from './places.mjs';

const LONGEST_MS = 30_000;
const pause = (ms) =>
    new Promise((resume) => {
        setTimeout(resume, ms);
    });

function request(socketPath, method, target) {
    return new Promise((resolve, reject) => {
        http.request({ socketPath, method, path: target, agent: false }, async (response) => {
            const text = Buffer.concat(await response.toArray()).toString();
            resolve(JSON.parse(text));
        })
            .on('error', reject)
            .end();
    });
}

/**
 * @param {import('../../hub/hub.mjs').Hub} hub
 * @param {{cancels: number, progress: Function}} options
 * @returns {Promise<{p50: number, p99: number}>} ms from the request on the admin socket to the module's callback
 */
export async function measureCancel(hub, { cancels, progress }) {
    const folder = mkdtempSync(path.join(tmpdir(), 'bench-cancel-'));
    const modules = path.join(folder, 'modules'),
        diary = path.join(folder, 'diary');
    let angod;
    try {
        mkdirSync(modules);
        execFileSync('c++', [
            '-std=c++20',
            '-O2',
            '-shared',
            '-fPIC',
            '-I',
            path.join(ROOT, 'module_api/include'),
            path.join(ROOT, 'tests/fixtures/saboteur.cpp'),
            '-o',
            path.join(modules, 'saboteur.so'),
        ]);
        const plugin = hub.createPlugin({ type: 'Input', name: 'cancel' });
        angod = startAngodWith(hub, [{ name: 'cancel', id: plugin.id, secret: plugin.secret, module: 'saboteur' }], {
            modules,
            log: 'angod-cancel',
        });
        const socket = path.join(angod.folder, 'admin.sock');
        await hub.waitForLight(plugin.id, 'green', LONGEST_MS);
        const times = [];
        for (let i = 0; i < cancels; i += 1) {
            rmSync(diary, { force: true });
            const begun = performance.now();
            const session = hub.run(plugin.id, { extra: { act: 'cancel', diary, gate: path.join(folder, 'never') } });
            const deadline = begun + LONGEST_MS;
            while (!(existsSync(diary) && readFileSync(diary, 'utf8').includes('blocked'))) {
                if (performance.now() > deadline) throw new Error('the module did not reach the point where it blocks');
                await pause(2);
            }
            const {
                jobs: [{ id }],
            } = await request(socket, 'GET', '/v1/jobs?state=running');
            const begin = process.hrtime.bigint();
            await request(socket, 'POST', `/v1/jobs/${id}/cancel`);
            await hub.waitForSession(session, LONGEST_MS);
            const [, called] = /callback@(\d+)/.exec(readFileSync(diary, 'utf8'));
            times.push(Number(BigInt(called) * 1000n - begin) / 1e6); // one clock for all processes
        }
        const result = { p50: median(times), p99: percentile(times, 0.99) };
        progress(`cancel to the module's callback: median ${result.p50.toFixed(2)} ms, p99 ${result.p99.toFixed(2)} ms`);
        return result;
    } finally {
        await angod?.stop();
        rmSync(folder, { recursive: true, force: true });
    }
}
