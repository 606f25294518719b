// All REST calls that are in progress lose their connection.
export default {
    weight: 6,
    async strike({ api }, random) {
        const reset = random.chance(0.5);
        api.cut({ reset });
        return { what: reset ? 'with a reset' : 'orderly' };
    },
};
