// The line that the death of a host leaves in the log: the signal, the file, the place in it and the function.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it, test } from 'node:test';
import { build, fixture, program, run } from './lib/angod.mjs';
import { hostDied } from './lib/lines.mjs';
import { needTools, skipped } from './lib/needs.mjs';
import { System } from './lib/system.mjs';

needTools('strip');
const skip = /^(asan|tsan)$/.test(path.basename(build)) && skipped('a sanitizer reports crashes itself');
let dir;
before(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-crash-'));
});
after(() => fs.rmSync(dir, { recursive: true, force: true }));

/** The output of angoctl run for a run that does this. */
async function said(module, event, ...words) {
    const file = path.join(dir, 'event.json');
    fs.writeFileSync(file, JSON.stringify(event));
    const ended = await run(program('angoctl'), ['run', module, '--event', file, ...words], true, { cwd: dir });
    return { ...ended, lines: ended.stderr.split('\n') };
}

describe('a crash', { skip }, () => {
    it('in a module names the file, the offset and the function', async () => {
        const { lines } = await said(fixture('tricks'), { trick: 'segv' });
        assert.match(
            lines.find((line) => line.includes('the host of module')),
            /was ended by signal 11 \(Segmentation fault\) .*; it printed: crash: signal 11 \(Segmentation fault\) at address 0x8, in tricks\.so\+0x[0-9a-f]+ \(\w*write_to_nothing\w*\)$/,
        );
    });

    it('for a stack that is used up names them, too', async () => {
        const { lines } = await said(fixture('tricks'), { trick: 'overflow' });
        assert.match(
            lines.find((line) => line.includes('the host of module')),
            /; it printed: crash: signal 11 \(Segmentation fault\) at address 0x[0-9a-f]+, in tricks\.so\+0x[0-9a-f]+ \(\w*use_up_the_stack\w*\)$/,
        );
    });

    it('in a library names the places in the module that are on the stack, with the one that led to it', async () => {
        const { lines } = await said(fixture('tricks'), { trick: 'crash' });
        assert.match(
            lines.find((line) => line.includes('the host of module')),
            /; it printed: about to crash \| crash: signal 6 \(Aborted\), in libc\.so\.6\+0x[0-9a-f]+.*, on its stack (tricks\.so\+0x[0-9a-f]+( \([\w.]+\))?, )*tricks\.so\+0x[0-9a-f]+ \(\w*Tricks\w*answer\w*\)/,
        );
    });

    it('in a module without symbols names file and offset', async () => {
        const stripped = path.join(dir, 'tricks.so');
        await run('strip', ['-o', stripped, fixture('tricks')]);
        const { lines } = await said(stripped, { trick: 'segv' });
        assert.match(
            lines.find((line) => line.includes('the host of module')),
            /, in tricks\.so\+0x[0-9a-f]+$/,
        );
    });

    it('is in the log of angod and in the problem of the job', () =>
        System.use({ plugins: { one: { module: 'tricks', max_attempts: 1 } }, modules: [fixture('tricks')] }, async (system) => {
            system.angod.expect(hostDied('was ended by signal 6 (Aborted)'));
            const session = system.hub.run(system.id('one'), { extra: { trick: 'crash' } });
            await system.settled(session);
            assert.match((await system.job(session)).problem, /crash: signal 6 \(Aborted\), in libc\.so\.6\+0x/);
        }));
});

test('what a module prints with printf is there when the line ends, also if it then ends without flushing', async () => {
    const { lines } = await said(fixture('tricks'), { trick: 'print and exit' });
    assert.match(
        lines.find((line) => line.includes('the host of module')),
        /exited with code 3 .*; it printed: one line on stdout$/,
    );
});

describe('angoctl run --debugger', () => {
    /** A program that writes its words to a file and runs the last of them. */
    const recorder = (name) => {
        const file = path.join(dir, name);
        fs.writeFileSync(file, `#!/bin/bash\nprintf '%s\\n' "$@" >${dir}/words\nexec "\${@: -1}"\n`, { mode: 0o755 });
        return file;
    };
    const host = program('angod-host');

    for (const [name, words] of [
        ['gdb', ['-q', '--args', host]],
        ['lldb', ['--', host]],
        ['valgrind', [host]],
    ])
        it(`runs the host under ${name}`, async () => {
            const { code, stdout, stderr } = await said(fixture('tricks'), {}, '--debugger', recorder(name));
            assert.deepEqual([code, stdout], [0, '"attempt 1"\n'], stderr);
            assert.deepEqual(fs.readFileSync(path.join(dir, 'words'), 'utf8').trimEnd().split('\n'), words);
        });

    it('names a debugger that is not there', async () => {
        const { code, stderr } = await said(fixture('tricks'), {}, '--debugger', '/nowhere/gdb');
        assert.deepEqual([code, stderr], [1, 'failed: cannot start /nowhere/gdb: No such file or directory\n']);
    });
});
