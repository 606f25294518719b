// The disk of the state folder is full for a while.
export default {
    weight: 4,
    async strike(world, random) {
        const forMs = random.between(50, 2500),
            leave = random.pick([0, 0, 4096, 200_000]);
        if (!world.disk) return null;
        return { what: `but for ${leave} bytes, for ${forMs.toFixed()} ms`, forMs, lift: world.fillDisk(() => world.disk.fill(leave)) };
    },
};
