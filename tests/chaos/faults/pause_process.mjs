// A process is stopped for a while: angod, as when the machine sleeps, or a host, as when it hangs.
export default {
    weight: 4,
    async strike({ angod }, random) {
        const isHost = random.chance(0.7),
            draw = random.next(),
            forMs = random.between(50, 2500);
        const pids = isHost ? await angod.hosts().catch(() => []) : [angod.pid];
        const pid = pids[Math.floor(draw * pids.length)];
        if (pid === undefined || !signal(pid, 'SIGSTOP')) return null;
        return { what: `${isHost ? 'host' : 'angod'} ${pid} for ${forMs.toFixed()} ms`, forMs, lift: () => signal(pid, 'SIGCONT') };
    },
};

/** Returns false if the process no longer exists. */
function signal(pid, name) {
    try {
        return process.kill(pid, name);
    } catch (gone) {
        if (gone.code !== 'ESRCH') throw gone;
        return false;
    }
}
