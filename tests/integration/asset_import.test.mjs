// Interrupted imports: answers are lost, hosts and angod are killed, folders change.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fixture, processExists, until } from './lib/angod.mjs';
import { lines } from './lib/exporting.mjs';
import { hostKilled, linkLost } from './lib/lines.mjs';
import { System } from './lib/system.mjs';

let system, hub;
before(async () => {
    system = await System.start({
        modules: [fixture('explorer')],
        plugins: { pages: { type: 'File Explorer', kind: 'file-explorer', module: 'explorer', max_attempts: 20 } },
    });
    hub = system.hub;
});
after(() => system.close());

/** Starts an import of a folder. */
const begin = (project, extra) =>
    hub.run(system.id('pages'), {
        projectId: project.id,
        ack: true,
        extra: { upload: true, files: null, folder: 'f/', urls: 'https://files.test/', ...extra },
    });

/** Asserts that each file was imported once and that the user was told their number. */
async function isWhole(session, project, count, timeoutMs = 60000) {
    const record = await hub.waitForSession(session, timeoutMs);
    assert.equal(record.state, 'answered', JSON.stringify(record.logs));
    assert.equal(record.answers[0].message.response, `Imported ${count} files into the project.`);
    assert.deepEqual(project.view().doubles.cloudAssets, {});
    assert.equal(project.cloudAssets.length, count);
    return record;
}

async function killHost() {
    system.angod.expect(hostKilled);
    system.angod.allow(/^hosts of this plugin crashed \d+ times within 60 s; the next one starts in \d+ s$/);
    // After a crash or a restart the next host comes in its own time.
    const { pid } = await until(async () => (await system.angod.plugin('pages')).hosts[0], 'a host', 60000);
    process.kill(pid, 'SIGKILL');
    await until(() => !processExists(pid), 'the end of the host');
}

async function killAngod() {
    system.angod.allow(linkLost);
    const pids = await system.angod.hosts();
    await system.angod.kill('SIGKILL');
    await until(() => !pids.some(processExists), 'the end of the hosts');
    await system.angod.start();
}

for (const [what, fault] of Object.entries({
    'an answer that is lost after the import': { action: 'drop', after: true },
    'an answer that is lost before it': { action: 'drop' },
    'a server error after the import': { status: 500, after: true },
    'a server error before it': { status: 500 },
    'a web page instead of an answer': { action: 'html', after: true },
    'a gateway that gives up before Hub is done': { status: 504, after: true, delayMs: 300 },
}))
    test(`${what} doubles and loses nothing`, async () => {
        const project = hub.createProject({ assets: 30 });
        hub.addFault({ match: `POST /v2/project/${project.id}/cloud`, ...fault });
        const record = await isWhole(begin(project, { count: 350 }), project, 350);
        assert.ok(lines(record, 'WARNING').length >= 1);
    });

test('a search that a kill interrupts is continued by a later attempt', async () => {
    const project = hub.createProject({ assets: 0 });
    hub.addFault({ match: `POST /v2/project/${project.id}/cloud`, action: 'drop' });
    const session = begin(project, { count: 150 });
    await hub.waitFor(() => hub.faults.list().some((fault) => fault.match.includes(project.id) && fault.left === 0), 20000, 'the faults');
    await killHost();
    await isWhole(session, project, 150);
});

test("the import respects Hub's rate limit", async () => {
    const project = hub.createProject({ assets: 0 });
    hub.addFault({ match: `POST /v2/project/${project.id}/cloud`, times: 2, status: 429, headers: { 'Retry-After': '1' } });
    await isWhole(begin(project, { count: 150 }), project, 150);
});

test('a second import of the same files is a second one', async () => {
    const project = hub.createProject({ assets: 0 });
    await isWhole(begin(project, { count: 120 }), project, 120);
    hub.addFault({ match: `POST /v2/project/${project.id}/cloud`, action: 'drop' });
    const record = await hub.waitForSession(begin(project, { count: 120 }), 30000);
    assert.equal(record.state, 'answered');
    assert.deepEqual([...new Set(Object.values(project.view().doubles.cloudAssets))], [2]);
    assert.equal(project.cloudAssets.length, 240);
});

test('a folder that changes between two attempts loses and doubles nothing that stays', async () => {
    const project = hub.createProject({ assets: 0 });
    const listFile = path.join(system.dir, 'list');
    const names = Array.from({ length: 1500 }, (_, i) => `f/${String(2 * i).padStart(5, '0')}.jpg`);
    fs.writeFileSync(listFile, names.join('\n'));
    hub.addFault({ match: `POST /v2/project/${project.id}/cloud`, times: 4, delayMs: 1 });
    hub.addFault({ match: `POST /v2/project/${project.id}/cloud`, action: 'hang', after: true });
    const session = begin(project, { listFile });
    await hub.waitFor(() => project.cloudAssets.length === 500, 20000, 'five chunks');
    // Some files disappear and new ones appear: among those done, in the chunk in doubt, and in the rest.
    const gone = new Set([names[10], names[450], names[451], names[900], names[1200]]);
    const come = ['f/00000-first.jpg', 'f/00021.jpg', 'f/00905.jpg', 'f/01801.jpg', 'f/02601.jpg', 'f/99999.jpg'];
    fs.writeFileSync(listFile, [...names.filter((name) => !gone.has(name)), ...come].sort().join('\n'));
    await killHost();
    const record = await hub.waitForSession(session, 30000);
    assert.equal(record.state, 'answered', JSON.stringify(record.logs));
    assert.deepEqual(project.view().doubles.cloudAssets, {});
    const there = new Set(project.cloudAssets.map(({ externalId }) => externalId));
    for (const name of names) assert.ok(there.has(name) || gone.has(name), name);
    for (const name of come) assert.ok(there.has(name), name);
});

test('an import of nested folders continues where it was interrupted', async () => {
    for (const [config, count] of [
        [{ upload_subfolders: true }, 450],
        [{ upload_subfolders: true, prevent_duplicates: true }, 450],
    ]) {
        const project = hub.createProject({ assets: 0 });
        hub.addFault({ match: `POST /v2/project/${project.id}/cloud`, times: 7, delayMs: 1 });
        hub.addFault({ match: `POST /v2/project/${project.id}/cloud`, action: 'hang', after: true });
        const session = begin(project, { count: 30, depth: 3, configJSON: JSON.stringify(config) });
        await hub.waitFor(() => project.cloudAssets.length === 240, 20000, 'eight folders');
        await killHost();
        await isWhole(session, project, count);
    }
});

test('killed at random moments, ten times over, an import of 100,000 assets creates each once', { timeout: 240_000 }, async (t) => {
    const COUNT = 100_000,
        KILLS = 10;
    const project = hub.createProject({ assets: 0 });
    const session = begin(project, { count: COUNT });
    await hub.waitFor(() => hub.session(session).acked, 5000, 'the record of the event');
    const moments = Array.from({ length: KILLS }, () => Math.floor(Math.random() * COUNT * 0.95)).sort((a, b) => a - b);
    t.diagnostic(`killed at ${moments.join(', ')} assets`);
    for (const [i, moment] of moments.entries()) {
        // The kill comes in the middle of a chunk, not right after it.
        await hub.waitFor(() => project.cloudAssets.length >= moment, 60000, `${moment} assets`);
        await new Promise((resolve) => {
            setTimeout(resolve, Math.random() * 20);
        });
        if (hub.session(session).state !== 'running') break;
        if (i % 3 === 2)
            await killHost(); // each costs an attempt, and the wait before the next one grows
        else await killAngod();
    }
    await isWhole(session, project, COUNT, 120_000);
});
