// Modules for earlier and for later releases of the interface in the present angod.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startHub } from '../hub/hub.mjs';
import { Angod, program, run } from './lib/angod.mjs';
import { Result } from './lib/exporting.mjs';
import { failed } from './lib/lines.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const api = path.resolve(here, '../../module_api');
const releases = fs.readdirSync(path.join(api, 'frozen')).filter((name) => /^\d+\.\d+$/.test(name));
const HUB_TYPES = {
    export: 'Export',
    model: 'Model',
    'batch-model': 'Batch Model',
    'file-explorer': 'File Explorer',
    markdown: 'Markdown Generator',
    input: 'Input',
};

let dir;
before(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-test-'));
});
after(() => fs.rmSync(dir, { recursive: true, force: true }));

const headers = (release) => path.join(api, 'frozen', release);

/** Builds a source against these headers. */
async function build(source, file, include, defines = []) {
    const compiler = source.endsWith('.c') ? ['cc', '-std=c11'] : ['c++', '-std=c++20', '-fno-gnu-unique'];
    await run(compiler[0], [
        ...compiler.slice(1),
        '-shared',
        '-fPIC',
        '-fvisibility=hidden',
        '-Wall',
        '-Wextra',
        '-Werror',
        `-I${include}`,
        ...defines,
        source,
        '-o',
        file,
    ]);
    return file;
}

/** The module of lib/versions_module.c. */
const versions = (name, release, defines) =>
    build(path.join(here, 'lib/versions_module.c'), path.join(dir, `${name}.so`), headers(release), [`-DID="${name}"`, ...defines]);

const inspect = async (file) => JSON.parse((await run(program('angod-host'), ['inspect', file])).stdout);

/** A Hub, and an angod with these plugins on it: {name, module, kind}. */
async function start(modules, plugins) {
    const hub = await startHub({});
    const made = plugins.map(({ name, kind, ...more }) => ({
        name,
        kind,
        max_attempts: 1,
        ...more,
        plugin: hub.createPlugin({ name, type: HUB_TYPES[kind] }),
    }));
    const angod = new Angod(hub, { modules, plugins: made });
    const close = async () => {
        try {
            await angod.close();
        } finally {
            await hub.close();
        }
    };
    const system = { hub, angod, close, id: (name) => made.find((plugin) => plugin.name === name).plugin.id };
    try {
        await angod.start();
        for (const { plugin } of made) await hub.waitForLight(plugin.id, 'green', 20000);
    } catch (why) {
        await close().catch(() => {});
        throw why;
    }
    system.answer = async (name, request) => {
        const record = await hub.waitForSession(hub.run(system.id(name), request), 20000);
        assert.equal(record.state, 'answered', JSON.stringify(record.logs));
        return record.answers[0].message.response;
    };
    return system;
}

/** Both kinds of lib/versions_module.c, which checks every struct that it exchanges with the host. */
async function assertRuns(system, name) {
    const project = system.hub.createProject({ assets: 7, odd: false });
    assert.equal(await system.answer(`${name}-input`, {}), 'well');
    assert.equal(
        new Result(system.hub.files.find(await system.answer(`${name}-export`, { projectId: project.id }))).text('assets.txt'),
        '7',
    );
    system.angod.expect(failed('It was wished for.'));
    const { state, logs } = await system.hub.waitForSession(system.hub.run(system.id(`${name}-input`), { extra: { fail: true } }), 20000);
    assert.deepEqual([state, logs.map(({ msg }) => msg)], ['failed', ['It was wished for.']]);
}

const bothKinds = (module) => ['input', 'export'].map((kind) => ({ name: `${module}-${kind}`, module, kind }));

