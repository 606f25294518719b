// Half-open connections: the network drops everything without notice. Connections from before stay dead, and usually are
// reset when the network is back.
export default {
    weight: 4,
    async strike({ links }, random) {
        const forMs = random.between(100, 4000);
        const isReset = random.chance(0.8);
        links.vanish();
        const lift = () => {
            links.comeBack();
            if (isReset) links.forget();
        };
        return { what: `for ${forMs.toFixed()} ms${isReset ? ', then reset' : ''}`, forMs, lift };
    },
};
