// Runs a job by one client, and returns its transcript. Every run of a job has a Hub of its own, with the same ids in it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startHub } from '../../hub/hub.mjs';
import { Angod } from '../../integration/lib/angod.mjs';
import { Recorder } from './recorder.mjs';
import { transcriptOf } from './transcript.mjs';

/** Debian's Python. The first one on the PATH may be another, without the libraries of the vendor's client. */
const PYTHON = '/usr/bin/python3';
const FOLDER = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const LONGEST_MS = 30000;

const IDS = { plugin: 'p'.repeat(24), project: 'c'.repeat(24), storage: 'd'.repeat(24) };
const SECRET = 'secret-of-the-plugin-0123456789';

/**
 * @param {object} job one of JOBS
 * @param {(at: object) => Promise<{close: Function, said: Function}>} start angod or script(…)
 */
export async function record(job, start) {
    const hub = await startHub({ modelDataUrl: true, ...job.hub });
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-vendor-'));
    let recorder, client;
    try {
        recorder = await Recorder.start(hub);
        hub.storages.length = 0;
        hub.addStorage({ _id: IDS.storage, name: 'local', provider: 'AWS', bucket: 'local-bucket', region: 'eu-central-1' });
        const plugin = hub.createPlugin({ id: IDS.plugin, secret: SECRET, name: 'job', type: job.type });
        const batches = ['day', 'night'].map((name) => ({ _id: `b-${name}`, name }));
        const project = hub.createProject({ id: IDS.project, seed: 7, assets: 3, odd: false, batches, ...job.project });
        const at = { hub, project, plugin, dir, job, api: recorder.url };
        client = await start(at);
        await live(hub, plugin, client);
        job.prepare?.(at);
        await work(at, client);
        await recorder.quiet();
        return transcriptOf(recorder.entries, namesIn(hub, recorder, dir));
    } finally {
        await client?.close();
        await recorder?.close();
        await hub.close();
        fs.rmSync(dir, { recursive: true, force: true });
    }
}

/** Waits for the plugin. A client that ends before that fails the job with its last words. */
async function live(hub, plugin, client) {
    await Promise.race([hub.waitFor(() => hub.plugin(plugin.id).live > 0, LONGEST_MS, 'the plugin to connect'), client.ended]);
}

async function work({ hub, project, plugin, dir, job }, client) {
    const runs = job.runs({ hub, project, dir });
    for (const [i, run] of runs.entries()) {
        const session = hub.run(plugin.id, { projectId: project.id, session: `session-${i + 1}`, ...run });
        const isLast = i + 1 === runs.length;
        const over =
            job.goesOn && !isLast
                ? hub.waitFor(() => job.goesOn(hub.session(session)), LONGEST_MS, 'the first run')
                : hub.waitForSession(session, LONGEST_MS);
        await Promise.race([over, client.ended]);
        if (run.ack) await hub.waitFor(() => hub.session(session).acked, LONGEST_MS, 'the acknowledgement');
    }
}

function namesIn(hub, recorder, dir) {
    return {
        [recorder.url]: 'HUB',
        [new URL(recorder.url).host]: 'HUB-HOST',
        [hub.orgId]: 'ORG',
        [hub.apiKeyOf('user-1')]: 'APIKEY',
        [SECRET]: 'SECRET',
        [IDS.plugin]: 'PLUGIN',
        [IDS.project]: 'PROJECT',
        [IDS.storage]: 'STORAGE',
        [dir]: 'DIR',
        ...Object.fromEntries(hub.project(IDS.project).batches.map(({ _id, name }) => [_id, `BATCH-${name}`])),
        ...tasksIn(hub),
    };
}

/** Assets and tasks of the project are named by their places. */
function tasksIn(hub) {
    const project = hub.project(IDS.project);
    const records = Array.from({ length: project.count }, (_, i) => project.record(i));
    return Object.fromEntries(
        records.flatMap(({ assetId, task }, i) => [
            [assetId, `ASSET-${i + 1}`],
            [task.taskId, `TASK-${i + 1}`],
        ]),
    );
}

// A test program that ends early kills its clients.
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

const never = new Promise(() => {});

/** angod, with one plugin. */
export async function angod({ hub, plugin, job }) {
    const kind = job.type === 'Markdown Generator' ? 'markdown' : job.type.toLowerCase().replaceAll(' ', '-');
    const name = path.basename(job.module, '.so').replaceAll('_', '-');
    const daemon = new Angod(hub, {
        modules: [job.module],
        allow: job.allow,
        plugins: [{ plugin, name: 'job', module: name, kind, max_attempts: 1 }],
    });
    try {
        await daemon.start();
    } catch (failed) {
        await daemon.close().catch(() => {}); // the first error says more
        throw failed;
    }
    return { ended: never, close: () => daemon.close() };
}

/** A client that runs the job's script: the package of this name, in this folder. */
export const script =
    (name, folder) =>
    async ({ plugin, job, api }) => {
        const child = spawn(PYTHON, [path.join(FOLDER, 'scripts.py'), name, job.script], {
            stdio: ['ignore', 'ignore', 'pipe'],
            env: {
                PATH: process.env.PATH,
                PYTHONPATH: folder,
                PYTHONDONTWRITEBYTECODE: '1',
                HUB_URL: api,
                PLUGIN_ID: plugin.id,
                PLUGIN_SECRET: plugin.secret,
            },
        });
        running.add(child);
        let said = '';
        child.stderr.setEncoding('utf8').on('data', (text) => {
            said = (said + text).slice(-4000);
        });
        let isAsked = false;
        const closed = once(child, 'close');
        const ended = closed.then(([code, signal]) => {
            if (!isAsked) throw new Error(`the script ${job.script} ended with ${signal ?? code}:\n${said}`);
        });
        ended.catch(() => {}); // whoever waits for it gets the error
        return {
            ended,
            close: async () => {
                isAsked = true;
                child.kill('SIGKILL');
                await closed;
                running.delete(child);
            },
        };
    };

/** Our own stand-in for the vendor's client. */
export const standIn = script('stand_in', FOLDER);
