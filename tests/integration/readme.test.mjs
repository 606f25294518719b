// README.md is true: its commands run literally and in order, in one shell with a home folder of its own, and print what it
// shows. Then the tables of packaging/doc/configure.md: they have every key of the configuration, with its default.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build, module_, program, run, until } from './lib/angod.mjs';
import { freePort } from './lib/ports.mjs';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const read = (file) => fs.readFileSync(path.join(repository, file), 'utf8');

/** The fenced blocks of a document: { language, text }. */
const blocksOf = (markdown) => [...markdown.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(([, language, text]) => ({ language, text }));

/** A line without what differs from run to run. */
const masked = (line) =>
    line
        .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d\.\d+Z)?/g, 'TIME')
        .replace(/\d+/g, 'N')
        .replace(/ +/g, ' ')
        .trim();

/** The lines that a README shows, without the one that stands for others. */
const shownLines = (text) =>
    text
        .split('\n')
        .filter((line) => line !== '' && line !== '…')
        .map(masked);

/** Whether the lines are among those of the output, in this order. */
function hasInOrder(output, lines) {
    const printed = output.split('\n').map(masked);
    let from = 0;
    return lines.every((line) => {
        from = printed.indexOf(line, from) + 1;
        return from > 0;
    });
}

/** One bash that runs block after block, as a terminal does. */
class Shell {
    #child;
    #blocks = 0;
    output = '';

