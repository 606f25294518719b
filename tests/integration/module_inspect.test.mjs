// The description of a module file, and the errors for files that are not modules.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it, test } from 'node:test';
import { example, module_, program, run } from './lib/angod.mjs';
import { broken, compile, damaged, deadly } from './lib/broken.mjs';

let dir;
before(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-test-'));
});
after(() => fs.rmSync(dir, { recursive: true, force: true }));

const inspect = (file) => run(program('angod-host'), ['inspect', file], true);

/** Asserts that the file is refused with one sentence that begins with its name. */
async function refused(file, sentence) {
    for (const [name, words] of [
        ['angod-host', ['inspect', file]],
        ['angoctl', ['inspect', file]],
    ]) {
        const { code, stdout, stderr } = await run(program(name), words, true);
        assert.deepEqual([code, stdout], [1, ''], stderr);
        assert.match(stderr, /^[^\n]+\n$/, 'one line');
        assert.match(stderr, new RegExp(`(^|/)${path.basename(file).replace(/\W/g, '\\$&')}: `));
        assert.match(stderr, sentence);
        assert.doesNotMatch(stderr, /boost|Bad file descriptor/, 'in words of the user');
    }
}

test('the descriptor is printed as JSON', async () => {
    const { code, stdout } = await inspect(module_('export_coco'));
    assert.equal(code, 0);
    const { requires, ...rest } = JSON.parse(stdout);
    assert.deepEqual(rest, {
        id: 'export-coco',
        name: 'COCO export',
        version: '0.1.0',
        summary: 'Converts an export to COCO instances or keypoints',
        abi: '1.0',
        kinds: ['export'],
        concurrent: true,
    });
    assert.ok(requires.some(({ service, revision, optional }) => service === 'ango.reader' && revision === 1 && optional === false));
});

test('a module in C is described like one in C++', async () => {
    const [c, cpp] = await Promise.all(
        ['export_lines_c', 'export_lines_cpp'].map(async (name) => JSON.parse((await inspect(example(name))).stdout)),
    );
    assert.deepEqual([c.kinds, c.abi, c.summary], [cpp.kinds, cpp.abi, cpp.summary]);
});

test('angoctl prints the same, and needs no daemon', async () => {
    const file = example('echo');
    const [host, ctl] = await Promise.all([
        inspect(file),
        run(program('angoctl'), ['--socket', path.join(dir, 'none'), 'inspect', file], true),
    ]);
    assert.deepEqual(ctl, host);
});

test('a model lists the classes that it finds with these settings, and its options', async () => {
    const file = module_('detect_fixed'),
        box = { class: 'Truck', x: 1, y: 2, width: 3, height: 4 };
    for (const [name, words] of [
        ['angod-host', []],
        ['angoctl', []],
    ]) {
        const { code, stdout } = await run(
            program(name),
            [
                ...words,
                'inspect',
                file,
                '--settings',
                JSON.stringify({ boxes: [box, box], classifications: [{ class: 'Weather', answer: 'rain' }] }),
            ],
            true,
        );
        const { classes, config, kinds } = JSON.parse(stdout);
        assert.deepEqual([code, classes, config.boxes, kinds], [0, ['Truck', 'Weather'], [box, box], ['model', 'batch-model']], name);
    }
    assert.deepEqual(JSON.parse((await inspect(file)).stdout).classes, []);
    assert.equal(JSON.parse((await inspect(example('echo'))).stdout).classes, undefined);
});

test('settings that a module refuses, and invalid settings, are an error', async () => {
    for (const [settings, sentence] of [
        ['{"boxes":[{}]}', /detect_fixed\.so: Option boxes\[1\]\.class is missing\.\n$/],
        ['[]', /^--settings is not a JSON object\n$/],
        ['{', /^--settings is not a JSON object\n$/],
    ]) {
        const { code, stdout, stderr } = await run(
            program('angod-host'),
            ['inspect', module_('detect_fixed'), '--settings', settings],
            true,
        );
        assert.deepEqual([code, stdout], [1, '']);
        assert.match(stderr, sentence);
    }
});

test('a relative path is looked up in the current folder', async () => {
    const { code, stdout } = await run(program('angod-host'), ['inspect', 'echo.so'], true, { cwd: path.dirname(example('echo')) });
    assert.deepEqual([code, JSON.parse(stdout).id], [0, 'echo']);
});

test('the module that all broken ones are made of is a good one', async () => {
    const file = path.join(dir, 'good.so');
    await compile(file);
    const { code, stdout } = await inspect(file);
    assert.deepEqual([code, JSON.parse(stdout).id], [0, 'not-broken']);
});

test('a service, or a revision of one, that this angod lacks does not matter if the module can do without', async () => {
    const file = path.join(dir, 'optional.so');
    for (const [service, revision] of [
        ['ango.telepathy', 1],
        ['ango.log', 2],
    ]) {
        await compile(file, [`-DNEEDS="${service}"`, `-DREVISION=${revision}`, '-DOPTIONAL=1']);
        const { code, stdout } = await inspect(file);
        assert.deepEqual([code, JSON.parse(stdout).requires], [0, [{ service, revision, optional: true }]]);
    }
});

describe('a module is refused with one clear sentence', { concurrency: 2 }, () => {
    for (const [how, [defines, sentence]] of Object.entries(broken)) {
        it(`for ${how}`, async () => {
            const file = path.join(dir, `${how.replace(/\W/g, '_')}.so`);
            await compile(file, defines);
            await refused(file, sentence);
        });
    }
});

describe('a file that is no library is refused with one clear sentence', { concurrency: 2 }, () => {
    for (const [what, bytes] of Object.entries(damaged)) {
        it(what, async () => {
            const file = path.join(dir, `${what.replace(/\W/g, '_')}.so`);
            fs.writeFileSync(file, bytes());
            await refused(file, /./);
        });
    }
    it('a file that does not exist', () => refused(path.join(dir, 'missing.so'), /No such file/));
    it('a folder', () => {
        fs.mkdirSync(path.join(dir, 'folder.so'));
        return refused(path.join(dir, 'folder.so'), /directory|regular file/);
    });
});

for (const [how, defines] of Object.entries(deadly)) {
    test(`a module that makes the process ${how} is not taken for a good one`, async () => {
        const file = path.join(dir, 'deadly.so');
        await compile(file, defines);
        await assert.rejects(async () => JSON.parse((await inspect(file)).stdout)); // it has no descriptor, or it was killed
    });
}

test('wrong words are a usage error', async () => {
    for (const [name, words] of [
        ['angod-host', []],
        ['angod-host', ['inspect']],
        ['angoctl', ['inspect']],
        ['angoctl', ['inspect', 'a', 'b']],
    ]) {
        const { code, stderr } = await run(program(name), words, true);
        assert.equal(code, 2, `${name} ${words}`);
        assert.match(stderr, /./);
    }
});
