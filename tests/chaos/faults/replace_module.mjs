// A module file is replaced while its plugin works: usually by a good version, otherwise by one that cannot be loaded, that
// fails to start, or that crashes in every run.
import fs from 'node:fs';

const BAD = { garbage: () => Buffer.from('no library at all'), nothing: () => Buffer.alloc(0) };

export default {
    weight: 14,
    async strike({ modules, versions }, random) {
        const inPlace = random.chance(0.3);
        const put = (name, bytes, what, isGood) => {
            modules.put(name, bytes, { inPlace, isGood });
            return { what: `${name} by ${what}${inPlace ? ', written over in place' : ''}` };
        };
        if (random.chance(0.4)) {
            const of = random.pick(['good', 'good', 'good', 'crashing', 'unable']);
            const version = random.pick(versions[of]);
            return put('swap.so', fs.readFileSync(versions.file(version)), version, of === 'good');
        }
        const name = random.pick(modules.names);
        if (random.chance(0.75)) return put(name, modules.renewed(name), 'a good version', true);
        if (random.chance(0.3)) return put(name, modules.renewed(name).subarray(0, 5000), 'its first part', false);
        const bad = random.pick(Object.keys(BAD));
        return put(name, BAD[bad](), bad, false);
    },
};
