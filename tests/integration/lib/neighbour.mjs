// The healthy plugin beside a plugin that gets faulty input.
import assert from 'node:assert/strict';

/** Asserts that it has never lost its connection, and that it answers a run. */
export async function assertWell(hub, pluginId, request = {}) {
    const { state } = await hub.waitForSession(hub.run(pluginId, request), 30000);
    const { live, connectionsTotal } = hub.plugin(pluginId);
    assert.deepEqual({ state, live, connectionsTotal }, { state: 'answered', live: 1, connectionsTotal: 1 }, 'the healthy neighbour');
}
