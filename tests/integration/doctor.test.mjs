// angoctl doctor --record writes what Hub sends, and nothing by which a person or an organisation could be recognised.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fixture, run, until } from './lib/angod.mjs';
import { System } from './lib/system.mjs';

const options = { modules: [fixture('labeller')], plugins: { model: { type: 'Model', module: 'labeller' } } };

test('a recording has the runs and the answers of Hub, without names, keys and contents', async () => {
    await System.use(options, async (system) => {
        const file = path.join(system.dir, 'recording.ndjson');
        const recording = system.angod.ctl('doctor', '--record', 'model', '--output', file);
        const isOn = async () => (await system.angod.get('/v1/plugins/model/recording')).recording;
        await until(isOn, 'the recording to begin');
        const project = system.hub.createProject({ name: 'Top secret', assets: 1, odd: false });
        const session = system.run('model', {}, { projectId: project.id, asset: 0, config: { owner: 'Zaphod' } });
        await system.settled(session);
        await run('curl', ['-sS', '-X', 'POST', '--unix-socket', system.angod.socket, 'http://angod/v1/plugins/model/end-recording']);
        const { code, stdout } = await recording;
        assert.deepEqual({ code, stdout }, { code: 0, stdout: '' });

        const text = fs.readFileSync(file, 'utf8');
        const [about, ...messages] = text
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line));
        assert.equal(about.kind, 'model');
        const [event] = messages.filter((message) => message.event === 'plugin');
        assert.deepEqual(Object.keys(event.payload).sort(), Object.keys(system.hub.session(session).event).sort());
        assert.match(event.payload.configJSON, /^{"owner":"text-\d+\[6\]"}$/);
        const [asset] = messages.filter(({ call }) => call?.startsWith('GET /v2/project/'));
        assert.equal(asset.status, 200);
        assert.equal(asset.body.data.assets.length, 1);

        const { event: sent } = system.hub.session(session);
        const { externalId } = project.record(0);
        const hidden = [
            sent.apiKey,
            sent.session,
            sent.orgId,
            sent.runBy,
            project.id,
            externalId,
            new URL(system.hub.url).host,
            'Zaphod',
            'Top secret',
        ];
        for (const value of hidden) assert.ok(!text.includes(value), `${value} is in the recording`);
    });
});

test('a plugin that does not exist is named', async () => {
    await System.use(options, async (system) => {
        const { code, stderr } = await system.angod.ctl('doctor', '--record', 'other');
        assert.deepEqual({ code, stderr }, { code: 1, stderr: 'there is no plugin "other"\n' });
    });
});
