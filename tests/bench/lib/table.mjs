// The result as Markdown.
import { cpus, release } from 'node:os';

function number(value) {
    if (Number.isInteger(value) && value < 1000) return String(value);
    if (value >= 1000) return Math.round(value).toLocaleString('en');
    if (value >= 100) return value.toFixed(0);
    return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

const cell = (value, unit) => (value === undefined ? '' : `${number(value)} ${unit}`);

function ratio(value, of) {
    if (value === undefined || !of) return '';
    const quotient = value / of;
    return quotient < 0.5 ? `1 : ${number(1 / quotient)}` : `${number(quotient)}`;
}

/**
 * @typedef {{what: string, unit: string, angod: number, peer?: number, floor?: number, front?: string}} Row
 *   front: the words for it in README.md, if it stands there
 */

/** The few rows that README.md shows. @param {Row[]} rows */
export function frontRows(rows) {
    const lines = rows
        .filter(({ front }) => front)
        .map(({ front, unit, angod, peer }) => `| ${front} | ${cell(angod, unit)} | ${cell(peer, unit)} |`);
    return `| | angod | Python plugin |\n|---|--:|--:|\n${lines.join('\n')}\n`;
}

/** All rows and the machine. @param {Row[]} rows @param {string} [note] @param {string[]} [profiles] */
export function asMarkdown(rows, note, profiles = []) {
    const lines = rows.map(
        ({ what, unit, angod, peer, floor }) =>
            `| ${what} | ${cell(angod, unit)} | ${cell(peer, unit)} | ${ratio(angod, peer)} | ${cell(floor, unit)} | ${ratio(angod, floor)} |`,
    );
    const [cpu] = cpus();
    return `| | angod | Python peer | angod / peer | floor | angod / floor |
|---|--:|--:|--:|--:|--:|
${lines.join('\n')}

Measured with \`tests/bench/run\` on ${cpu.model}, ${cpus().length} cores, Linux ${release()}, against the local Hub on Node
${process.versions.node}, which shares these cores.${note ? ` ${note}` : ''}
${profiles.map((text) => `\n${text}`).join('')}`;
}
