// The module folder: its files, its past, and every way to change it.
import fs from 'node:fs';
import path from 'node:path';

export class ModuleFiles {
    #sources = new Map();
    #changes = 0;
    #missing = new Map();

    /**
     * @param {string} dir the module folder
     * @param {(string|[string, string])[]} sources files that are copied into it; a pair is [name in the folder, file]
     */
    constructor(dir, sources) {
        this.dir = dir;
        for (const source of sources) this.#sources.set(ModuleFiles.nameOf(source), Array.isArray(source) ? source[1] : source);
        this.restore();
    }

    get names() {
        return [...this.#sources.keys()];
    }
    #place(name) {
        return path.join(this.dir, name);
    }

    /**
     * The module as it was at first, with other bytes at its end each time, so that it is a new version. Bytes behind an ELF file
     * have no meaning.
     */
    renewed(name) {
        return Buffer.concat([fs.readFileSync(this.#sources.get(name)), Buffer.from(`${(this.#changes += 1)}`)]);
    }

    /** Replaces the file: by rename, which is the careful way, or in place. */
    put(name, bytes, { inPlace = false, isGood = true } = {}) {
        const part = inPlace ? this.#place(name) : path.join(this.dir, `.${name}.part`);
        fs.writeFileSync(part, bytes, { mode: 0o755 });
        if (!inPlace) fs.renameSync(part, this.#place(name));
        const last = this.#missing.get(name)?.at(-1);
        if (isGood && last?.[1] === Infinity) last[1] = Date.now();
    }

    /** @returns {() => void} puts the file back */
    remove(name) {
        fs.rmSync(this.#place(name), { force: true });
        const spans = this.#missing.get(name) ?? [];
        if (spans.at(-1)?.[1] !== Infinity) this.#missing.set(name, [...spans, [Date.now(), Infinity]]);
        return () => {
            if (!fs.existsSync(this.#place(name))) this.put(name, this.renewed(name));
        };
    }

    /** [from, to] of the times without a good file of the module, in ms of Date.now(). */
    missing(name) {
        return this.#missing.get(name) ?? [];
    }
    /** The name that a source has in the folder. */
    static nameOf(source) {
        return Array.isArray(source) ? source[0] : path.basename(source);
    }

    /** Makes every module exist and be good. */
    restore() {
        for (const name of this.names) this.put(name, this.renewed(name));
    }
}
