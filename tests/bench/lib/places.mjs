// Where things are.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const BENCH = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const ROOT = path.resolve(BENCH, '../..');
export const BUILD = path.join(ROOT, 'build/release');
export const WORK = path.join(ROOT, 'build/bench');
