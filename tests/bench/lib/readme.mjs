// Puts the table into README.md.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './places.mjs';

const BEGIN = '<!-- bench -->';
const END = '<!-- /bench -->';

/** @param {string} markdown */
export function writeIntoReadme(markdown) {
    const file = path.join(ROOT, 'README.md');
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
    if (begin < 0 || end < begin) throw new Error(`README.md has no lines ${BEGIN} and ${END} to put the table between`);
    writeFileSync(file, `${text.slice(0, begin + BEGIN.length)}\n${markdown}${text.slice(end)}`);
}
