// Some of the next REST calls, up- or downloads fail, before they have an effect or after it.
const FAULTS = [
    { status: 500 }, { status: 503, headers: { 'Retry-After': '1' } }, { status: 429, headers: { 'Retry-After': '1' } }, { action: 'drop' }, { action: 'html' },
];
const AFTER = [{ status: 500 }, { status: 504 }, { action: 'drop' }, { action: 'html' }];
const MATCHES = ['* /v2/', '* /v2/', 'POST /v2/', 'GET /files/', 'PUT /files/'];

export default {
    weight: 8,
    async strike({ hub }, random) {
        const after = random.chance(0.5);
        const fault = { match: random.pick(MATCHES), times: random.integer(1, 3), after, ...random.pick(after ? AFTER : FAULTS) };
        hub.addFault(fault);
        return { what: JSON.stringify(fault) };
    },
};
