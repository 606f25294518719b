// Faults and loads are files in one folder each. A file that is added there takes part.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The default exports of the files of a folder beside this one, with their names. */
export async function partsIn(folder) {
    const dir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', folder);
    const files = fs
        .readdirSync(dir)
        .filter((file) => file.endsWith('.mjs'))
        .sort();
    return Promise.all(files.map(async (file) => ({ name: path.basename(file, '.mjs'), ...(await import(path.join(dir, file))).default })));
}
