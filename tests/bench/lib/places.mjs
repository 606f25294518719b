// Folders of the repository and of the benchmark.
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const BENCH = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const ROOT = path.resolve(BENCH, '../..');
/** The build that is measured. */
export const BUILD = path.resolve(process.env.ANGOD_BUILD ?? path.join(ROOT, 'build/release'));
export const WORK = path.join(ROOT, 'build/bench');

/**
 * A folder with one module of the build and nothing else: builds that are compared may have other modules beside it, and some of the
 * fixtures are broken on purpose.
 * @param {string} module path, relative to the build
 */
export function folderWith(module) {
    const folder = path.join(WORK, 'modules', path.basename(module, '.so'));
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    symlinkSync(path.join(BUILD, module), path.join(folder, path.basename(module)));
    return folder;
}
