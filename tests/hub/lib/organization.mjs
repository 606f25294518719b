// The organization of the Hub: its members and the people who are invited.
import { HubError, newId } from './ids.mjs';

const MOST_PEOPLE = 10_000;

/** Members and invitations. People are told apart by their e-mail addresses. */
export class Organization {
    #members = new Map();
    #invites = new Map();

    /** @param {string} id */
    constructor(id) {
        this.id = id;
    }

    /** The e-mail address of a user of this Hub: the name itself if it is one. */
    static emailOf(user) {
        return user.includes('@') ? user : `${user}@example.test`;
    }

    /** Adds a user, or changes the role of a member. */
    addMember(user, organizationRole) {
        const email = Organization.emailOf(user);
        const known = this.#members.get(email);
        if (known) Object.assign(known, organizationRole && { organizationRole });
        else {
            checkRoom(this.#members);
            const createdAt = new Date().toISOString();
            this.#members.set(email, { _id: newId(), email, name: user, organizationRole: organizationRole ?? 'Member', createdAt });
        }
        return this.#members.get(email);
    }

    /** @param {string} [search] a part of a name or an address */
    members(search = '') {
        return [...this.#members.values()].filter(({ email, name }) => email.includes(search) || name.includes(search));
    }

    isMember(email) {
        return this.#members.has(email);
    }

    /** @returns {boolean} whether there was such a member */
    removeMember(email) {
        return this.#members.delete(email);
    }

    invite(email, organizationRole, createdBy, projectAssignments) {
        checkRoom(this.#invites);
        const invite = {
            _id: newId(),
            to: email,
            organizationRole,
            status: 'Pending',
            createdBy,
            createdAt: new Date().toISOString(),
            expiresAt: new Date(Date.now() + 7 * 86_400_000).toISOString(),
            ...(projectAssignments && { projectAssignments }),
        };
        this.#invites.set(email, invite);
        return invite;
    }

    invites() {
        return [...this.#invites.values()];
    }

    removeInvite(email) {
        return this.#invites.delete(email);
    }
}

function checkRoom(people) {
    if (people.size >= MOST_PEOPLE) throw new HubError(400, `the organization has ${MOST_PEOPLE} people; remove some first`);
}
