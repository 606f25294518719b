// Peak memory and temporary disk of a process and all it starts.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const EVERY_MS = 20;
const BLOCK = 512; // bytes; st_blocks counts in these whatever the file system does
const MB = 1e6;

/** What a vanished process or file gives. */
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

/** Most memory the process ever had resident, in bytes. */
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

/** Open files, which may have no name any more. */
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

/** Looks every few milliseconds until stopped. */
export class Meter {
    #pid;
    #folder;
    #timer;
    #memory = 0;
    #disk = 0;
    #diskBefore;

    /**
     * @param {number} pid
     * @param {string} folder where the process keeps its files
     */
    constructor(pid, folder) {
        this.#pid = pid;
        this.#folder = folder;
        this.#diskBefore = diskOf(folder, treeOf(pid));
        this.#timer = setInterval(() => this.#look(), EVERY_MS);
    }

    #look() {
        const pids = treeOf(this.#pid);
        this.#memory = Math.max(
            this.#memory,
            pids.map(peakOf).reduce((sum, bytes) => sum + bytes, 0),
        );
        this.#disk = Math.max(this.#disk, diskOf(this.#folder, pids));
    }

    /** @returns {{memory: number, disk: number}} in MB; disk: on top of what was there before */
    stop() {
        clearInterval(this.#timer);
        this.#look();
        return { memory: this.#memory / MB, disk: Math.max(0, this.#disk - this.#diskBefore) / MB };
    }
}
