// kill -9 of a host, or sometimes of any child of angod. Such a child may be one that only checks a module.
import { childrenOf } from '../../integration/lib/processes.mjs';

export default {
    weight: 22,
    async strike({ angod }, random) {
        const ofAny = random.chance(0.1),
            draw = random.next();
        const pids = ofAny ? childrenOf(angod.pid) : await angod.hosts().catch(() => []);
        if (pids.length === 0) return null;
        const pid = pids[Math.floor(draw * pids.length)];
        try {
            process.kill(pid, 'SIGKILL');
        } catch (gone) {
            if (gone.code !== 'ESRCH') throw gone;
            return null;
        }
        return { what: `${ofAny ? 'child' : 'host'} ${pid} of ${pids.length}` };
    },
};
