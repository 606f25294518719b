// SIGTERM: angod waits up to drain_s for its jobs and must end by itself, with code 0. Then it is started again.
const LONGEST_MS = 30000;

export default {
    weight: 4,
    async strike(world) {
        const began = Date.now();
        const { code, signal } = await world.angod.stop(LONGEST_MS);
        const took = Date.now() - began;
        if (code !== 0) world.problems.push(`angod ended with code ${code}, signal ${signal} ${took} ms after SIGTERM`);
        await world.up();
        return { what: `took ${took} ms` };
    },
};
