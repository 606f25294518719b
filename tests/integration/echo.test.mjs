import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startHub } from '../hub/hub.mjs';
import { Angod, example } from './lib/angod.mjs';

let hub, angod, plugin;
before(async () => {
    hub = await startHub({});
    plugin = hub.createPlugin({ name: 'echo', type: 'Input' });
    angod = await new Angod(hub, {
        modules: [example('echo')],
        plugins: [{ plugin, name: 'echo', module: 'echo', concurrency: 4 }],
    }).start();
    await hub.waitForLight(plugin.id, 'green');
});
after(async () => {
    try {
        await angod.close();
    } finally {
        await hub.close();
    }
});

test("an event is answered with the module's result", async () => {
    const session = await hub.waitForSession(hub.run(plugin.id, { extra: { fileExplorerOptions: { a: [1, 2.5, null] } } }));
    assert.equal(session.answers.length, 1);
    assert.deepEqual(session.answers[0].message.response, { echo: session.event });
});

test('an event that asks for an acknowledgement gets one, and one answer', async () => {
    const id = hub.run(plugin.id, { ack: true });
    const session = await hub.waitForSession(id);
    await hub.waitFor(() => hub.session(id).acked, 5000, 'the acknowledgement');
    assert.equal(session.answers.length, 1);
});
