// The output during chaos and at its end, and the files that are kept.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const SHOWN = 50;

export const say = (text) => process.stdout.write(`${text}\n`);

/** Prints a line once per so many faults. */
export function progress(total, every = Math.max(10, Math.round(total / 50))) {
    const began = Date.now();
    return ({ n, name, what }) => {
        if (n % every === 0 || n === total)
            say(`${String(n).padStart(5)} of ${total} faults, ${((Date.now() - began) / 1000).toFixed()} s; the last: ${name}, ${what}`);
    };
}

/** How often each kind struck. */
export function summary({ storm, verdict, world }) {
    const kinds = {};
    for (const { name } of storm.struck) kinds[name] = (kinds[name] ?? 0) + 1;
    const list = (counts) =>
        Object.entries(counts)
            .map(([name, count]) => `${count} ${name}`)
            .join(', ');
    const { connections, responses } = world.hub.counters;
    return [
        `faults: ${list(kinds)}`,
        `runs: ${list(verdict.counts)}; an answer that came again was at most ${verdict.longestInFlightMs} ms under way when its connection ended`,
        `connections: ${connections}; answers: ${responses}`,
    ].join('\n');
}

/** Keeps all files that show the course of events. @returns {string} the folder */
export function keepLogs({ seed, storm, world, traffic, problems }) {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-chaos-logs-'));
    const write = (name, text) => fs.writeFileSync(path.join(dir, name), text);
    const bySession = (session) => ({
        ...world.hub.session(session),
        load: traffic.runs.get(session).load.name,
        sentOn: traffic.runs.get(session).socketId,
        event: undefined,
    });
    write('seed', `${seed}\n`);
    write('problems', `${problems.join('\n')}\n`);
    write('faults', storm.struck.map(shown).join(''));
    write('angod.log', world.angod.logText);
    write(
        'angod.json',
        JSON.stringify(
            { ...world.angod.config, plugins: world.angod.config.plugins.map((plugin) => ({ ...plugin, secret: '…' })) },
            null,
            1,
        ),
    );
    write('sessions.ndjson', [...traffic.runs.keys()].map((session) => `${JSON.stringify(bySession(session))}\n`).join(''));
    write('connections.ndjson', world.hub.connections.map((one) => `${JSON.stringify(one)}\n`).join(''));
    write('requests.ndjson', world.hub.requests.map(({ query, ...one }) => `${JSON.stringify(one)}\n`).join(''));
    return dir;
}

/** The text for the terminal after an error. */
export const lastFaults = (storm) => `the last faults:\n${storm.struck.slice(-SHOWN).map(shown).join('')}`;

const shown = ({ n, at, name, what }) => `${String(n).padStart(5)}  ${at}  ${name.padEnd(15)} ${what}\n`;
