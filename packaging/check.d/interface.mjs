// Reads a header of the interface, for packaging/check.d/abi.
//   interface.mjs version HEADER            prints "1.0"
//   interface.mjs assertions HEADER         prints a C file that asserts what the header declares
//   interface.mjs same FROZEN PRESENT       fails with a line for each declaration of FROZEN that PRESENT has changed, in
//                                           the code or in its comment
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The code of a header, without comments and continued lines. */
const codeOf = (file) =>
    fs
        .readFileSync(file, 'utf8')
        .replace(/\/\*[\s\S]*?\*\//g, ' ')
        .replace(/\\\n/g, ' ');

const oneLine = (text) =>
    text
        .replace(/\n *\*/g, ' ')
        .replace(/\s+/g, ' ')
        .trim();

/** The comments of a header's declarations: by name, those before and behind the declaration as one line. */
function contracts(file) {
    const comments = [];
    const text = fs
        .readFileSync(file, 'utf8')
        .replace(/\/\*([\s\S]*?)\*\//g, (_, words) => `‹${comments.push(oneLine(words)) - 1}›`)
        .replace(/;((?:[ \t]*‹\d+›)+)/g, '$1;') // a comment behind a member belongs to it, not to the next one
        .replace(/\\\n/g, ' ');
    const saidIn = (part) => [...part.matchAll(/‹(\d+)›/g)].map(([, number]) => comments[number]).join(' ');
    const codeIn = (part) => part.replace(/‹\d+›/g, ' ');
    const found = {};
    for (const [, before, name, body] of text.matchAll(/^((?:‹\d+›\n)?)typedef struct (ango_\w+) \{([^}]*)\}/gm)) {
        found[name] = saidIn(before);
        for (const part of body.split(';')) for (const member of members(codeIn(part))) found[`${name}.${member.name}`] = saidIn(part);
    }
    for (const [, before, name, behind] of text.matchAll(/^((?:‹\d+›\n)?)#define (ANGO_\w+)([^\n]*)$/gm))
        found[name] = saidIn(before + behind);
    for (const [all, code] of text.matchAll(/^(?:‹\d+›\n)?(typedef [^{};]*);/gm)) found[oneLine(codeIn(code))] = saidIn(all);
    return found;
}

/** The rules for all declarations at a header's head: its paragraphs, each as one line. */
const rules = (file) =>
    /\/\*([\s\S]*?)\*\//
        .exec(fs.readFileSync(file, 'utf8'))[1]
        .split(/\n *\*(?=\n)/)
        .map(oneLine);

/** The structs of a header: by name their members, each with its declaration on one line. */
function structs(file) {
    return Object.fromEntries(
        [...codeOf(file).matchAll(/typedef struct (ango_\w+) \{([^}]*)\} \1;/g)].map(([, name, body]) => [
            name,
            body.split(';').flatMap(members),
        ]),
    );
}

function members(declaration) {
    const text = declaration.replace(/\s+/g, ' ').trim();
    if (text === '') return [];
    const called = /\(\*(\w+)\)/.exec(text);
    if (called) return [{ name: called[1], text }];
    const [, type, names] = /^(.*?[ *])(\w+(?:, \w+)*)$/.exec(text); // "ango_str region, key" is two members
    return names.split(', ').map((name) => ({ name, text: type + name }));
}

/** The numbers that are compiled into modules: their text by name. */
function constants(file) {
    const defined = [...codeOf(file).matchAll(/^#define (ANGO_\w+) +([^\n]*\d[^\n]*)$/gm)].map(([, name, value]) => [
        name,
        value.replace(/\s+/g, ' ').trim(),
    ]);
    return Object.fromEntries(defined.filter(([name]) => !/^ANGO_(ABI|ABI_\w+|EXPORT|MODULE_H)$/.test(name)));
}

function version(file) {
    const part = (name) => new RegExp(`#define ANGO_ABI_${name} (\\d+)u`).exec(codeOf(file))[1];
    return `${part('MAJOR')}.${part('MINOR')}`;
}

/** The layout of the structs according to the compiler: lines "name size" and "name member offset". */
function layout(file) {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'ango-interface-'));
    try {
        const prints = Object.entries(structs(file)).flatMap(([name, list]) => [
            `printf("${name} %zu\\n", sizeof(${name}));`,
            ...list.map((member) => `printf("${name} ${member.name} %zu\\n", offsetof(${name}, ${member.name}));`),
        ]);
        const source = path.join(dir, 'layout.c'),
            program = path.join(dir, 'layout');
        fs.writeFileSync(
            source,
            `#include <stddef.h>\n#include <stdio.h>\n#include "${path.resolve(file)}"\nint main(void) {\n${prints.join('\n')}\n}\n`,
        );
        execFileSync('gcc', ['-std=c11', source, '-o', program]);
        return execFileSync(program, { encoding: 'utf8' })
            .trim()
            .split('\n')
            .map((line) => line.split(' '));
    } finally {
        fs.rmSync(dir, { recursive: true });
    }
}

function assertions(file) {
    const lines = layout(file).map(([name, member, offset]) => {
        if (offset !== undefined) return `AT(${name}, ${member}, ${offset});`;
        return name === 'ango_str' ? `EXACTLY(${name}, ${member});` : `\nAT_LEAST(${name}, ${member});`;
    });
    return `/* Layouts and numbers that are compiled into modules of interface ${version(file)}. Every later header of its major version must
 * keep them. packaging/check.d/abi writes this file, which is never edited after the freeze. It is compiled with the present
 * header, as C11 and as C++20. */
#include <ango/module.h>

#include <assert.h>
#include <stddef.h>

/* clang-format off */
#if UINTPTR_MAX == UINT64_MAX
#define AT(type, member, offset) static_assert(offsetof(type, member) == offset, #type "." #member " has moved")
#define AT_LEAST(type, size) static_assert(sizeof(type) >= size, #type " has shrunk")
#define EXACTLY(type, size) static_assert(sizeof(type) == size, #type " has another size")

${lines.join('\n')}
#endif

#define IS(name, value) static_assert((name) == (value), #name " has another value")
${Object.entries(constants(file))
    .map(([name, value]) => `IS(${name}, ${value});`)
    .join('\n')}
`;
}

/** Declarations may be added, but none may change: each keeps its place and its meaning for modules. */
function changes(frozen, present) {
    const now = structs(present),
        values = constants(present);
    const found = [];
    for (const [name, list] of Object.entries(structs(frozen)))
        list.forEach(({ text }, at) => {
            const there = now[name]?.[at]?.text ?? 'nothing';
            if (there !== text) found.push(`${name}: was "${text}", is "${there}"`);
        });
    for (const [name, value] of Object.entries(constants(frozen)))
        if (values[name] !== value) found.push(`${name}: was ${value}, is ${values[name] ?? 'gone'}`);
    // Modules also rely on the comments: they say which thread a call may come from, and how long its result lives.
    const said = contracts(present);
    for (const [name, words] of Object.entries(contracts(frozen)))
        if (name in said && said[name] !== words)
            found.push(`${name}: was said to be "${words}", is said to be "${said[name]}"; another contract is a new revision`);
    const head = rules(present).join(' ');
    for (const rule of rules(frozen)) if (!head.includes(rule)) found.push(`a rule is gone: "${rule}"`);
    return found;
}

const [what, ...files] = process.argv.slice(2);
if (what === 'version') console.log(version(files[0]));
else if (what === 'assertions') process.stdout.write(assertions(files[0]));
else {
    const found = changes(...files);
    for (const line of found) console.log(line);
    process.exit(found.length > 0 ? 1 : 0);
}
