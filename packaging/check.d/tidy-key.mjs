// tidy-key.mjs FILE: prints a name for all that the findings of clang-tidy in a source depend on: its text, that of our own
// headers that it includes, the checks, its compiler flags, and the versions of the tools and headers of the system.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');
const FOLDERS = ['daemon', 'modules', 'module_api/include'].map((folder) => path.join(ROOT, folder));

/** The source and every header of ours that it includes, directly or through another one. */
function sources(first) {
    const found = new Map();
    const open = [first];
    while (open.length > 0) {
        const file = open.pop();
        if (found.has(file)) continue;
        const text = readFileSync(file, 'utf8');
        found.set(file, text);
        for (const [, name] of text.matchAll(/^\s*#\s*include\s*["<]([^">]+)[">]/gm))
            for (const folder of [path.dirname(file), ...FOLDERS]) {
                const candidate = path.join(folder, name);
                if (existsSync(candidate)) open.push(candidate);
            }
    }
    return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

const file = path.resolve(process.argv[2]);
const flags = JSON.parse(readFileSync(path.join(ROOT, 'build/tsan/compile_commands.json'), 'utf8')).find((entry) => entry.file === file);
const hash = createHash('sha256');
const add = (text) => hash.update(`${text.replaceAll(ROOT, '')}\0`);
for (const [name, text] of sources(file)) {
    add(name);
    add(text);
}
add(flags?.command ?? '');
for (const name of ['.clang-tidy', 'packaging/check.d/tidy-one']) add(readFileSync(path.join(ROOT, name), 'utf8'));
add(execFileSync('dpkg-query', ['-W', 'clang-tidy-14', 'libstdc++*', '*-dev'], { encoding: 'utf8' }));
process.stdout.write(`${hash.digest('hex')}\n`);
