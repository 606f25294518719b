// A module file is removed, and put back after a while.
export default {
    weight: 4,
    async strike({ modules }, random) {
        const name = random.pick(modules.names);
        const forMs = random.chance(0.3) ? random.between(0, 100) : random.between(100, 3000);
        return { what: `${name} for ${forMs.toFixed()} ms`, forMs, lift: modules.remove(name) };
    },
};
