// Writes the tables into tests/bench/RESULTS.md and README.md, between two markers.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BENCH, ROOT } from './places.mjs';

const BEGIN = '<!-- bench -->';
const END = '<!-- /bench -->';

function writeBetweenMarkers(file, markdown) {
    const text = readFileSync(file, 'utf8');
    const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
    if (begin < 0 || end < begin) throw new Error(`${file} has no lines ${BEGIN} and ${END} to put the table between`);
    writeFileSync(file, `${text.slice(0, begin + BEGIN.length)}\n${markdown}${text.slice(end)}`);
}

/** @param {string} all everything that was measured @param {string} front the few rows for README.md */
export function writeResults(all, front) {
    writeBetweenMarkers(path.join(BENCH, 'RESULTS.md'), all);
    writeBetweenMarkers(path.join(ROOT, 'README.md'), front);
}
