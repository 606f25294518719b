// Folders of the repository and of the benchmark.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const BENCH = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const ROOT = path.resolve(BENCH, '../..');
/** The build that is measured. */
export const BUILD = path.resolve(process.env.ANGOD_BUILD ?? path.join(ROOT, 'build/release'));
export const WORK = path.join(ROOT, 'build/bench');
