// A wall clock for one process that can be set while it runs. libfaketime changes CLOCK_REALTIME alone.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { build, program } from './angod.mjs';
import { skipped } from './needs.mjs';

const library = ['x86_64', 'aarch64']
    .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`)
    .find((file) => fs.existsSync(file));
if (!library) throw new Error('libfaketime is missing; packaging/setup installs it');

export class FakeClock {
    /** @param {string} dir the folder for the file that sets the clock */
    constructor(dir) {
        this.file = path.join(dir, 'offset');
        this.set(0);
    }

    /** Variables for the environment of the process. */
    get env() {
        return { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: this.file, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
    }

    /** Removes the files that libfaketime has left after a kill of the process. */
    static forget(pid) {
        for (const name of [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`]) fs.rmSync(path.join('/dev/shm', name), { force: true });
    }

    /** Sets the difference to the real clock. */
    set(ms) {
        fs.writeFileSync(`${this.file}.new`, `${ms >= 0 ? '+' : '-'}${Math.abs(ms) / 1000}`);
        fs.renameSync(`${this.file}.new`, this.file);
    }
}

/**
 * For `skip`: the reason why the clock cannot be set in this build; false if it can. A sanitizer has its own wrappers around
 * the functions that libfaketime replaces.
 */
export const withoutFakeClock = /\/[at]san\/?$/.test(build) && skipped('libfaketime does not work with a sanitizer: the clock is not set');

if (!withoutFakeClock && spawnSync(program('angod'), ['--version'], { env: { ...process.env, LD_PRELOAD: library } }).status !== 0)
    throw new Error(`${library} does not work with this build`);
