// A module that is built outside of the source tree, with only the files that are installed for module authors.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build, run } from './lib/angod.mjs';
import { Exporting } from './lib/exporting.mjs';

const SOURCE_CPP = `#include <ango/module.hpp>

struct Count : ango::Export {
    void convert(ango::Job &, ango::Reader &assets, ango::Writer &zip) override {
        int count = 0;
        for ([[maybe_unused]] const ango::Asset &asset : assets) ++count;
        zip.open("count.txt").write(std::to_string(count));
    }
};
ANGO_MODULE(Count, {.id = MODULE_ID})
`;
const SOURCE_C = `#include <ango/module.h>
#include <stddef.h>

int a_function_that_others_must_not_see(void) { return 7; }
static int32_t create(const ango_host *host, const ango_str *settings, ango_instance **out)
{
    static char the_only_instance;
    (void)host, (void)settings, *out = (ango_instance *)&the_only_instance;
    return ANGO_OK;
}
static void destroy(ango_instance *instance) { (void)instance; }
static int32_t convert(ango_instance *i, ango_job *j, ango_reader *r, ango_writer *w)
{
    (void)i, (void)j, (void)r, (void)w;
    return ANGO_OK;
}
static const void *table(const ango_str *name, uint32_t revision)
{
    static const ango_export_v1 exports = {.struct_size = sizeof exports, .convert = convert};
    return name->size == 11 && revision == 1 ? &exports : NULL;
}
const ango_module *ango_module_entry(uint32_t host_abi)
{
    static const ango_module module = {.struct_size = sizeof module, .abi = ANGO_ABI, .kinds = ANGO_KIND_EXPORT,
        .id = {"nothing-in-c", 12}, .create = create, .destroy = destroy, .table = table};
    return host_abi ? &module : NULL;
}
`;
const PROJECT = (languages, name, file) => `cmake_minimum_required(VERSION 3.20)
project(my_module LANGUAGES ${languages})
find_package(ango-module 1.0 REQUIRED)
ango_add_module(${name} ${file})
`;

let dir, prefix;
before(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-test-'));
    prefix = path.join(dir, 'prefix');
    await run('cmake', ['--install', path.join(build, 'module_api'), '--prefix', prefix]);
});
after(() => fs.rmSync(dir, { recursive: true, force: true }));

const find = (name) =>
    fs
        .readdirSync(prefix, { recursive: true })
        .map((file) => path.join(prefix, file))
        .find((file) => path.basename(file) === name);

/** Builds the source with CMake and returns the module file. */
async function withCmake(languages, name, file, source, more = []) {
    const folder = path.join(dir, name);
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, file), source);
    fs.writeFileSync(path.join(folder, 'CMakeLists.txt'), PROJECT(languages, name, file));
    await run('cmake', [
        '-S',
        folder,
        '-B',
        path.join(folder, 'build'),
        '-DCMAKE_BUILD_TYPE=Release',
        `-DCMAKE_PREFIX_PATH=${prefix}`,
        ...more,
    ]);
    await run('cmake', ['--build', path.join(folder, 'build')]);
    return path.join(folder, 'build', `${name}.so`);
}

async function pkgConfig(...words) {
    const env = { ...process.env, PKG_CONFIG_PATH: path.dirname(find('ango-module.pc')) };
    return (await run('pkg-config', [...words, 'ango-module'], false, { env })).stdout.trim();
}

/** Builds the source as a makefile does. */
async function withPkgConfig() {
    const source = path.join(dir, 'by_hand.cpp'),
        file = path.join(dir, 'by_hand.so');
    fs.writeFileSync(source, SOURCE_CPP);
    const [flags, map] = [await pkgConfig('--cflags'), await pkgConfig('--variable=modulemap')];
    await run('g++', [
        '-std=c++20',
        '-fPIC',
        '-shared',
        '-DMODULE_ID="count-by-hand"',
        ...flags.split(/\s+/),
        source,
        `-Wl,--version-script=${map}`,
        '-o',
        file,
    ]);
    return file;
}

async function exported(file) {
    const { stdout } = await run('nm', ['-D', '--defined-only', file]);
    return stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split(' ').at(-1));
}

test('headers, the CMake package and the pkg-config file are installed under the prefix', async () => {
    for (const name of ['module.h', 'module.hpp', 'ango-module-config.cmake', 'ango_add_module.cmake', 'module.map', 'ango-module.pc'])
        assert.ok(find(name), name);
    assert.equal(path.dirname(find('module.h')), path.join(prefix, 'include/ango'));
});

test('the pkg-config file names the folder of the installation', async () => {
    assert.equal(path.resolve(await pkgConfig('--variable=includedir')), path.join(prefix, 'include'));
    assert.ok(fs.existsSync(await pkgConfig('--variable=modulemap')));
    assert.match(await pkgConfig('--modversion'), /^1\.0$/);
});

for (const [compiler, standards, header] of [
    ['cc', ['c11', 'c17'], 'module.h'],
    ['c++', ['c++11', 'c++20'], 'module.h'],
    ['c++', ['c++20', 'c++2b'], 'module.hpp'],
]) {
    for (const standard of standards) {
        test(`${header} compiles as ${standard} without a warning`, async () => {
            const file = path.join(dir, compiler === 'cc' ? 'only.c' : 'only.cpp');
            fs.writeFileSync(
                file,
                `#include <ango/${header}>\nint main() { return 0; }\n`.replace('main()', compiler === 'cc' ? 'main(void)' : 'main()'),
            );
            await run(compiler, [
                `-std=${standard}`,
                '-Wall',
                '-Wextra',
                '-Wpedantic',
                '-Wshadow',
                '-Wconversion',
                '-Werror',
                '-fsyntax-only',
                `-I${prefix}/include`,
                file,
            ]);
        });
    }
}

test('modules built with CMake and with pkg-config export their entry only, and work', async () => {
    const files = [
        await withCmake('CXX', 'count_cmake', 'count.cpp', SOURCE_CPP, ['-DCMAKE_CXX_FLAGS=-DMODULE_ID=\\"count-cmake\\"']),
        await withCmake('C', 'nothing_in_c', 'nothing.c', SOURCE_C),
        await withPkgConfig(),
    ];
    for (const file of files) assert.deepEqual(await exported(file), ['ango_module_entry'], file);
    const system = await Exporting.start({
        modules: files,
        plugins: { cmake: { module: 'count-cmake' }, hand: { module: 'count-by-hand' }, c: { module: 'nothing-in-c' } },
    });
    try {
        for (const name of ['cmake', 'hand'])
            assert.equal(system.result(await system.run(name, system.project({ assets: 77 }))).text('count.txt'), '77');
        assert.equal((await system.run('c', system.project())).state, 'answered');
    } finally {
        await system.close();
    }
});

for (const version of ['1.1', '2.0'])
    test(`a project that asks for interface ${version} does not take this package`, async () => {
        const folder = path.join(dir, `future-${version}`);
        fs.mkdirSync(folder);
        fs.writeFileSync(path.join(folder, 'CMakeLists.txt'), PROJECT('CXX', 'x', 'x.cpp').replace('1.0', version));
        const { code, stderr } = await run(
            'cmake',
            ['-S', folder, '-B', path.join(folder, 'build'), `-DCMAKE_PREFIX_PATH=${prefix}`],
            true,
        );
        assert.notEqual(code, 0);
        assert.match(stderr, new RegExp(`compatible with requested version\\s+"${version.replace('.', '\\.')}"`));
    });
