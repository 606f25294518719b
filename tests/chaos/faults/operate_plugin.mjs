// An operator restarts a plugin, or disables it for a while.
export default {
    weight: 3,
    async strike({ angod, plugins, disabled }, random) {
        const name = random.pick(Object.keys(plugins)),
            isOff = random.chance(0.4),
            forMs = random.between(50, 2000);
        const asked = (verb) =>
            angod.post(`/v1/plugins/${name}/${verb}`).then(
                () => true,
                (failed) => {
                    // angod is about to start, which enables all plugins.
                    if (failed.code || /still starting|there is no plugin/.test(failed.message)) return false;
                    throw failed;
                },
            );
        const span = { name, from: Date.now(), to: Infinity };
        if (!(await asked(isOff ? 'disable' : 'restart'))) return null;
        if (!isOff) return { what: `${name} is restarted` };
        disabled.push(span);
        const enable = async () => {
            await asked('enable');
            span.to = Date.now();
        };
        return { what: `${name} is disabled for ${forMs.toFixed()} ms`, forMs, lift: enable };
    },
};
