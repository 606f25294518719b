// The module folder: what lies in it, what it was, and every way to change it.
import fs from 'node:fs';
import path from 'node:path';

export class ModuleFiles {
    #sources = new Map();
    #changes = 0;

    /** @param {string} dir the module folder @param {(string|[string, string])[]} sources files that are copied into it, by another name if one stands before */
    constructor(dir, sources) {
        this.dir = dir;
        for (const source of sources) {
            const [name, file] = Array.isArray(source) ? source : [path.basename(source), source];
            this.#sources.set(name, file);
        }
        this.restore();
    }

    get names() { return [...this.#sources.keys()]; }
    #place(name) { return path.join(this.dir, name); }

    /** What the module was at first; another content each time, so that it is a new version. What stands behind an ELF file does not matter. */
    renewed(name) { return Buffer.concat([fs.readFileSync(this.#sources.get(name)), Buffer.from(`${this.#changes += 1}`)]); }

    /** By rename, as whoever is careful does it; or else in place. */
    put(name, bytes, { inPlace = false } = {}) {
        const part = inPlace ? this.#place(name) : path.join(this.dir, `.${name}.part`);
        fs.writeFileSync(part, bytes, { mode: 0o755 });
        if (!inPlace) fs.renameSync(part, this.#place(name));
    }

    /** @returns {() => void} brings it back */
    remove(name) {
        fs.rmSync(this.#place(name), { force: true });
        return () => { if (!fs.existsSync(this.#place(name))) this.put(name, this.renewed(name)); };
    }

    /** Every module is there and good. */
    restore() { for (const name of this.names) this.put(name, this.renewed(name)); }
}
