import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { startHub } from '../hub.mjs';
import { connectPlugin } from '../sample_plugin.mjs';

const CLI = fileURLToPath(new URL('../cli.mjs', import.meta.url));

const json = async (url, body, method = body ? 'POST' : 'GET') => {
    const response = await fetch(url, { method, headers: { 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) });
    return { status: response.status, body: response.status === 204 ? null : await response.json() };
};

test('the command line: ready line, plugin, run, answer, and a clean end', async () => {
    const child = spawn(process.execPath, [CLI, '--seed-project', '10', '--plugin', 'Export=coco'], {
        stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const {
        url,
        controlUrl,
        plugins: [plugin],
        projects: [project],
    } = JSON.parse(line);
    assert.equal((await json(`${controlUrl}/plugins/${plugin.id}/run`, {})).status, 409);
    const client = connectPlugin(url, plugin, (event, { respond }) => respond({ response: event.projectId }));
    const light = await json(`${controlUrl}/plugins/${plugin.id}?light=green&wait=5000`);
    assert.equal(light.body.light, 'green');
    const run = await json(`${controlUrl}/plugins/${plugin.id}/run`, { projectId: project.id, config: { a: 1 } });
    const ended = await json(`${controlUrl}/sessions/${run.body.session}?wait=5000`);
    assert.equal(ended.body.state, 'answered');
    assert.equal(ended.body.answers[0].message.response, project.id);
    client.close();
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('the control API: plugins, projects, faults, links, settings', async () => {
    const hub = await startHub();
    try {
        const control = (path, ...rest) => json(`${hub.controlUrl}${path}`, ...rest);
        const plugin = (await control('/plugins', { type: 'Model', name: 'm', classNames: ['car'] })).body;
        assert.match(plugin.id, /^[0-9a-f]{24}$/);
        assert.ok(plugin.secret);
        assert.equal('secret' in (await control(`/plugins/${plugin.id}`)).body, false);
        assert.equal((await control('/plugins', { type: 'Nonsense' })).status, 400);
        const project = (await control('/projects', { assets: 60, prepare: true })).body;
        assert.equal((await control(`/projects/${project.id}`)).body.counts.assets, 60);
        const { id } = (await control('/faults', { match: 'GET /v2/', status: 500 })).body;
        assert.equal((await control('/faults')).body[0].id, id);
        await control(`/faults/${id}`, undefined, 'DELETE');
        assert.deepEqual((await control('/faults')).body, []);
        assert.equal((await control('/link', { plugin: plugin.id, action: 'silent' })).status, 200);
        assert.equal((await control('/link', { action: 'nonsense' })).status, 400);
        assert.equal((await control('/settings', { rateLimitPerMinute: 100 })).body.rateLimitPerMinute, 100);
        assert.equal((await control('/settings', { other: 1 })).status, 400);
        assert.equal((await control('/link', { action: 'restart' })).status, 202);
        await assert.rejects(startHub({ host: '0.0.0.0' }));
    } finally {
        await hub.close();
    }
});

test('a Markdown Generator is run with a CSV and a text, as Hub sends them', async () => {
    const hub = await startHub();
    try {
        const plugin = hub.createPlugin({ type: 'Markdown Generator' });
        const session = hub.run(plugin.id, { csv: 'a,b\n1,ü\n', markdown: '<b>|a|</b> & "\'', queue: true });
        const { event } = hub.session(session);
        assert.equal(Buffer.from(event.inputFile, 'base64').toString(), 'a,b\n1,ü\n');
        assert.equal(event.markdownText, '&lt;b&gt;|a|&lt;/b&gt; &amp; &quot;&#39;');
    } finally {
        await hub.close();
    }
});
