// Markdown runs: the rows of a CSV before any upload, measured by the program bench_markdown of the build.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { median } from './numbers.mjs';
import { BUILD } from './places.mjs';

const MARKDOWN = "# |id|\n\n|text| &lt;a href='|url|'&gt;|url|&lt;/a&gt;";

function eventWith(rows) {
    const lines = ['id,text,batch,url\n'];
    for (let i = 0; i < rows; i += 1) lines.push(`${i},some text of ${i},b${i % 7},https://x.test\n`);
    return JSON.stringify({
        session: 's',
        projectId: 'p',
        apiKey: 'k',
        inputFile: Buffer.from(lines.join('')).toString('base64'),
        markdownText: MARKDOWN,
    });
}

/**
 * @param {{rows: number, rounds: number, progress: Function}} options
 * @returns {{perSecond: number, memory: number, event: number}} perSecond: median; memory: the highest, in MB; event: its size
 *   in MB, which is part of the memory
 */
export function measureRows({ rows, rounds, progress }) {
    const folder = mkdtempSync(path.join(tmpdir(), 'bench-rows-'));
    try {
        const file = path.join(folder, 'event.json');
        writeFileSync(file, eventWith(rows));
        const rates = [];
        let memory = 0;
        let event = 0;
        for (let round = 0; round < rounds; round += 1) {
            const line = execFileSync(path.join(BUILD, 'bin/bench_markdown'), [path.join(BUILD, 'modules/markdown.so'), file], {
                encoding: 'utf8',
            });
            const [count, seconds, peak, bytes] = line.split(' ').map(Number);
            if (count !== rows) throw new Error(`${count} of ${rows} rows were read`);
            rates.push(count / seconds);
            memory = Math.max(memory, (peak * 1024) / 1e6);
            event = bytes / 1e6;
            progress(`${rows} rows: ${seconds.toFixed(2)} s`);
        }
        return { perSecond: median(rates), memory, event };
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}
