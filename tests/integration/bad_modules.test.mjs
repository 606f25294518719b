// Modules that cannot work: each plugin says why it has no light, and the other plugins are not affected.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startHub } from '../hub/hub.mjs';
import { Angod, example, until } from './lib/angod.mjs';
import { broken, compile, damaged, deadly, failing, hanging } from './lib/broken.mjs';
import { abortReport, escape, notConnected } from './lib/lines.mjs';
import { assertWell } from './lib/neighbour.mjs';

const aborted = (when) => new RegExp(`^the host was ended by signal 6 \\(Aborted\\) ${when}${abortReport}$`);

const HANG_LIMIT_MS = 60_000; // each takes angod's own limit of 20 s
const idOf = (what) => what.replace(/\W+/g, '-').toLowerCase();
const fileOf = (what) => `${idOf(what).replaceAll('-', '_')}.so`;

/** The lines about a refused file and about the plugin of its module. */
const refusals = (what, sentence) => {
    const { source } = sentence;
    const refused = `${escape(fileOf(what))}: ${source.startsWith('^') ? source.slice(1) : `.*${source}`}`;
    return [
        new RegExp(`^module refused: \\S+/${refused}`),
        new RegExp(`^not connected: no module "${idOf(what)}" in the module folders is ready; a file was refused: \\S+/${refused}`),
    ];
};

/**
 * A Hub and an angod with a healthy plugin and one plugin for each of these modules. The cases check the lines that are
 * allowed here one by one.
 */
class Beside {
    static async start(modules, start) {
        const beside = new Beside();
        beside.hub = await startHub({});
        beside.neighbour = beside.hub.createPlugin({ name: 'neighbour', type: 'Input' });
        beside.plugins = Object.fromEntries(modules.map((what) => [what, beside.hub.createPlugin({ name: idOf(what), type: 'Input' })]));
        beside.angod = new Angod(beside.hub, {
            modules: [example('echo')],
            allow: start.allow,
            plugins: [
                { plugin: beside.neighbour, name: 'neighbour', module: 'echo' },
                ...modules.map((what) => ({ plugin: beside.plugins[what], name: idOf(what), module: idOf(what) })),
            ],
        });
        await start.fill(path.join(beside.angod.moduleDir));
        await beside.angod.start();
        await beside.hub.waitForLight(beside.neighbour.id, 'green');
        return beside;
    }

    /** The entry of a plugin in /v1/plugins after it has given up for now. */
    async view(what, limitMs) {
        const { state, reason, connects } = await until(
            async () => {
                const view = await this.angod.plugin(idOf(what));
                return view.reason !== '' && !view.reason.includes(' some are still being tried out') && view;
            },
            `the reason of ${what}`,
            limitMs,
        );
        return { state, reason, connects, light: this.hub.plugin(this.plugins[what].id).light };
    }

    /** Errors in the log of angod about this module. */
    errors(what) {
        return this.angod.log
            .filter(({ level, msg, plugin }) => level === 'error' && (plugin === idOf(what) || msg.includes(fileOf(what))))
            .map(({ msg }) => msg);
    }

    async close() {
        try {
            await this.angod.close();
        } finally {
            await this.hub.close();
        }
    }
}

