// A file system that can be filled, for tests of what happens then. Needs the right to mount.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export class SmallDisk {
    /** @returns {SmallDisk | null} null where nothing may be mounted */
    static mount(megabytes) {
        const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-disk-'));
        try {
            execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', dir], { stdio: 'ignore' });
        } catch {
            fs.rmdirSync(dir);
            return null;
        }
        return new SmallDisk(dir);
    }

    constructor(dir) {
        this.dir = dir;
        this.filler = path.join(dir, 'filler');
        this.unmount = () => execFileSync('umount', ['-l', dir]);
        process.once('exit', this.unmount);
    }

    /** Takes all room but so many bytes (whole pages). */
    fill(leave = 0) {
        this.free();
        const { bavail, bsize } = fs.statfsSync(this.dir);
        fs.writeFileSync(this.filler, Buffer.alloc(Math.max(0, Number(bavail) * Number(bsize) - leave)));
        if (leave > 0) return;
        try {
            for (;;) fs.appendFileSync(this.filler, Buffer.alloc(1));
        } catch (full) {
            if (full.code !== 'ENOSPC') throw full;
        }
    }

    free() { fs.rmSync(this.filler, { force: true }); }

    remove() {
        process.removeListener('exit', this.unmount);
        this.unmount();
        fs.rmdirSync(this.dir);
    }
}
