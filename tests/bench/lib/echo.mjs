// Round trips of small events, by the Hub's own clock: from the moment it sends the event until it has the answer.
import { median, percentile } from './numbers.mjs';

const IN_FLIGHT = 64;
const LONGEST_MS = 60_000;
const WARM_UP = 0.1; // of the number of events, or of the time

async function roundTrip(hub, { name, plugin }) {
    const record = await hub.waitForSession(hub.run(plugin.id), LONGEST_MS);
    if (record.state !== 'answered') throw new Error(`${name} failed: ${record.logs.map((line) => line.msg).join(' ')}`);
    return record.elapsedMs;
}

async function oneByOne(hub, contender, count) {
    const times = [];
    for (let i = 0; i < count * WARM_UP; i += 1) await roundTrip(hub, contender);
    for (let i = 0; i < count; i += 1) times.push(await roundTrip(hub, contender));
    return times;
}

async function eventsInFlight(hub, contender, seconds) {
    const begin = performance.now();
    let done = 0;
    const worker = async () => {
        while (performance.now() - begin < seconds * 1000) {
            await roundTrip(hub, contender);
            done += 1;
        }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    return done / ((performance.now() - begin) / 1000);
}

/**
 * Measures the contenders by turns, so that other work of the machine affects all of them alike.
 * @param {import('../../hub/hub.mjs').Hub} hub
 * @param {Record<string, object>} contenders
 * @param {{rounds: number, roundTrips: number, flightSeconds: number, progress: Function}} options
 * @returns {Promise<Record<string, {p50: number, p99: number, perSecond: number}>>} medians of the rounds
 */
export async function measureEcho(hub, contenders, { rounds, roundTrips, flightSeconds, progress }) {
    const figures = Object.fromEntries(Object.keys(contenders).map((name) => [name, { p50: [], p99: [], perSecond: [] }]));
    for (let round = 0; round < rounds; round += 1) {
        for (const [name, contender] of Object.entries(contenders)) {
            const times = await oneByOne(hub, contender, roundTrips);
            await eventsInFlight(hub, contender, flightSeconds * WARM_UP);
            const perSecond = await eventsInFlight(hub, contender, flightSeconds);
            const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
            progress(`${name}, echo: p50 ${p50.toFixed(3)} ms, p99 ${p99.toFixed(3)} ms, ${Math.round(perSecond)} events/s`);
            for (const [figure, value] of Object.entries({ p50, p99, perSecond })) figures[name][figure].push(value);
        }
    }
    const medians = (lists) => Object.fromEntries(Object.entries(lists).map(([figure, list]) => [figure, median(list)]));
    return Object.fromEntries(Object.entries(figures).map(([name, lists]) => [name, medians(lists)]));
}
