// Files that look like modules but are not.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { example, run } from './angod.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const include = path.resolve(here, '../../../module_api/include');

/** The ways in which a module can be broken: the compiler's options, and the sentence for the user. */
export const broken = {
    'entry of another name': [['-DOTHER_ENTRY'], /does not export ango_module_entry; is it an angod module\?/],
    'another major interface': [['-DABI=(7u<<16)'], /it was built for interface 7\.0, this angod has 1\.\d+; build it again/],
    'the interface before 1.0': [['-DABI=1u'], /it was built for interface 0\.1, this angod has 1\.\d+; build it again/],
    'no descriptor': [['-DBROKEN="no descriptor"'], /says that it cannot work with interface 1\.\d+/],
    'a descriptor that is too short': [['-DBROKEN="short descriptor"'], /its descriptor is incomplete/],
    'no create': [['-DBROKEN="no create"'], /its descriptor is incomplete/],
    'a need that is missing in the list': [['-DBROKEN="a hole in the list of needs"'], /its descriptor is incomplete/],
    'a need that is too short': [['-DBROKEN="short need"'], /its descriptor is incomplete/],
    'needs without a list': [['-DBROKEN="no list of needs"'], /its descriptor is incomplete/],
    'no kind': [['-DKINDS=0'], /it serves no plugin kind that this angod knows/],
    'a kind of the future': [['-DKINDS=(UINT64_C(1)<<40)'], /it serves no plugin kind that this angod knows/],
    'no table': [['-DBROKEN="no table"'], /it says that it serves "ango\.input" but has no table for it/],
    'no table, of a later interface': [
        ['-DBROKEN="no table"', '-DABI=(ANGO_ABI+7)'],
        /it was built for interface 1\.7 and serves "ango\.input" in a way that this angod, with 1\.0, does not know; update angod/,
    ],
    'a table that is too short': [['-DBROKEN="short table"'], /its table for "ango\.input" is too short/],
    'a table without its function': [['-DBROKEN="no function in the table"'], /its table for "ango\.input" has no answer/],
    'no id': [['-DID=""'], /its id is not made of 1 to 64 of a-z, 0-9 and '-'/],
    'an id that is a path': [['-DID="../x"'], /its id is not made of/],
    'an id that is too long': [[`-DID="${'a'.repeat(65)}"`], /its id is not made of/],
    'a service that this angod lacks': [
        ['-DNEEDS="ango.telepathy"'],
        /it needs services that this angod does not have: ango\.telepathy \(revision 1\); update angod/,
    ],
    'a later revision of a service than this angod has': [
        ['-DREVISION=2'],
        /it needs services that this angod does not have: ango\.log \(revision 2; angod has 1\); update angod/,
    ],
    'a function that nobody has': [['-DUNRESOLVED'], /it cannot be loaded: .*function_that_nobody_has/],
};

/** The ways in which a module can end the process that checks it. */
export const deadly = {
    'abort while loading': ['-DBROKEN="abort while loading"'],
    'exit while loading': ['-DBROKEN="exit while loading"'],
    'abort in the entry': ['-DBROKEN="abort in the entry"'],
};

/** The ways in which a module can fail when an instance is created. */
export const failing = {
    'abort in create': ['-DBROKEN="abort in create"', '-DID="abort-in-create"'],
    'exit in create': ['-DBROKEN="exit in create"', '-DID="exit-in-create"'],
    'fail in create': ['-DBROKEN="fail in create"', '-DID="fail-in-create"'],
};

/** The ways that end only by a time limit. */
export const hanging = {
    'hang while loading': ['-DBROKEN="hang while loading"'],
    'hang in create': ['-DBROKEN="hang in create"', '-DID="hang-in-create"'],
};

/** A module that is good as soon as this file exists. */
export const waiting = (gate) => ['-DBROKEN="wait while loading"', '-DID="waits"', `-DGATE="${gate}"`];

/** Files that the system's loader must refuse. */
export const damaged = {
    text: () => Buffer.from('this is not a library\n'),
    'an empty file': () => Buffer.alloc(0),
    'the first bytes of a module': () => whole().subarray(0, 60),
    'the first half of a module': () => whole().subarray(0, whole().length / 2),
    'a module that is cut in the middle of its code': () => whole().subarray(0, 8000),
    'all of a module but its end': () => whole().subarray(0, -4000),
    'a module for another processor': () => {
        const bytes = Buffer.from(whole());
        bytes.writeUInt16LE(0x16, 18); // e_machine: S/390
        return bytes;
    },
};

const whole = () => fs.readFileSync(example('echo'));

/** Compiles the module into the file. */
export async function compile(file, defines = [], source = 'broken_module.c') {
    await run('cc', [
        '-std=c11',
        '-shared',
        '-fPIC',
        '-fvisibility=hidden',
        '-Wall',
        '-Wextra',
        '-Werror',
        '-Wno-missing-field-initializers',
        `-I${include}`,
        ...defines,
        path.join(here, source),
        '-o',
        file,
    ]);
}
