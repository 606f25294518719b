// Filters of lists: conditions on members, with the operators that the vendor's client writes.
import { HubError } from '../ids.mjs';

const LONGEST_PATTERN = 200;

/** By operator: whether the values of a member fulfil the condition. A member that is missing has no values. */
const OPERATORS = {
    $eq: (values, wanted) => (wanted === null ? values.length === 0 : values.includes(wanted)),
    $ne: (values, wanted) => !OPERATORS.$eq(values, wanted),
    $gt: (values, wanted) => values.some((one) => difference(one, wanted) > 0),
    $gte: (values, wanted) => values.some((one) => difference(one, wanted) >= 0),
    $lt: (values, wanted) => values.some((one) => difference(one, wanted) < 0),
    $lte: (values, wanted) => values.some((one) => difference(one, wanted) <= 0),
    $in: (values, wanted) => wanted.some((one) => OPERATORS.$eq(values, one)),
    $nin: (values, wanted) => !OPERATORS.$in(values, wanted),
    $exists: (values, wanted) => values.length > 0 === wanted,
    $regex: (values, wanted) => values.some((one) => typeof one === 'string' && wanted.test(one)),
};

/** Numbers are compared as numbers, times as times, everything else is not comparable. */
function difference(a, b) {
    if (typeof a === 'string' && typeof b === 'string') return Date.parse(a) - Date.parse(b);
    return typeof a === typeof b ? a - b : NaN;
}

/**
 * The test that a filter describes: {member: value, or list of values that all must be there, or {$operator: value}}.
 * @param {object} filter
 * @param {(member: string, value: any) => any} [known] turns a wanted value into the form that members have
 * @returns {(item: object) => boolean}
 */
export function testOf(filter, known = (_member, value) => value) {
    const conditions = Object.entries(filter).flatMap(([member, wanted]) => conditionsOf(member, wanted, known));
    return (item) => conditions.every((fulfils) => fulfils(item));
}

function conditionsOf(member, wanted, known) {
    const form = (value) => known(member, value);
    if (Array.isArray(wanted)) return wanted.map((one) => condition(member, '$eq', form(one)));
    if (wanted === null || typeof wanted !== 'object') return [condition(member, '$eq', form(wanted))];
    return Object.entries(wanted).map(([operator, value]) => {
        if (!Object.hasOwn(OPERATORS, operator)) throw new HubError(400, `filter of ${member}: there is no operator ${operator}`);
        if (operator === '$regex') return condition(member, operator, patternOf(member, value));
        if (operator !== '$in' && operator !== '$nin') return condition(member, operator, form(value));
        if (!Array.isArray(value)) throw new HubError(400, `filter of ${member}: ${operator} needs a list`);
        return condition(member, operator, value.map(form));
    });
}

function condition(member, operator, wanted) {
    return (item) => OPERATORS[operator]([].concat(item[member] ?? []), wanted);
}

function patternOf(member, pattern) {
    try {
        if (typeof pattern === 'string' && pattern.length <= LONGEST_PATTERN) return new RegExp(pattern);
    } catch {
        // The sentence below is for this case too.
    }
    throw new HubError(400, `filter of ${member}: $regex must be a regular expression of at most ${LONGEST_PATTERN} characters`);
}

/**
 * An order as the API names it: members separated by commas, with a minus for descending.
 * @param {string} text
 * @returns {(a: object, b: object) => number}
 */
export function orderOf(text) {
    const members = text.split(',').map((one) => (one.startsWith('-') ? [one.slice(1), -1] : [one, 1]));
    return (a, b) => {
        for (const [member, sign] of members) {
            const [left, right] = [a[member] ?? null, b[member] ?? null];
            if (left !== right) return (left < right || left === null ? -1 : 1) * sign;
        }
        return 0;
    };
}
