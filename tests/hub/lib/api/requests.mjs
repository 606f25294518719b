// The parts of a request that many endpoints read: pages, lists, JSON in queries, and the user who asks.
import { HubError } from '../ids.mjs';
import { Organization } from '../organization.mjs';

const LIMIT_DEFAULT = 10;

/** The part of a list that a query asks for. A limit that is too big is refused or made smaller, as the Hub is told. */
export function windowOf(hub, query) {
    const { limitMax, overLimit } = hub.options;
    const page = query.page === undefined ? 1 : Number(query.page);
    let limit = query.limit === undefined ? LIMIT_DEFAULT : Number(query.limit);
    if (overLimit === 'clamp') limit = Math.min(limit, limitMax);
    if (!(Number.isInteger(page) && page >= 1)) throw new HubError(400, 'page must be a whole number from 1 on');
    if (!(Number.isInteger(limit) && limit >= 1 && limit <= limitMax)) throw new HubError(400, `limit must be 1 to ${limitMax}`);
    return { first: (page - 1) * limit, limit };
}

/** The page of a whole list. */
export function pageOfList(hub, query, list) {
    const { first, limit } = windowOf(hub, query);
    return list.slice(first, first + limit);
}

/** The object that a member of a query holds as JSON, or undefined. */
export function jsonObject(text, name) {
    if (text === undefined || text === '') return undefined;
    let value;
    try {
        value = JSON.parse(text);
    } catch {
        throw new HubError(400, `${name} is not JSON`);
    }
    if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new HubError(400, `${name} must be an object`);
    return value;
}

/** The list of texts that a member of a query holds, as JSON or separated by commas. */
export function textList(text, name) {
    if (text === undefined || text === '') return [];
    if (!String(text).startsWith('[')) return String(text).split(',');
    let list;
    try {
        list = JSON.parse(text);
    } catch {
        throw new HubError(400, `${name} is not JSON`);
    }
    return texts(list, name);
}

/** The value, if it is a list of texts. */
export function texts(list, name) {
    if (!Array.isArray(list) || list.some((one) => typeof one !== 'string')) throw new HubError(400, `${name} must be a list of texts`);
    return list;
}

/** The value, if it is a text with something in it. */
export function text(value, name) {
    if (typeof value !== 'string' || value === '') throw new HubError(400, `${name} is required`);
    return value;
}

/** The e-mail address of the user whose key a request has. */
export function emailOf(hub, request) {
    return Organization.emailOf(hub.userOf(request.get('apikey')));
}

/** The project that a request names in its path. */
export const projectOf = (hub, request) => hub.projects.get(request.params.id);
