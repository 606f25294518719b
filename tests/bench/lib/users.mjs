// Users who run one plugin at the same time: the time until the last of them has an answer.
import { median } from './numbers.mjs';

const USERS = 10;
const WORK_MS = 200;
const LONGEST_MS = 60_000;

/**
 * @param {import('../../hub/hub.mjs').Hub} hub
 * @param {{plugin: object}} angod with the fixture "witness-concurrent", and with the default concurrency
 * @param {{rounds: number, progress: Function}} options
 * @returns {Promise<{last: number, users: number, workMs: number}>} last: median of the rounds, in ms
 */
export async function measureUsers(hub, { plugin }, { rounds, progress }) {
    const all = async () => {
        const begin = performance.now();
        const sessions = Array.from({ length: USERS }, () => hub.run(plugin.id, { extra: { workMs: WORK_MS } }));
        const records = await Promise.all(sessions.map((session) => hub.waitForSession(session, LONGEST_MS)));
        if (records.some(({ state }) => state !== 'answered')) throw new Error('a run of a user failed');
        return performance.now() - begin;
    };
    await all(); // starts the host
    const times = [];
    for (let round = 0; round < rounds; round += 1) times.push(await all());
    const last = median(times);
    progress(`${USERS} users at the same time: the last answer after ${last.toFixed(1)} ms`);
    return { last, users: USERS, workMs: WORK_MS };
}
