// One export by one contender: its time, its memory, its temporary disk and its result.
import { execFileSync } from 'node:child_process';
import { Meter } from './meter.mjs';
import { median } from './numbers.mjs';

const LONGEST_MS = 3_600_000;

/**
 * Runs the plugin on the project. The processor time is right only if no process of the contender ends in between.
 * @param {import('../../hub/hub.mjs').Hub} hub
 * @param {object} contender
 * @param {object} project
 * @param {{config?: object, rounds: number, warmUps?: number, progress: Function}} options
 * @returns {Promise<{seconds: number, cpu: number, memory: number, disk: number, result: string}>} seconds: median of the
 *   rounds; cpu: seconds of processor time, mean of the rounds; memory, disk: the highest, in MB; result: path of the last one
 */
export async function measureExport(hub, contender, project, { config, rounds, warmUps = 1, progress }) {
    const seconds = [];
    const meter = new Meter(contender.pid, contender.folder);
    let record;
    for (let round = -warmUps; round < rounds; round += 1) {
        if (round === 0) meter.restartCpu();
        record = await hub.waitForSession(hub.run(contender.plugin.id, { projectId: project.id, config }), LONGEST_MS);
        if (record.state !== 'answered') {
            throw new Error(`${contender.name} failed: ${record.logs.map((line) => line.msg).join(' ')}`);
        }
        const took = record.elapsedMs / 1000;
        progress(`${contender.name}, ${project.name}${round < 0 ? ' (warm-up)' : ''}: ${took.toFixed(2)} s`);
        if (round >= 0) seconds.push(took);
    }
    const result = hub.files.find(record.answers[0].message.response).path;
    const { memory, disk, cpu } = meter.stop();
    return { seconds: median(seconds), cpu: cpu / rounds, memory, disk, result };
}

function countsOf(zip) {
    const text = execFileSync('unzip', ['-p', zip, 'annotations.json'], { encoding: 'utf8', maxBuffer: 2 ** 30 });
    const coco = JSON.parse(text);
    const perClass = new Map(coco.categories.map(({ id, name }) => [id, { name, count: 0, area: 0 }]));
    for (const { category_id: id, area } of coco.annotations) {
        perClass.get(id).count += 1;
        perClass.get(id).area += area;
    }
    return {
        images: coco.images.length,
        annotations: coco.annotations.length,
        categories: [...perClass.values()].map(({ name, count, area }) => `${name} ${count} ${Math.round(area / 1000)}`),
    };
}

/**
 * Compares the results: a comparison of times is only fair if both programs did the same work.
 * @returns {{same: boolean, text: string}}
 */
export function compareResults(ourZip, theirZip) {
    const [ours, theirs] = [ourZip, theirZip].map(countsOf);
    if (JSON.stringify(ours) !== JSON.stringify(theirs)) {
        return { same: false, text: `The results differ: angod ${JSON.stringify(ours)}, peer ${JSON.stringify(theirs)}` };
    }
    return {
        same: true,
        text:
            `Both results hold ${ours.images.toLocaleString('en')} images, ` +
            `${ours.annotations.toLocaleString('en')} annotations and ${ours.categories.length} categories.`,
    };
}
