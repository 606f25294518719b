// kill -9 of angod, which is started again at once. Sometimes a second kill hits it during its start.
import { setTimeout as sleep } from 'node:timers/promises';

export default {
    weight: 10,
    async strike(world, random) {
        const again = random.chance(0.25) ? random.between(0, 150) : null;
        await world.angod.kill('SIGKILL');
        const up = world.up();
        up.catch(() => {}); // its end is awaited below
        let hit = false;
        if (again !== null) {
            await sleep(again);
            hit = await world.killStarting();
        }
        await up;
        if (!world.angod.isRunning) await world.up(); // the kill came after the start
        return { what: hit ? `and again ${again.toFixed()} ms after its start` : 'once' };
    },
};
