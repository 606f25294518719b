// The arithmetic of a comparison of two builds, and its table. Nothing is measured here.
import { median } from './numbers.mjs';

/** A smaller difference is never called worse or better. */
export const LEAST_PERCENT = 5;

const percent = (part, of) => {
    if (part === 0) return 0;
    return of === 0 ? Infinity * Math.sign(part) : (part / of) * 100;
};

/**
 * The order of the builds in a round. It changes from round to round, so that neither build always follows the other.
 * @param {number} round from 0
 * @returns {('base'|'new')[]}
 */
export const orderOf = (round) => (round % 2 === 0 ? ['base', 'new'] : ['new', 'base']);

/**
 * Compares the values that both builds gave in the rounds, one of each per round.
 * @param {{base: number[], new: number[], moreIsBetter?: boolean}} figure
 * @returns {{base: number, new: number, difference: number, spread: number, verdict: 'same'|'better'|'worse'}} medians;
 *   difference: of the medians, in percent of the base; spread: between the lowest and the highest value of the base, in
 *   percent of its median
 */
export function compare({ base, new: changed, moreIsBetter = false }) {
    const medians = { base: median(base), new: median(changed) };
    const difference = percent(medians.new - medians.base, medians.base);
    const spread = percent(Math.max(...base) - Math.min(...base), medians.base);
    const isDifferent = Math.abs(difference) > LEAST_PERCENT && Math.abs(difference) > spread;
    const isBetter = difference > 0 === moreIsBetter;
    return { ...medians, difference, spread, verdict: !isDifferent ? 'same' : isBetter ? 'better' : 'worse' };
}

function number(value) {
    if (value >= 1000) return Math.round(value).toLocaleString('en');
    return value.toPrecision(3).replace(/e\+?(-?\d+)$/, ' e$1');
}

/**
 * @param {{what: string, unit: string, base: number[], new: number[], moreIsBetter?: boolean}[]} figures
 * @returns {{text: string, worse: string[]}} a table for a terminal, which is Markdown too; the figures that are worse
 */
export function compareAll(figures) {
    const heads = ['measurement', 'base', 'new', 'difference', 'spread of base', 'verdict'];
    const rows = figures.map((figure) => {
        const { base, new: changed, difference, spread, verdict } = compare(figure);
        const signed = `${difference > 0 ? '+' : ''}${difference.toFixed(1)} %`;
        return [
            figure.what,
            `${number(base)} ${figure.unit}`,
            `${number(changed)} ${figure.unit}`,
            signed,
            `${spread.toFixed(1)} %`,
            verdict === 'worse' ? 'WORSE' : verdict,
        ];
    });
    const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i].length)));
    const isNumber = (column) => column > 0 && column < heads.length - 1;
    const line = (cells) => `| ${cells.map((cell, i) => (isNumber(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join(' | ')} |`;
    const rule = `|${widths.map((width, i) => (isNumber(i) ? `${'-'.repeat(width + 1)}:` : '-'.repeat(width + 2))).join('|')}|`;
    return {
        text: `${[line(heads), rule, ...rows.map(line)].join('\n')}\n`,
        worse: figures.filter((figure) => compare(figure).verdict === 'worse').map(({ what }) => what),
    };
}
