// The organization: members and invitations.
import { HubError } from '../ids.mjs';
import { emailOf, pageOfList, texts } from './requests.mjs';

const ROLES = ['admin', 'member', 'guest'];

function organizationOf(hub, request) {
    if (request.params.id !== hub.orgId) throw new HubError(404, `no organization ${request.params.id}`);
    return hub.organization;
}

function role(value) {
    if (ROLES.includes(String(value).toLowerCase())) return value;
    throw new HubError(400, `organizationRole must be one of ${ROLES.join(', ')}`);
}

/** A list is whole unless a page is asked for: the vendor's client never asks for one. */
function page(hub, { query }, list) {
    return query.page === undefined && query.limit === undefined ? list : pageOfList(hub, query, list);
}

function members(hub, request) {
    const { search = '' } = request.query;
    const list = organizationOf(hub, request).members(String(search));
    return { users: page(hub, request, list), total: list.length };
}

function changeMembers(hub, request) {
    const organization = organizationOf(hub, request);
    const { users } = request.body;
    if (!Array.isArray(users)) throw new HubError(400, 'users must be a list of {email, organizationRole}');
    const results = users.map((user) => {
        const { email, organizationRole } = user ?? {};
        if (!organization.isMember(email)) return { email, status: 'failed' };
        organization.addMember(email, role(organizationRole));
        return { email, status: 'updated' };
    });
    const updated = results.filter(({ status }) => status === 'updated').length;
    return { users: { updated, failed: results.length - updated, results } };
}

/** Removes people by their addresses; `removed` tells whether there was such a person. */
function removal(list, removed) {
    const deleted = list.filter(removed).length;
    return { deleted, failed: list.length - deleted };
}

function removeMembers(hub, request) {
    const organization = organizationOf(hub, request);
    return removal(texts(request.body.users, 'users'), (email) => organization.removeMember(email));
}

function invites(hub, request) {
    const { status } = request.query;
    const all = organizationOf(hub, request).invites();
    const list = status ? all.filter((invite) => invite.status.toLowerCase() === String(status).toLowerCase()) : all;
    return { invites: page(hub, request, list), total: list.length };
}

function invite(hub, request) {
    const organization = organizationOf(hub, request);
    const { to, organizationRole, projectAssignments } = request.body;
    role(organizationRole);
    const by = emailOf(hub, request);
    return { invites: texts(to, 'to').map((email) => organization.invite(email, organizationRole, by, projectAssignments)) };
}

function removeInvites(hub, request) {
    const organization = organizationOf(hub, request);
    return removal(texts(request.body.invites, 'invites'), (email) => organization.removeInvite(email));
}

export const organizationRoutes = {
    'GET /organization/:id/users': members,
    'POST /organization/:id/users': changeMembers,
    'DELETE /organization/:id/users': removeMembers,
    'GET /organization/:id/invites': invites,
    'POST /organization/:id/invites': invite,
    'DELETE /organization/:id/invites': removeInvites,
};