describe('a module that is refused when it is found', () => {
    let beside;
    const whatIsSaid = {
        ...Object.fromEntries(
            [
                'entry of another name',
                'another major interface',
                'the interface before 1.0',
                'no table, of a later interface',
                'no kind',
                'a kind of the future',
                'a service that this angod lacks',
                'a later revision of a service than this angod has',
                'a function that nobody has',
            ].map((how) => [how, broken[how][1]]),
        ),
        'abort while loading': aborted('while it was loading the module'),
        'exit while loading': /^the host exited with code 0 while it was loading the module$/,
        'abort in the entry': aborted('while it was loading the module'),
        text: /^it is not a shared library \(no ELF header\)$/,
        'an empty file': /^it is not a shared library \(no ELF header\)$/,
        'the first bytes of a module': /^the file is incomplete \(60 bytes\)$/,
        'the first half of a module': /^the file is incomplete \(\d+ of \d+ bytes\)$/,
        'a module that is cut in the middle of its code': /^the file is incomplete \(8000 of \d+ bytes\)$/,
        'all of a module but its end': /^the file is incomplete \(\d+ of \d+ bytes\)$/,
        'a module for another processor': /^it is a library for another processor \(ELF machine 22\)$/,
    };
    before(async () => {
        beside = await Beside.start(Object.keys(whatIsSaid), {
            allow: Object.entries(whatIsSaid).flatMap(([what, sentence]) => refusals(what, sentence)),
            fill: async (folder) => {
                for (const what of Object.keys(whatIsSaid)) {
                    const file = path.join(folder, fileOf(what));
                    if (what in damaged) fs.writeFileSync(file, damaged[what](), { mode: 0o755 });
                    else await compile(file, broken[what]?.[0] ?? deadly[what]);
                }
            },
        });
    });
    after(() => beside.close());

    for (const [what, sentence] of Object.entries(whatIsSaid))
        it(`for ${what} is named with the reason at its plugin and in the log`, async () => {
            const file = path.join(beside.angod.moduleDir, fileOf(what));
            const { state, reason, connects, light } = await beside.view(what);
            assert.deepEqual([state, connects, light], ['no-module', 0, 'red']);
            const start = `no module "${idOf(what)}" in the module folders is ready; a file was refused: ${file}: `;
            assert.equal(reason.slice(0, start.length), start);
            assert.match(reason.slice(start.length), sentence);
            assert.deepEqual(beside.errors(what), [`module refused: ${file}: ${reason.slice(start.length)}`, `not connected: ${reason}`]);
            assert.match((await beside.angod.ctl('plugins')).stdout, new RegExp(`^${idOf(what)} +no-module `, 'm'));
        });

    it('costs its neighbour nothing', () => assertWell(beside.hub, beside.neighbour.id));
});

describe('a module that fails when it is to make an instance', () => {
    let beside;
    const whatIsSaid = {
        'abort in create': aborted("in the module's create"),
        'exit in create': /^the host exited with code 0 in the module's create$/,
        'fail in create': /^the module refused the plugin: the module's create failed with status -5 and gave no reason$/,
    };
    before(async () => {
        beside = await Beside.start(Object.keys(failing), {
            allow: Object.values(whatIsSaid).map((sentence) => new RegExp(`^not connected: ${sentence.source.slice(1)}`)),
            fill: async (folder) => {
                for (const [what, defines] of Object.entries(failing)) await compile(path.join(folder, fileOf(what)), defines);
            },
        });
    });
    after(() => beside.close());

    for (const [what, sentence] of Object.entries(whatIsSaid))
        it(`by "${what}" keeps its plugin from Hub, which says so`, async () => {
            const state = what === 'fail in create' ? 'settings-refused' : 'no-module';
            const { reason, ...others } = await beside.view(what);
            assert.deepEqual(others, { state, connects: 0, light: 'red' });
            assert.match(reason, sentence);
            assert.deepEqual(beside.errors(what), [`not connected: ${reason}`]);
            await assertWell(beside.hub, beside.neighbour.id);
        });
});

describe('a module that hangs', { concurrency: true }, () => {
    async function started(t, modules, start) {
        const beside = await Beside.start(modules, start);
        t.after(() => beside.close());
        return beside;
    }

    it('while it is loaded is given up after a while, and the others start', { timeout: 2 * HANG_LIMIT_MS }, async (t) => {
        const what = 'hang while loading';
        const beside = await started(t, [what], { fill: (folder) => compile(path.join(folder, fileOf(what)), hanging[what]) });
        beside.angod.expect(...refusals(what, /the module was not loaded within 20 s$/));
        const file = path.join(beside.angod.moduleDir, fileOf(what));
        const { state, reason, light } = await beside.view(what, HANG_LIMIT_MS);
        assert.deepEqual([state, light], ['no-module', 'red']);
        assert.equal(
            reason,
            `no module "${idOf(what)}" in the module folders is ready; a file was refused: ${file}: the module was not loaded within 20 s`,
        );
        await assertWell(beside.hub, beside.neighbour.id);
    });

    it('in create is given up after a while; the others are live all the time', { timeout: 2 * HANG_LIMIT_MS }, async (t) => {
        const what = 'hang in create';
        const beside = await started(t, [what], { fill: (folder) => compile(path.join(folder, fileOf(what)), hanging[what]) });
        await assertWell(beside.hub, beside.neighbour.id);
        assert.equal((await beside.angod.plugin(idOf(what))).reason, '', 'it still hangs');
        const sentence = "the module's create did not return within 20 s";
        beside.angod.expect(notConnected(sentence));
        assert.deepEqual(await beside.view(what, HANG_LIMIT_MS), { state: 'no-module', reason: sentence, connects: 0, light: 'red' });
        assert.deepEqual(beside.errors(what), [`not connected: ${sentence}`]);
        await assertWell(beside.hub, beside.neighbour.id);
    });
});