for (const release of releases)
    describe(`modules built against the header of ${release}`, () => {
        it('run: every example', async () => {
            const sources = fs.readdirSync(path.join(api, 'examples')).filter((name) => /\.(c|cpp)$/.test(name));
            assert.ok(sources.length >= 4);
            const files = await Promise.all(
                sources.map((name) =>
                    build(path.join(api, 'examples', name), path.join(dir, `${release}-${path.parse(name).name}.so`), headers(release)),
                ),
            );
            const found = await Promise.all(files.map(inspect));
            assert.ok(found.every(({ abi }) => abi === release));
            const system = await start(
                files,
                found.flatMap(({ id, kinds }) =>
                    kinds.map((kind) => ({
                        name: `${id}-${kind}`,
                        module: id,
                        kind,
                        ...(id === 'shelf' && { settings: { url: 'https://files.example.test/' } }),
                    })),
                ),
            );
            try {
                const project = system.hub.createProject({ assets: 7, odd: false });
                assert.equal(
                    await system.answer('input-project-c-input', { projectId: project.id }).then(({ project: id }) => id),
                    project.id,
                );
                assert.equal((await system.answer('echo-input', { projectId: project.id })).echo.projectId, project.id);
                for (const { id } of found.filter(({ kinds }) => kinds.includes('export'))) {
                    const url = await system.answer(`${id}-export`, { projectId: project.id });
                    assert.equal(new Result(system.hub.files.find(url)).records.length, 7, id);
                }
            } finally {
                await system.close();
            }
        });

        it('give and take structs as long as they were then', async () => {
            const system = await start([await versions('then', release, [])], bothKinds('then'));
            try {
                await assertRuns(system, 'then');
            } finally {
                await system.close();
            }
        });

        it('need not have what is optional at the end of the descriptor', async () => {
            const system = await start(
                [await versions('less', release, ['-DDESCRIPTOR_SIZE=offsetof(ango_module,describe)'])],
                bothKinds('less'),
            );
            try {
                await assertRuns(system, 'less');
            } finally {
                await system.close();
            }
        });
    });

describe('a module of a later release', () => {
    const latest = releases.at(-1);
    const LATER = ['-DABI=(ANGO_ABI+7)'];

    it('runs with longer structs, and without a service that it can do without', async () => {
        const file = await versions('future', latest, [...LATER, '-DMORE=32', '-DNEEDS="ango.telepathy"', '-DOPTIONAL=1']);
        assert.equal((await inspect(file)).abi, '1.7');
        const system = await start([file], bothKinds('future'));
        try {
            await assertRuns(system, 'future');
        } finally {
            await system.close();
        }
    });

    it('serves the kinds that this angod knows', async () => {
        const file = await versions('kinds', latest, [...LATER, '-DKINDS=((UINT64_C(1)<<40)|ANGO_KIND_INPUT)']);
        assert.deepEqual((await inspect(file)).kinds, ['input']);
        const system = await start([file], [{ name: 'kinds-input', module: 'kinds', kind: 'input' }]);
        try {
            assert.equal(await system.answer('kinds-input', {}), 'well');
        } finally {
            await system.close();
        }
    });

    const refusals = {
        'a service that this angod lacks': [
            [...LATER, '-DNEEDS="ango.telepathy"'],
            /^\S+: it needs services that this angod does not have: ango\.telepathy \(revision 1\); update angod\n$/,
        ],
        'another major version': [
            ['-DABI=(2u<<16)'],
            /^\S+: it was built for interface 2\.0, this angod has 1\.\d+; build it again with this angod's headers\n$/,
        ],
        'no kind that this angod knows': [
            [...LATER, '-DKINDS=(UINT64_C(1)<<40)'],
            /^\S+: it serves no plugin kind that this angod knows \(kinds 0x10000000000\)\n$/,
        ],
    };
    for (const [what, [defines, sentence]] of Object.entries(refusals))
        it(`is refused for ${what}, by name`, async () => {
            const { code, stderr } = await run(program('angod-host'), ['inspect', await versions('refused', latest, defines)], true);
            assert.equal(code, 1);
            assert.match(stderr, sentence);
        });
});

