// The shares of processor time by thread and library: perf samples the whole machine.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { WORK } from './places.mjs';

const LEAST_PERCENT = 1;

/**
 * @param {string} name of the file in the work folder, which is kept for perf report
 * @param {() => Promise<void>} work
 * @returns {Promise<{thread: string, library: string, percent: number}[]>} most first
 */
export async function profile(name, work) {
    const file = path.join(WORK, `${name}.perf`);
    const perf = spawn('perf', ['record', '--quiet', '--all-cpus', '--freq', '1999', '--output', file], {
        stdio: ['ignore', 'ignore', 'inherit'],
    });
    await once(perf, 'spawn').catch(() => {
        throw new Error('perf is missing: packaging/setup --bench');
    });
    const ended = once(perf, 'exit');
    try {
        await work();
    } finally {
        perf.kill('SIGINT');
        await ended;
    }
    return shares(
        execFileSync('perf', ['report', '--stdio', '--input', file, '--sort', 'comm,dso', '--field-separator', ';'], {
            encoding: 'utf8',
            stdio: ['ignore', 'pipe', 'ignore'],
            maxBuffer: 2 ** 26,
        }),
    );
}

function shares(report) {
    const rows = report
        .split('\n')
        .filter((line) => line && !line.startsWith('#'))
        .map((line) => {
            const [percent, thread, library] = line.split(';').map((part) => part.trim());
            return { percent: Number(percent.replace('%', '')), thread, library: library === '[kernel.kallsyms]' ? 'kernel' : library };
        });
    return rows.filter(({ thread, percent }) => thread !== 'swapper' && percent >= LEAST_PERCENT);
}

/** @param {string} title @param {{thread: string, library: string, percent: number}[]} rows */
export function profileAsMarkdown(title, rows) {
    const threads = [...new Set(rows.map(({ thread }) => thread))]
        .map((thread) => {
            const own = rows.filter((row) => row.thread === thread);
            return {
                thread,
                sum: own.reduce((sum, { percent }) => sum + percent, 0),
                parts: own.map(({ library, percent }) => `${library} ${percent.toFixed(0)}`).join(', '),
            };
        })
        .sort((a, b) => b.sum - a.sum);
    return `${title}, in percent of both cores' time: ${threads.map(({ thread, sum, parts }) => `**${thread} ${sum.toFixed(0)}** (${parts})`).join('; ')}.\n`;
}
