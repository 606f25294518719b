// Runs of modules with `angoctl run`: an input in, the files and sentences that came of it out.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { module_, program } from '../../integration/lib/angod.mjs';
import { Result } from '../../integration/lib/exporting.mjs';
import { escape } from '../../integration/lib/lines.mjs';

/** A folder that is gone at the end of the suite. */
export const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-case-'));
after(() => fs.rmSync(dir, { recursive: true, force: true }));

/** The bytes of a file in inputs/. */
export const input = (name) => fs.readFileSync(path.join(path.dirname(fileURLToPath(import.meta.url)), '../inputs', name));

let files = 0;
/** Writes a file and returns its path. */
export function fileOf(content, name = 'file') {
    const made = path.join(dir, `${(files += 1)}-${name}`);
    fs.writeFileSync(made, content);
    return made;
}

const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(https?|no|all)_proxy$/i.test(name)));
const OF_NO_INTEREST = /^(info: (filled into|uploaded)|made: |progress: )/;

/**
 * One `angoctl run`. Rejects if the program is ended by a signal.
 * @returns {Promise<{code: number, said: string[], answer: any, out: string}>} said: the lines for the user; out: the folder of results
 */
export async function run(name, event, words, { env = {}, timeoutS = 30 } = {}) {
    const out = path.join(dir, `out-${(files += 1)}`);
    const all = ['run', module_(name), '--event', fileOf(JSON.stringify(event), 'event.json'), '--out', out, '--timeout', `${timeoutS}`];
    const child = spawn(program('angoctl'), [...all, ...words], { cwd: dir, env: { ...clean, TMPDIR: dir, ...env } });
    let stderr = '',
        stdout = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
        stderr += text;
    });
    child.stdout.setEncoding('utf8').on('data', (text) => {
        stdout += text;
    });
    const [code, signal] = await once(child, 'close');
    assert.equal(signal, null, stderr);
    const said = stderr.split('\n').filter((line) => line !== '' && !OF_NO_INTEREST.test(line));
    return { code, said, answer: stdout === '' ? undefined : JSON.parse(stdout), out };
}

/**
 * An export through export-coco.
 * @param {string|Buffer|object[]} content of the file; objects become records, one a line
 * @returns as run, with coco (annotations.json) and report, if there is a result
 */
export async function convert(content, { config = {}, settings = {}, name = 'export' } = {}) {
    const text = Array.isArray(content) ? content.map((record) => `${JSON.stringify(record)}\n`).join('') : content;
    const words = ['--export', fileOf(text, name), '--settings', JSON.stringify(settings)];
    const made = await run('export_coco', { configJSON: JSON.stringify(config) }, words);
    const [zip] = fs.existsSync(made.out) ? fs.readdirSync(made.out).filter((file) => file.endsWith('.zip')) : [];
    if (zip === undefined) return made;
    const result = new Result({ path: path.join(made.out, zip) });
    return { ...made, coco: result.json('annotations.json'), report: result.json('conversion_report.json') };
}

/** A table through a markdown generator. @returns as run, with the assets that were made */
export async function makeRows(csv, markdown, { config = {}, module = 'markdown' } = {}) {
    const event = { configJSON: JSON.stringify(config), markdownText: markdown };
    const made = await run(module, event, ['--input', fileOf(csv, 'rows.csv')]);
    const file = path.join(made.out, 'assets.ndjson');
    const lines = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
    return { ...made, assets: lines.map((line) => JSON.parse(line)) };
}

/** Asserts that exactly one line of a run begins so and matches, and returns it. */
export function saidOnce({ said }, kind, ...patterns) {
    const lines = said.filter((line) => line.startsWith(`${kind}: `));
    const fitting = lines.filter((line) => patterns.every((pattern) => pattern.test(line)));
    assert.equal(fitting.length, 1, `${patterns.join(' ')} in\n${said.join('\n')}`);
    return fitting[0];
}

/** Asserts that a run failed with one line, which is this sentence or matches all patterns, and left no result. */
export function failed(made, ...expected) {
    assert.equal(made.code, 1, made.said.join('\n'));
    assert.equal(made.said.filter((line) => line.startsWith('failed: ')).length, 1, made.said.join('\n'));
    const patterns = expected.map((one) => (typeof one === 'string' ? new RegExp(`^failed: ${escape(one)}$`) : one));
    saidOnce(made, 'failed', ...patterns);
    assert.equal(made.answer, undefined);
    assert.deepEqual(fs.existsSync(made.out) ? fs.readdirSync(made.out) : [], []);
}

/** The warnings of a run that succeeded. */
export function warnings(made) {
    assert.equal(made.code, 0, made.said.join('\n'));
    return made.said.filter((line) => line.startsWith('warning: ')).map((line) => line.slice('warning: '.length));
}

/** A record of an image with these tools. */
export const record = (n, tools = [], size = { width: 100, height: 100 }) => ({
    asset: `https://files.example.test/${n}.png`,
    externalId: `${n}.png`,
    metadata: size,
    task: { taskId: `t-${n}`, stage: 'Complete', tools },
});
