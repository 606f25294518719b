// The configuration changes and SIGHUP loads it: a plugin gets other settings, a plugin without runs appears or disappears, or
// the file is not a configuration.
import fs from 'node:fs';

const BROKEN = ['', '{', '{"plugins": 5}', '[]'];

export default {
    weight: 5,
    async strike({ angod, guest }, random) {
        const { plugins } = angod.config;
        const way = random.pick(['change', 'change', 'guest', 'broken', 'same']);
        const entry = random.pick(plugins.filter(({ name }) => name !== guest.name)),
            text = random.pick(BROKEN);
        const change = random.pick([
            { concurrency: random.integer(1, 6) },
            { idle_s: random.integer(1, 300) },
            { max_queued: random.integer(500, 1000) },
        ]);
        let what = way;
        if (way === 'change') {
            Object.assign(entry, change);
            what = `${entry.name} gets ${JSON.stringify(change)}`;
        } else if (way === 'guest') {
            const at = plugins.indexOf(guest);
            if (at < 0) plugins.push(guest);
            else plugins.splice(at, 1);
            what = at < 0 ? 'one more plugin' : 'one plugin less';
        }
        const file = angod.writeConfig();
        if (way === 'broken') fs.writeFileSync(file, text); // each start writes the file again
        angod.child.kill('SIGHUP');
        return { what };
    },
};
