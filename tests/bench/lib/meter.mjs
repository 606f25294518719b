// Peak memory, temporary disk and processor time of a process and of all processes below it.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const EVERY_MS = 20;
const BLOCK = 512; // bytes; st_blocks counts in these whatever the file system does
const MB = 1e6;
const TICKS_PER_SECOND = 100; // of /proc/PID/stat on every Linux that Debian builds

/** Reads something of a process or a file, or returns the value if it has vanished. */
function orElse(value, read) {
    try {
        return read();
    } catch {
        return value;
    }
}

function childrenOf(pid) {
    return orElse([], () => readdirSync(`/proc/${pid}/task`))
        .flatMap((task) => orElse('', () => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')).split(' '))
        .filter(Boolean);
}

const treeOf = (pid) => [pid, ...childrenOf(pid).flatMap(treeOf)];

/** Seconds of the process and of the children that it has reaped. */
function cpuOf(pid) {
    const stat = orElse('', () => readFileSync(`/proc/${pid}/stat`, 'utf8'));
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND;
}

/** The highest resident memory that the process ever had, in bytes. */
function peakOf(pid) {
    const status = orElse('', () => readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

function filesBelow(folder) {
    return orElse([], () => readdirSync(folder, { withFileTypes: true })).flatMap((entry) => {
        const name = path.join(folder, entry.name);
        return entry.isDirectory() ? filesBelow(name) : [name];
    });
}

/** Open files; some may have no name any more. */
const openFiles = (pid) => orElse([], () => readdirSync(`/proc/${pid}/fd`)).map((fd) => `/proc/${pid}/fd/${fd}`);

function diskOf(folder, pids) {
    const seen = new Map();
    const add = (file, counts) => {
        const info = orElse(undefined, () => statSync(file));
        if (info?.isFile() && counts(info)) seen.set(`${info.dev}:${info.ino}`, info.blocks * BLOCK);
    };
    for (const file of filesBelow(folder)) add(file, () => true);
    for (const pid of pids) for (const file of openFiles(pid)) add(file, (info) => info.nlink === 0);
    return [...seen.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** Measures every few milliseconds until stopped. */
export class Meter {
    #pid;
    #folder;
    #timer;
    #memory = 0;
    #disk = 0;
    #diskBefore;
    #cpuBefore;

    /**
     * @param {number} pid
     * @param {string} folder where the process keeps its files
     */
    constructor(pid, folder) {
        this.#pid = pid;
        this.#folder = folder;
        this.#diskBefore = diskOf(folder, treeOf(pid));
        this.restartCpu();
        this.#timer = setInterval(() => this.#look(), EVERY_MS);
    }

    /** Processor time counts from here on. */
    restartCpu() {
        this.#cpuBefore = this.#cpu();
    }

    #cpu() {
        return treeOf(this.#pid)
            .map(cpuOf)
            .reduce((sum, seconds) => sum + seconds, 0);
    }

    #look() {
        const pids = treeOf(this.#pid);
        this.#memory = Math.max(
            this.#memory,
            pids.map(peakOf).reduce((sum, bytes) => sum + bytes, 0),
        );
        this.#disk = Math.max(this.#disk, diskOf(this.#folder, pids));
    }

    /** @returns {{memory: number, disk: number, cpu: number}} memory, disk: MB; disk: more than before the start; cpu: seconds */
    stop() {
        clearInterval(this.#timer);
        this.#look();
        return { memory: this.#memory / MB, disk: Math.max(0, this.#disk - this.#diskBefore) / MB, cpu: this.#cpu() - this.#cpuBefore };
    }
}
