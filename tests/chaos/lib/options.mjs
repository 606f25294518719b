// The options of the command line.
import { parseArgs } from 'node:util';

const USAGE = `tests/chaos/run [options]
  --faults N    how many (100)
  --seed TEXT   the same seed draws the same faults in the same order (a new one)
  --minutes M   ends earlier, after so many minutes
  --only NAMES  faults of these kinds only, separated by commas; see tests/chaos/faults
  --keep        keeps the logs also if all went well`;

const TYPES = { faults: 'string', seed: 'string', minutes: 'string', only: 'string', keep: 'boolean', help: 'boolean' };

/** @returns {{faults: number, seed: string, minutes: number, only: string[]|undefined, keep: boolean}} */
export function readOptions() {
    try {
        const { values } = parseArgs({ options: Object.fromEntries(Object.entries(TYPES).map(([name, type]) => [name, { type }])) });
        if (values.help) end(process.stdout, USAGE, 0);
        const number = (name, otherwise) => {
            const value = values[name] === undefined ? otherwise : Number(values[name]);
            if (!(value > 0)) throw new Error(`--${name} must be a number above 0`);
            return value;
        };
        return {
            faults: Math.ceil(number('faults', 100)),
            minutes: number('minutes', Infinity),
            seed: values.seed ?? Math.random().toString(36).slice(2, 10),
            only: values.only?.split(','),
            keep: values.keep ?? false,
        };
    } catch (failed) {
        return end(process.stderr, `${failed.message}\n${USAGE}`, 2);
    }
}

function end(stream, text, code) {
    stream.write(`${text}\n`);
    process.exit(code);
}
