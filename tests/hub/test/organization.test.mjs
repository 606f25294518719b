import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { ask, call, hub } from '../testing/own_hub.mjs';

let path;
beforeEach(() => {
    path = `/v2/organization/${hub.orgId}`;
});

const shown = async () => (await ask(`${path}/users`)).users.map(({ email, organizationRole }) => [email, organizationRole]);

test('members are the users of the Hub; their roles change, and they are removed', async () => {
    hub.apiKeyOf('ben@x.test');
    await ask(`${path}/users`);
    assert.deepEqual(await shown(), [
        ['ben@x.test', 'Admin'],
        ['user-1@example.test', 'Admin'],
    ]);
    const { users } = await ask(`${path}/users`, {
        body: {
            users: [
                { email: 'ben@x.test', organizationRole: 'member' },
                { email: 'none@x.test', organizationRole: 'member' },
            ],
        },
    });
    assert.deepEqual([users.updated, users.failed, users.results.map(({ status }) => status)], [1, 1, ['updated', 'failed']]);
    assert.deepEqual((await ask(`${path}/users?search=ben&page=1&limit=10`)).users[0].organizationRole, 'member');
    assert.equal((await call(`${path}/users`, { body: { users: [{ email: 'ben@x.test', organizationRole: 'king' }] } })).status, 400);
    const removal = { method: 'DELETE', body: { users: ['ben@x.test', 'none@x.test'] } };
    assert.deepEqual(await ask(`${path}/users`, removal), { deleted: 1, failed: 1 });
    assert.deepEqual(await shown(), [['user-1@example.test', 'Admin']]);
});

test('people are invited, and invitations are taken back', async () => {
    const body = {
        to: ['a@x.test', 'b@x.test'],
        organizationRole: 'member',
        projectAssignments: [{ projectId: 'p', projectRole: 'Labeler' }],
    };
    assert.equal((await ask(`${path}/invites`, { body })).invites.length, 2);
    const { invites } = await ask(`${path}/invites?status=pending`);
    assert.deepEqual(
        invites.map(({ to, status, createdBy }) => [to, status, createdBy]),
        ['a@x.test', 'b@x.test'].map((to) => [to, 'Pending', 'user-1@example.test']),
    );
    assert.deepEqual(await ask(`${path}/invites`, { method: 'DELETE', body: { invites: ['a@x.test'] } }), { deleted: 1, failed: 0 });
    assert.equal((await ask(`${path}/invites`)).total, 1);
    assert.equal((await call(`${path}/invites`, { body: { to: 'a', organizationRole: 'member' } })).status, 400);
});
