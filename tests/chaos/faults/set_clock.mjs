// The wall clock that angod sees jumps forward or back, and keeps the difference until the next jump.
const HOUR = 3600e3;

export default {
    weight: 4,
    async strike(world, random) {
        const ms = random.pick([0, random.between(-2000, 2000), random.between(-30, 30) * HOUR]);
        if (!world.clock) return null;
        world.clock.set(ms);
        return { what: `${(ms / 1000).toFixed(1)} s from the real one` };
    },
};
