// SIGHUP, with the configuration as it was: whatever comes of it, no run is lost.
export default {
    weight: 2,
    async strike({ angod }) {
        angod.child.kill('SIGHUP');
        return { what: 'SIGHUP' };
    },
};
