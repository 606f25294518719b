// The interface from another language: the example in Rust, if Rust is installed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run, until } from './lib/angod.mjs';
import { Exporting } from './lib/exporting.mjs';
import { skipped } from './lib/needs.mjs';

const example = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../module_api/examples/rust');
const hasCargo = spawnSync('cargo', ['--version'], { stdio: 'ignore' }).status === 0;
const skip = hasCargo ? false : skipped('there is no cargo on this machine: the example in Rust is not built');

let dir;
before(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-test-'));
});
after(() => fs.rmSync(dir, { recursive: true, force: true }));

/** Builds the example from a source that `edit` has changed, and returns the module file. */
async function build(name, edit = (source) => source) {
    const folder = path.join(dir, name),
        library = path.join(folder, 'src/lib.rs'),
        file = path.join(dir, `${name}.so`);
    fs.cpSync(example, folder, { recursive: true, filter: (source) => path.basename(source) !== 'target' });
    fs.writeFileSync(library, edit(fs.readFileSync(library, 'utf8')));
    await run('cargo', ['build', '--release', '--offline', '--locked'], false, {
        cwd: folder,
        env: { ...process.env, CARGO_TARGET_DIR: path.join(folder, 'target'), RUSTFLAGS: '-D warnings' },
    });
    fs.copyFileSync(path.join(folder, 'target/release/libexport_lines_rust.so'), file);
    return file;
}

/** Runs an export of 77 assets through the module. */
async function exported(file, check) {
    const system = await Exporting.start({ modules: [file], plugins: { rust: { module: 'export-lines-rust' } } });
    try {
        const project = system.project({ assets: 77 });
        await check(system, await system.run('rust', project));
    } finally {
        await system.close();
    }
}

test('a module in Rust exports its entry only, and copies an export', { skip }, async () => {
    const file = await build('lines');
    assert.match((await run('nm', ['-D', '--defined-only', file])).stdout, /^\S+ T ango_module_entry\n$/);
    await exported(file, (system, record) => assert.equal(system.result(record).records.length, 77));
});

test('a panic in it fails the run and nothing else', { skip }, async () => {
    const edited = (source) => source.replace('zip.write(b"\\n")?;', 'panic!("what an asset");');
    const file = await build('panics', (source) => {
        assert.notEqual(edited(source), source);
        return edited(source);
    });
    await exported(file, async (system, record) => {
        system.failed(record, /^The plugin met an unexpected problem\.$/);
        await until(
            () => system.angod.log.some(({ msg }) => msg === 'the run failed: The plugin met an unexpected problem. (what an asset)'),
            'the line for the operator',
        );
    });
});
