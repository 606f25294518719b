// angoctl new: a module of each kind, from nothing to its first answer, with the commands of its README.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it, test } from 'node:test';
import { build, program, run } from './lib/angod.mjs';

const angoctl = program('angoctl');
let dir;
before(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-test-'));
});
after(() => fs.rmSync(dir, { recursive: true, force: true }));

const make = (kind, name, where = dir) => run(angoctl, ['new', kind, name, '--dir', where], true);
const lines = (file) =>
    fs
        .readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
/** The commands in a README: build, try, install. */
const commands = (folder) =>
    fs
        .readFileSync(path.join(folder, 'README.md'), 'utf8')
        .match(/```\n([^`]*)```/)[1]
        .trim()
        .split('\n');
const shell = (folder, command) => run('bash', ['-euc', command], false, { cwd: folder });

/** The answer and the files of the first run, by kind. */
const WORKS = {
    export: (answer, folder, said) => {
        const zip = path.join(folder, answer);
        return run('unzip', ['-p', zip, 'assets.ndjson']).then(({ stdout }) => {
            assert.equal(stdout, fs.readFileSync(path.join(folder, 'export.ndjson'), 'utf8'));
            assert.match(said, /^info: converted 3 assets$/m);
            assert.match(said, /^progress: 3$/m);
        });
    },
    model: (answer) =>
        assert.deepEqual(answer.objects, [{ schemaId: 'schema-1', 'bounding-box': { x: 10, y: 10, width: 100, height: 50 } }]),
    'batch-model': (answer, folder) => {
        assert.equal(answer, '3 of 3 assets labelled.');
        assert.deepEqual(
            lines(path.join(folder, 'out/labels.ndjson')).map((one) => [one.externalId, one.objects.length]),
            [
                ['yard/1.jpg', 1],
                ['yard/2.jpg', 1],
                ['yard/3.jpg', 1],
            ],
        );
    },
    'file-explorer': (answer) =>
        assert.deepEqual(answer, { folders: ['photos/'], files: ['1.jpg', '2.jpg'], scrollToken: null, success: true }),
    markdown: (answer, folder) => {
        assert.match(answer, /^Created 3 assets from 3 rows of the CSV; 2 new batches/);
        assert.deepEqual(
            lines(path.join(folder, 'out/assets.ndjson')).map((one) => one.data.split('\n')[1]),
            ['- text: Hello', '- text: Good morning, everybody', '- text: Good night'],
        );
    },
    input: (answer) => assert.deepEqual(answer, { options: { greeting: 'hello' } }),
};

describe('each kind', { concurrency: 2 }, () => {
    for (const [kind, works] of Object.entries(WORKS))
        it(`${kind}: builds without a warning, says what it is, and runs`, async () => {
            const name = `my-${kind}`,
                folder = path.join(dir, name);
            const made = await make(kind, name);
            assert.equal(made.code, 0, made.stderr);
            assert.ok(made.stdout.includes(`cd ${folder}\n`));
            const [toBuild, toRun, toInstall] = commands(folder);
            for (const command of [toBuild, toRun]) assert.ok(made.stdout.includes(command), made.stdout);
            const built = await shell(folder, toBuild.replace('cmake -B', 'cmake -DCMAKE_COMPILE_WARNING_AS_ERROR=ON -B'));
            assert.doesNotMatch(built.stdout + built.stderr, /warning/i);
            const file = path.join(folder, 'build', `${name}.so`);
            const about = JSON.parse((await run(angoctl, ['inspect', file])).stdout);
            assert.equal(about.id, name);
            assert.ok(about.kinds.includes(kind));
            const { stdout, stderr } = await shell(folder, toRun);
            assert.equal(stdout.trim().split('\n').length, 1, stdout);
            await works(JSON.parse(stdout), folder, stderr);
            await shell(folder, toInstall.replace('/var/lib/angod/modules/', `${dir}/`));
            assert.ok(fs.existsSync(path.join(dir, `${name}.so`)));
        });
});

test('the new module also builds against the installed package, with stricter warnings', async () => {
    const prefix = path.join(dir, 'prefix'),
        folder = path.join(dir, '3-strict-words');
    await run('cmake', ['--install', path.join(build, 'module_api'), '--prefix', prefix]);
    assert.equal((await make('export', '3-strict-words')).code, 0);
    await shell(
        folder,
        `cmake -B build -DCMAKE_PREFIX_PATH=${prefix} '-DCMAKE_CXX_FLAGS=-Wpedantic -Wshadow -Wconversion -Werror' && cmake --build build`,
    );
    assert.ok(fs.readFileSync(path.join(folder, 'build/CMakeCache.txt'), 'utf8').includes(`${prefix}/`));
    assert.match(fs.readFileSync(path.join(folder, '3-strict-words.cpp'), 'utf8'), /struct Module3StrictWords : ango::Export/);
    assert.equal((await run(angoctl, ['inspect', path.join(folder, 'build/3-strict-words.so')], true)).code, 0);
});

test('files of builds and runs are ignored by git', async () => {
    assert.equal((await make('input', 'versioned')).code, 0);
    assert.deepEqual(fs.readdirSync(path.join(dir, 'versioned')).sort(), [
        '.gitignore',
        'CMakeLists.txt',
        'README.md',
        'event.json',
        'versioned.cpp',
    ]);
    assert.deepEqual(fs.readFileSync(path.join(dir, 'versioned/.gitignore'), 'utf8').split('\n'), ['/build/', '/out/', '']);
});

test('it refuses wrong requests with one sentence, and leaves no file behind', async () => {
    fs.mkdirSync(path.join(dir, 'mine'));
    fs.writeFileSync(path.join(dir, 'mine/precious.txt'), 'x');
    fs.symlinkSync('nowhere', path.join(dir, 'dangling'));
    fs.writeFileSync(path.join(dir, 'a-file'), '');
    const before = fs.readdirSync(dir).sort();
    for (const [code, words, sentence] of [
        [
            2,
            ['exporter', 'x'],
            /^there is no plugin kind exporter; the kinds are export, model, batch-model, file-explorer, markdown, input$/,
        ],
        [2, ['export', 'My_Module'], /^My_Module cannot be a module's name: it must be made of 1 to 64 of a-z, 0-9 and '-'/],
        [2, ['export', '../up'], /^\.\.\/up cannot be a module's name/],
        [2, ['export', ''], /^an empty text cannot be a module's name/],
        [2, ['export', 'x'.repeat(65)], /^x+ cannot be a module's name/],
        [2, ['export', 'install'], /^install cannot be a module's name: CMake has a target of that name$/],
        [1, ['export', 'mine'], /\/mine is there already; choose another name or folder$/],
        [1, ['export', 'dangling'], /\/dangling is there already/],
        [1, ['export', 'x', path.join(dir, 'a-file')], /^cannot make the folder .*\/a-file\/x: Not a directory$/],
    ]) {
        const refused = await make(...words);
        assert.equal(refused.code, code, words.join(' '));
        assert.match(refused.stderr.trim(), sentence);
        assert.equal(refused.stderr.trim().split('\n').length, 1);
        assert.equal(refused.stdout, '');
    }
    assert.deepEqual(fs.readdirSync(dir).sort(), before);
    assert.deepEqual(fs.readdirSync(path.join(dir, 'mine')), ['precious.txt']);
});
