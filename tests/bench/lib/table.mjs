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

/** @param {{what: string, unit: string, angod: number, peer?: number, floor?: number}[]} rows @param {string} [note] @param {string[]} [profiles] */
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
