// The healthy plugin beside one that is given something bad.
import assert from 'node:assert/strict';

/** Asserts that it has never lost its connection, and answers a run. */
export async function assertWell(hub, pluginId, request = {}) {
    const { state } = await hub.waitForSession(hub.run(pluginId, request), 30000);
    const { live, connectionsTotal } = hub.plugin(pluginId);
    assert.deepEqual({ state, live, connectionsTotal }, { state: 'answered', live: 1, connectionsTotal: 1 }, 'the healthy neighbour');
}
