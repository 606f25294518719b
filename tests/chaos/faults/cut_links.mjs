// Connections of plugins end: all of them in the network, or those of one plugin at Hub, in every way in which one can end.
const AT_HUB = ['drop', 'reset', 'close', 'disconnect'];

export default {
    weight: 12,
    async strike({ hub, links, plugins }, random) {
        if (random.chance(0.4)) {
            const reset = random.chance(0.5);
            links.cut({ reset });
            return { what: `all, ${reset ? 'with a reset' : 'orderly'}` };
        }
        const how = random.pick(AT_HUB),
            name = random.pick(Object.keys(plugins));
        hub.link(plugins[name].id)[how]();
        return { what: `${how} of ${name}` };
    },
};
