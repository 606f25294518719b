// Modules that throw exceptions out of their functions, which is forbidden: only the run fails, and the host lives on.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fixture, program, run, until } from './lib/angod.mjs';
import { failed, notConnected } from './lib/lines.mjs';
import { assertWell } from './lib/neighbour.mjs';
import { System } from './lib/system.mjs';

const SENTENCE = 'The plugin met an unexpected problem.';
const THROWN = { words: (where) => `an exception: thrown in ${where}`, number: () => 'something that is no std::exception' };

let system, hub, angod, storage, project;
before(async () => {
    const thrower = { module: 'thrower', max_attempts: 1 };
    system = await System.start({
        modules: [fixture('witness'), fixture('thrower')],
        plugins: {
            neighbour: {},
            input: thrower,
            export: { ...thrower, type: 'Export' },
            model: { ...thrower, type: 'Model' },
            explorer: { ...thrower, type: 'File Explorer' },
            markdown: { ...thrower, type: 'Markdown Generator', kind: 'markdown' },
        },
    });
    ({ hub, angod } = system);
    storage = hub.addStorage({
        name: 'shelf',
        provider: 'AWS',
        bucket: 'shelf',
        region: 'eu-west-1',
        publicKey: 'PUBLICKEYOFAWS',
        privateKey: 'private-key-of-aws',
    });
    project = hub.createProject({ assets: 3, odd: false });
});
after(() => system.close());

/** The event of a run without a fault. */
const requests = {
    input: () => ({}),
    export: () => ({ projectId: project.id }),
    model: () => ({ projectId: project.id }),
    explorer: () => ({
        projectId: hub.createProject({ assets: 0, records: [] }).id,
        extra: { storageId: storage._id, bucket: 'shelf', upload: true, folder: 'f/', files: [] },
    }),
    markdown: () => ({ projectId: hub.createProject({ assets: 0, records: [] }).id, csv: 'name\nx\n' }),
};
const begin = (plugin, steps = {}) => system.run(plugin, steps, requests[plugin]());
const pidOf = async (plugin) => (await angod.plugin(plugin)).hosts[0].pid;

describe('a run fails, and the next one is done in the same process, where the module throws', () => {
    for (const [plugin, where] of [
        ['input', 'answer'],
        ['export', 'convert'],
        ['model', 'predict'],
        ['explorer', 'list'],
        ['explorer', 'locate'],
        ['markdown', 'begin'],
        ['markdown', 'row'],
    ])
        for (const [what, said] of Object.entries(THROWN))
            it(`${what} out of ${where}`, async () => {
                assert.equal((await system.settled(begin(plugin))).state, 'answered');
                const pid = await pidOf(plugin);
                angod.expect(failed(`${SENTENCE} (the module's ${where} threw ${said(where)}`));
                const session = begin(plugin, { throwIn: where, throw: what });
                const { answers, logs } = await system.settled(session);
                assert.deepEqual(
                    answers.map(({ message }) => message),
                    [{ error: true, session }],
                );
                assert.deepEqual([logs.at(-1).level, logs.at(-1).msg], ['ERROR', SENTENCE]);
                assert.equal((await system.settled(begin(plugin))).state, 'answered');
                assert.equal(await pidOf(plugin), pid);
            });
});

it('an exception at the end of a markdown job is reported to the operator, and the job succeeds', async () => {
    assert.equal((await system.settled(begin('markdown'))).state, 'answered');
    const pid = await pidOf('markdown');
    angod.expect(/^module: the module's end threw something that is no std::exception$/);
    assert.equal((await system.settled(begin('markdown', { throwIn: 'end', throw: 'number' }))).state, 'answered');
    assert.equal((await system.settled(begin('markdown'))).state, 'answered');
    assert.equal(await pidOf('markdown'), pid);
});

it('an exception in a callback for cancellation is reported to the operator, and the run ends', async () => {
    assert.equal((await system.settled(begin('input'))).state, 'answered');
    const pid = await pidOf('input');
    angod.expect(
        /^module: the module's on_cancel callback threw an exception: thrown in callback$/,
        /^job [0-9a-f-]{36} is cancelled and is asked to stop$/,
    );
    const session = begin('input', { throwIn: 'callback' });
    await hub.waitFor(() => hub.session(session).logs.some(({ msg }) => msg === 'blocked'), 10000, 'the run to block');
    assert.equal((await angod.ctl('job', (await system.job(session)).id, 'cancel')).code, 0);
    assert.equal((await system.settled(session)).state, 'failed');
    assert.equal((await system.job(session)).state, 'cancelled');
    assert.equal((await system.settled(begin('input'))).state, 'answered');
    assert.equal(await pidOf('input'), pid);
});

describe('a module that throws before it has a job is refused with what it threw', () => {
    const inspect = (THROW_IN, THROW) =>
        run(program('angod-host'), ['inspect', fixture('thrower'), '--settings', '{}'], true, { env: { ...process.env, THROW_IN, THROW } });

    for (const [where, start] of [
        ['entry', "thrower.so: the module's entry threw "],
        ['table', "thrower.so: the module's table threw "],
        ['create', "/\\S+/thrower.so: the module's create threw "],
        ['describe', "/\\S+/thrower.so: the module's describe threw "],
        ['destroy', "/\\S+/thrower.so: the module's destroy threw "],
    ])
        for (const [what, said] of Object.entries(THROWN))
            it(`${what} out of ${where}`, async () => {
                const { code, stdout, stderr } = await inspect(where, what);
                assert.deepEqual([code, stdout], [1, ''], stderr);
                assert.match(stderr, new RegExp(`^${start}${said(where)}\n$`));
            });

    it('words out of create, as its plugin says', async () => {
        const { id, secret } = hub.createPlugin({ name: 'refused', type: 'Input' });
        angod.config.plugins.push({ name: 'refused', id, secret, module: 'thrower', kind: 'input', env: { THROW_IN: 'create' } });
        angod.writeConfig();
        const sentence = "the module refused the plugin: the module's create threw an exception: thrown in create";
        angod.expect(notConnected(sentence));
        assert.equal((await angod.ctl('reload')).code, 0);
        await until(async () => (await angod.plugin('refused')).reason === sentence, 'the reason');
        assert.equal((await system.settled(begin('input'))).state, 'answered');
    });
});

it('their neighbour is not affected', () => assertWell(hub, system.id('neighbour')));
