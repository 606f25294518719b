// The network forwards nothing for a while, and then delivers everything.
export default {
    weight: 5,
    async strike(world, random) {
        const which = random.pick(['links', 'api']),
            forMs = random.between(100, 3000);
        world[which].freeze();
        return { what: `${which} for ${forMs.toFixed()} ms`, forMs, lift: () => world[which].thaw() };
    },
};
