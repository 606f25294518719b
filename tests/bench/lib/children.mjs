// Processes of the benchmark. Each has a log of its own, and all are stopped at the end.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';

const PATIENCE_MS = 10_000;
const running = new Set();

/** A process with a folder. stop() ends the process and removes the folder. */
export class Child {
    #process;
    #log;
    #folder;
    #ended;

    /**
     * @param {string} command
     * @param {string[]} args
     * @param {{env?: object, log: string, folder: string}} options env is added to ours; log: a file for its output
     */
    constructor(command, args, { env = {}, log, folder }) {
        const output = openSync(log, 'w');
        this.#log = log;
        this.#folder = folder;
        this.#process = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', output, output] });
        closeSync(output);
        this.#ended = new Promise((resolve) => {
            this.#process.once('close', resolve);
        });
        this.#process.once('error', () => {});
        running.add(this);
    }

    get pid() {
        return this.#process.pid;
    }

    /** Rejects, with the end of its log, if the process ends. */
    async failure() {
        const status = await this.#ended;
        throw new Error(`ended with status ${status}:\n${readFileSync(this.#log, 'utf8').slice(-4000)}`);
    }

    /** Sends SIGTERM, and SIGKILL if the process does not end in time. */
    async stop({ keepFolder = false } = {}) {
        running.delete(this);
        this.#process.kill('SIGTERM');
        const timer = setTimeout(() => this.#process.kill('SIGKILL'), PATIENCE_MS);
        await this.#ended;
        clearTimeout(timer);
        if (!keepFolder) rmSync(this.#folder, { recursive: true, force: true });
    }
}

/** Stops all processes that still run. */
export async function stopChildren() {
    await Promise.all([...running].map((child) => child.stop()));
}
