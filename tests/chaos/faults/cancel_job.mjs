// An operator cancels a run that waits or works.
export default {
    weight: 10,
    async strike(world, random) {
        const state = random.pick(['running', 'running', 'queued']),
            draw = random.next();
        try {
            const jobs = await world.angod.jobs(`?state=${state}`);
            if (jobs.length === 0) return null;
            const { id, session, plugin } = jobs[Math.floor(draw * jobs.length)];
            await world.angod.post(`/v1/jobs/${id}/cancel`);
            world.cancelled.add(JSON.parse(session));
            return { what: `${id} of ${plugin}, ${state}` };
        } catch (failed) {
            // angod is down or the run has ended.
            return failed.code || /has ended already|there is no (open )?job/.test(failed.message) ? null : Promise.reject(failed);
        }
    },
};
