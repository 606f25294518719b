// Hub is down for a while, and all connections to it end. Its state and its port stay.
export default {
    weight: 6,
    async strike({ hub }, random) {
        const forMs = random.chance(0.5) ? random.between(0, 100) : random.between(100, 2000);
        await hub.stop();
        return { what: `down for ${forMs.toFixed()} ms`, forMs, lift: () => hub.start() };
    },
};