    constructor(home) {
        const withoutProxies = Object.entries(process.env).filter(([name]) => !/^(https?|no)_proxy$/i.test(name));
        const env = { ...Object.fromEntries(withoutProxies), HOME: home };
        // A process group of its own: what is left at the end goes with it.
        this.#child = spawn('bash', ['-s'], { cwd: repository, env, detached: true });
        for (const stream of [this.#child.stdout, this.#child.stderr])
            stream.setEncoding('utf8').on('data', (text) => {
                this.output += text;
            });
    }

    /** Runs a block to its end and returns its output; what runs in the background may add to output later. */
    async run(block, timeoutMs = 120_000) {
        const begin = this.output.length;
        const mark = `-- the end of block ${(this.#blocks += 1)} --`;
        this.#child.stdin.write(`${block}\nstatus=$?; echo; echo '${mark}' $status\n`);
        const ended = () => new RegExp(`^${mark} (\\d+)$`, 'm').exec(this.output.slice(begin));
        await until(() => ended() || this.#child.exitCode !== null, `the end of\n${block}\n`, timeoutMs);
        assert.equal(ended()?.[1], '0', `${block}\nprinted\n${this.output.slice(begin)}`);
        return this.output.slice(begin);
    }

    async close() {
        const closed = once(this.#child, 'close');
        try {
            process.kill(-this.#child.pid, 'SIGKILL');
        } catch {
            return; // all of it has ended
        }
        await closed;
    }
}

describe('the commands of README.md', () => {
    const blocks = blocksOf(read('README.md'));
    const commands = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text);
    let home, shell, port;
    before(async () => {
        home = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-readme-'));
        shell = new Shell(home);
        port = await freePort();
    });
    after(async () => {
        await shell.close();
        fs.rmSync(home, { recursive: true, force: true });
    });

    /** The block with the reader's own port, and the id and secret that the Hub printed. The build is the one under test. */
    function asTyped(block) {
        const [, id, secret] = /"plugins":\[\{"id":"([^"]+)","secret":"([^"]+)"/.exec(shell.output) ?? [];
        return block
            .replaceAll('8800', String(port))
            .replaceAll('build/release', build)
            .replace(/^ID=\w+ SECRET=\S+$/m, `ID=${id} SECRET=${secret}`);
    }

    /** Runs a block and waits until the output has what README.md shows below it. */
    async function type(number) {
        const begin = shell.output.length;
        const printed = await shell.run(asTyped(commands[number]));
        const next = blocks[blocks.findIndex(({ text }) => text === commands[number]) + 1];
        if (next?.language === 'text') {
            const lines = shownLines(next.text);
            await until(() => hasInOrder(shell.output.slice(begin), lines), `the output that README.md shows:\n${next.text}`, 30_000);
        }
        return printed;
    }

    it('there are four blocks of them, and two of output', () => {
        assert.equal(commands.length, 4);
        assert.equal(blocks.filter(({ language }) => language === 'text').length, 2);
    });

    it('install angod and start a Hub, which prints a plugin', async () => {
        await type(0);
        await until(() => /"plugins":\[\{"id":/.test(shell.output), 'the first line of the Hub');
        for (const file of [
            'bin/angod',
            'bin/angod-host',
            'bin/angoctl',
            'share/doc/angod/configure.md',
            'lib/angod/modules/export_coco.so',
        ])
            assert.ok(fs.existsSync(path.join(home, 'angod', file)), file);
    });

    it('make a green light', async () => {
        await type(1);
    });

    it('run the plugin and fetch its result', async () => {
        await type(2);
    });

    it('make a module that runs by itself and in the place of the plugin, and end', async () => {
        const lines = commands[3].trim().split('\n');
        const untilEnd = lines.findIndex((line) => line.startsWith('angoctl shutdown'));
        assert.equal(untilEnd, lines.length - 1);
        const printed = await shell.run(asTyped(lines.slice(0, untilEnd).join('\n')));
        assert.match(printed, /converted \d+ assets/);
        const plugin = async () => JSON.parse(await shell.run('angoctl --json plugin coco').then((text) => text.match(/\{.*\}/)[0]));
        await until(async () => {
            const { state, module } = await plugin();
            return state === 'live' && module === 'my-lines';
        }, 'the plugin to be live with the new module');
        const operate = read('packaging/doc/operate.md');
        for (const [, name] of (await shell.run('angoctl metrics')).matchAll(/^# TYPE (\w+) /gm))
            assert.ok(operate.includes(`\`${name}\``), `operate.md does not name the metric ${name}`);
        await shell.run(lines[untilEnd]);
        await until(() => /stopped with 0 jobs left/.test(shell.output), 'the end of angod');
    });

    it('the module that it shows compiles, and is what it says', async () => {
        const [{ text }] = blocks.filter(({ language }) => language === 'cpp');
        assert.ok(text.trim().split('\n').length <= 10);
        const source = path.join(home, 'shown.cpp');
        fs.writeFileSync(source, text);
        const include = path.join(home, 'angod/include');
        const library = path.join(home, 'shown.so');
        await run('g++', ['-std=c++20', '-Wall', '-Werror', '-shared', '-fPIC', `-I${include}`, source, '-o', library]);
        const about = JSON.parse((await run(program('angoctl'), ['inspect', library])).stdout);
        assert.equal(about.id, 'my-lines');
        assert.deepEqual(about.kinds, ['export']);
    });
});

test('packaging/demo builds everything that cmake --install installs', async () => {
    const [, targets] = /cmake --build --preset release --target ([\w ]+?) \|/.exec(read('packaging/demo'));
    const { stdout } = await run('ninja', ['-C', build, '-t', 'query', ...targets.trim().split(' ')]);
    const inputs = new Set(stdout.split('\n').map((line) => line.replace(/^[ |]+/, '')));
    const installed = [
        ...['angod', 'angod-host', 'angoctl'].map(program),
        ...['export_coco', 'detect_fixed', 'explorer_s3', 'markdown', 'markdown_agnostic'].map(module_),
    ];
    for (const file of installed) assert.ok(inputs.has(path.relative(build, file)), `${file} is not built by packaging/demo`);
});

test('packaging/doc/operate.md has every command of angoctl, with its verbs and options', async () => {
    const operate = read('packaging/doc/operate.md');
    const help = (...words) => run(program('angoctl'), [...words, '--help']).then(({ stdout }) => stdout);
    const commands = [...(await help()).split('Subcommands:')[1].matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name);
    assert.ok(commands.length >= 14);
    for (const command of commands) {
        const rows = operate.split('\n').filter((line) => line.startsWith(`| \`angoctl ${command}`));
        assert.ok(rows.length > 0, `operate.md does not have angoctl ${command}`);
        if (command === 'run') continue; // operate.md refers to its --help
        const words = (await help(command)).match(/(?<= )--(?!help|settings)[a-z]+|(?<=[{,])[a-z]+(?=[,}])/g) ?? [];
        for (const word of words)
            assert.ok(
                rows.some((row) => row.includes(word) || word === '--follow'),
                `angoctl ${command} ${word}`,
            );
    }
});

describe('packaging/doc/configure.md', () => {
    const text = read('packaging/doc/configure.md');
    let dir;
    before(() => {
        dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-readme-'));
    });
    after(() => fs.rmSync(dir, { recursive: true, force: true }));

    const check = (config) => {
        const file = path.join(dir, 'angod.json');
        fs.writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config));
        return run(program('angod'), ['--config', file, '--check-config'], true);
    };
    /** The keys in the table of a section. */
    const keysOf = (heading) => {
        const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
        return [...section.matchAll(/^\| `(\w+)`/gm)].map(([, key]) => key).sort();
    };

    it('has every key of every section, and no other', async () => {
        const unknown = { zzzzzzzzzzzzzzzzzzzz: 1 };
        const { stderr } = await check({
            ...unknown,
            ...Object.fromEntries(['hub', 'admin', 'connector', 'log', 'limits', 'crash'].map((name) => [name, unknown])),
            plugins: [unknown],
        });
        const known = new Map(
            [...stderr.matchAll(/: (\S*?)\.?z{20}: unknown key; known here: (.*)$/gm)].map(([, where, keys]) => [
                where,
                keys.split(', ').sort(),
            ]),
        );
        for (const [where, heading] of [
            ['', 'Top-level keys'],
            ['hub', 'hub'],
            ['admin', 'admin'],
            ['connector', 'connector'],
            ['log', 'log'],
            ['limits', 'limits'],
            ['crash', 'crash'],
            ['plugins[0]', 'plugins'],
        ])
            assert.deepEqual(keysOf(heading), known.get(where), `section ${heading}`);
    });

    it('has an example with every key that is in order', async () => {
        const [{ text: example }] = blocksOf(text).filter(({ language }) => language === 'jsonc');
        const secret = path.join(dir, 'secret');
        fs.writeFileSync(secret, 'a secret', { mode: 0o600 });
        const { stderr } = await check(example.replace('/etc/angod/secrets/coco', secret));
        // The modules and folders of the example are not on this machine, which is told of after the file is read.
        assert.doesNotMatch(stderr, /^error: /m);
        for (const heading of ['Top-level keys', 'hub', 'admin', 'connector', 'log', 'limits', 'crash', 'plugins'])
            for (const key of keysOf(heading).filter((one) => !/^secret(_env|_credential)?$/.test(one)))
                assert.ok(example.includes(`"${key}"`), `the example has no ${key}`);
    });

    it('has the ranges of the numbers', async () => {
        for (const [, key, least, most] of text.matchAll(/^\| `(\w+)`[^|]*\| (\d+) to (\d+) \|/gm)) {
            const section = text
                .slice(0, text.indexOf(`| \`${key}\``))
                .match(/^## (.*)$/gm)
                .at(-1)
                .slice(3);
            const at = (value) => ({
                ...(section === 'Top-level keys' ? { [key]: value } : {}),
                ...(section !== 'plugins' && section !== 'Top-level keys' ? { [section]: { [key]: value } } : {}),
                plugins: [{ name: 'a', id: '1', secret: 's', module: 'm', ...(section === 'plugins' ? { [key]: value } : {}) }],
            });
            for (const [value, wrong] of [
                [Number(least) - 1, true],
                [Number(least), false],
                [Number(most), false],
                [Number(most) + 1, true],
            ])
                assert.equal(/^error: /m.test((await check(at(value))).stderr), wrong, `${section}.${key} = ${value}`);
        }
    });
});
