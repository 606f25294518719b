// A small file system that a test can fill. If the user may not mount one, the whole test program runs in namespaces in which
// mounting is allowed.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { forbidden, needTools, runAgainIn } from './needs.mjs';

const OWN_MOUNTS = ['unshare', '--user', '--map-root-user', '--mount'];

export class SmallDisk {
    /** @throws if mounting is not allowed */
    static mount(megabytes) {
        const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-disk-'));
        try {
            execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', dir], { stdio: 'pipe' });
        } catch (failed) {
            fs.rmdirSync(dir);
            throw failed;
        }
        return new SmallDisk(dir);
    }

    constructor(dir) {
        this.dir = dir;
        this.filler = path.join(dir, 'filler');
        this.unmount = () => execFileSync('umount', ['-l', dir]);
        process.once('exit', this.unmount);
    }

    /** Fills the disk up to so many bytes (whole pages). Other writers may leave less. */
    fill(leave = 0) {
        this.free();
        const { bavail, bsize } = fs.statfsSync(this.dir);
        try {
            fs.writeFileSync(this.filler, Buffer.alloc(Math.max(0, Number(bavail) * Number(bsize) - leave)));
            while (leave === 0) fs.appendFileSync(this.filler, Buffer.alloc(1));
        } catch (full) {
            if (full.code !== 'ENOSPC') throw full;
        }
    }

    free() {
        fs.rmSync(this.filler, { force: true });
    }

    remove() {
        process.removeListener('exit', this.unmount);
        this.unmount();
        fs.rmdirSync(this.dir);
    }
}

/** For `skip`: the reason why small disks cannot be made here; false if they can. */
export const withoutSmallDisks = (() => {
    needTools('mount', 'umount', 'unshare', 'setpriv');
    let why;
    try {
        SmallDisk.mount(1).remove();
        return false;
    } catch (failed) {
        [why] = String(failed.stderr ?? failed.message)
            .trim()
            .split('\n');
    }
    if (spawnSync(OWN_MOUNTS[0], [...OWN_MOUNTS.slice(1), 'true']).status === 0 && !process.env.ANGOD_OWN_MOUNTS) {
        process.env.ANGOD_OWN_MOUNTS = '1';
        runAgainIn(OWN_MOUNTS);
    }
    return forbidden(
        `tests of a full disk mount a small one: run them as root, or where users may make namespaces (${OWN_MOUNTS.join(' ')}); here: ${why}`,
    );
})();
