// Some of the next REST calls, uploads or downloads fail, before or after they have an effect.
const BEFORE = [
    { status: 500 },
    { status: 503, headers: { 'Retry-After': '1' } },
    { status: 429, headers: { 'Retry-After': '1' } },
    { action: 'drop' },
];
const AFTER = [{ status: 500 }, { status: 504 }, { action: 'drop' }];
/** A web page instead of an answer. Only Hub's API gives one, a storage does not. */
const WEB_PAGE = { action: 'html' };
const API = ['* /v2/', 'POST /v2/'],
    STORAGE = ['GET /files/', 'PUT /files/'];

export default {
    weight: 8,
    async strike({ hub, spoiled }, random) {
        const after = random.chance(0.5),
            ofApi = random.chance(0.7);
        const ways = [...(after ? AFTER : BEFORE), ...(ofApi ? [WEB_PAGE] : [])];
        const fault = { match: random.pick(ofApi ? API : STORAGE), times: random.integer(1, 3), after, ...random.pick(ways) };
        hub.addFault(fault);
        spoiled.add(fault.action ?? fault.status);
        return { what: JSON.stringify(fault) };
    },
};