describe('the check of the header against a release', () => {
    const frozen = path.join(headers(releases.at(-1)), 'ango/module.h');
    /** The output for a header in which the first text is replaced by the second; empty if all promises are kept. */
    async function check(before, after) {
        const text = fs.readFileSync(frozen, 'utf8'),
            file = path.join(dir, 'module.h');
        assert.equal(text.split(before).length, 2, `the header has this once: ${before}`);
        fs.writeFileSync(
            file,
            text.replace(before, () => after),
        );
        const { code, stdout } = await run(
            'node',
            [path.resolve(here, '../../packaging/check.d/interface.mjs'), 'same', frozen, file],
            true,
        );
        assert.equal(code, stdout === '' ? 0 : 1);
        return stdout;
    }

    for (const [what, ...more] of [
        [
            'another thread of a function',
            'Any thread; cheap enough',
            'Job thread; cheap enough',
            /^ango_cancel_v1\.cancelled: was said to be ".*Any thread; cheap.*", is said to be ".*Job thread; cheap.*"; another contract is a new revision\n$/,
        ],
        [
            'another life of what a service gives',
            'Any thread. Text it returns is valid until the job ends.',
            'Any thread. Text it returns is valid until the next call.',
            /^ango_job_v1: was said to be /,
        ],
        [
            'another meaning of a member',
            '/* from 0: the first below the names */',
            '/* from 1: the first below the names */',
            /^ango_row\.number: was said to be /,
        ],
        [
            'words behind a member that were not there',
            'ango_str url;\n    const ango_str *headers;',
            'ango_str url; /* valid until the job ends */\n    const ango_str *headers;',
            /^ango_http_request\.url: was said to be "", /,
        ],
        [
            'another meaning of a number',
            '/* the job is being cancelled; return soon */',
            '/* the job is being cancelled */',
            /^ANGO_CANCELLED: was said to be /,
        ],
        [
            'another meaning of an object',
            "/* the host's: one run of a plugin */",
            "/* the host's: one attempt at a run */",
            /^typedef struct ango_job ango_job: was said to be /,
        ],
        [
            'a rule that is gone',
            ' *  - No exception may leave a function of either side.\n',
            '',
            /^a rule is gone: "Rules that hold for every declaration below: /,
        ],
        [
            'another type',
            'uint64_t limit; /* bytes of the answer',
            'int64_t limit; /* bytes of the answer',
            /^ango_http_request: was "uint64_t limit", is "int64_t limit"\n$/,
        ],
        ['another number', '#define ANGO_IO (-5) ', '#define ANGO_IO (-7) ', /^ANGO_IO: was \(-5\), is \(-7\)\n$/],
    ])
        it(`tells of ${what}`, async () => assert.match(await check(...more.slice(0, 2)), more[2]));

    for (const [what, before, after] of [
        [
            'more at the end of a struct',
            '    ango_str content_type;\n}',
            '    ango_str content_type;\n    /* Any thread. */\n    uint64_t age; /* seconds */\n}',
        ],
        ['a new number', '#define ANGO_OK 0\n', '#define ANGO_OK 0\n#define ANGO_LATER 9 /* not now */\n'],
        [
            'a new rule',
            ' *  - Functions return a status of the ANGO_ list below. A negative status is an error.\n',
            ' *  - Functions return a status of the ANGO_ list below. A negative status is an error.\n *  - Of two rules the later one holds.\n',
        ],
        ['lines that are broken elsewhere', 'Always a valid JSON object; the\n', 'Always a valid\n     * JSON object; the\n'],
    ])
        it(`lets ${what} pass`, async () => assert.equal(await check(before, after), ''));
});

test('the releases are complete, and frozen files were never edited', async () => {
    for (const release of releases) {
        const names = fs.readdirSync(headers(release));
        assert.deepEqual(
            ['ango', 'assertions.c', 'recorded.abi'].filter((name) => !names.includes(name)),
            [],
            release,
        );
        if (names.includes('SHA256SUMS'))
            await run('sha256sum', ['--check', '--quiet', '--strict', 'SHA256SUMS'], false, { cwd: headers(release) });
    }
    assert.notDeepEqual(releases, []);
});
