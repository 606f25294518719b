// The floor of an export: one small program unzips and parses the same export and compresses the same result.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, openSync, closeSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { median } from './numbers.mjs';
import { BENCH } from './places.mjs';

/**
 * @param {string} exportZip
 * @param {string} resultZip the result of a converter
 * @param {{rounds: number, progress: Function}} options
 * @returns {{seconds: number, memory: number}} median; the highest, in MB
 */
export function measureExportFloor(exportZip, resultZip, { rounds, progress }) {
    const folder = mkdtempSync(path.join(tmpdir(), 'bench-floor-'));
    const file = (name) => path.join(folder, name);
    try {
        execFileSync('g++', ['-std=c++17', '-O2', '-o', file('export'), path.join(BENCH, 'floor/export.cpp'), '-larchive', '-lisal']);
        const plain = openSync(file('result.json'), 'w');
        execFileSync('unzip', ['-p', resultZip, 'annotations.json'], { stdio: ['ignore', plain, 'inherit'] });
        closeSync(plain);
        const seconds = [];
        let memory = 0;
        for (let round = 0; round < rounds; round += 1) {
            const line = execFileSync(file('export'), [exportZip, file('result.json'), file('result.gz')], { encoding: 'utf8' });
            const [took, , peak] = line.split(' ').map(Number);
            seconds.push(took);
            memory = Math.max(memory, peak / 1000);
            progress(`floor of the export: ${took.toFixed(2)} s`);
        }
        return { seconds: median(seconds), memory };
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}
