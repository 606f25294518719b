// A re-run of a workflow stage: Hub sends one event for each task, all at once, and each task is done when its labels have come.
import { readFileSync } from 'node:fs';

const LONGEST_MS = 1_800_000;
const WORK_MS = 1;
const MERGED = 100;

const residentOf = (pid) => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;

/** A project all of whose tasks stand in a stage of a plugin. */
function stageOf(hub, tasks) {
    const project = hub.createProject({ name: `${tasks} tasks`, assets: tasks, odd: false, seed: tasks });
    for (let place = 0; place < tasks; place += 1) project.changeTask(project.record(place).task.taskId, { stage: 'Plugin' });
    return project;
}

function sendAll(hub, { plugin }, project, tasks, extra) {
    const request = { projectId: project.id, extra: { workflow: true, workMs: WORK_MS, ...extra } };
    for (let asset = 0; asset < tasks; asset += 1) hub.run(plugin.id, { ...request, asset });
}

async function rerun(hub, contender, tasks, extra) {
    const project = stageOf(hub, tasks);
    const begin = performance.now();
    const before = hub.counters.requests;
    sendAll(hub, contender, project, tasks, extra);
    await hub.waitFor(() => project.annotations.length === tasks, LONGEST_MS, `${tasks} tasks of ${contender.name}`);
    return { perSecond: tasks / ((performance.now() - begin) / 1000), calls: (hub.counters.requests - before) / tasks };
}

/**
 * Tasks a second of each contender, from the first event to the last labels, and calls of Hub for each task.
 * @param {import('../../hub/hub.mjs').Hub} hub
 * @param {Record<string, object>} contenders
 * @param {{tasks: number, progress: Function}} options
 * @returns {Promise<{perSecond: Record<string, number>, calls: Record<string, number>}>}
 */
export async function measureRerun(hub, contenders, { tasks, progress }) {
    const [perSecond, calls] = [{}, {}];
    for (const [name, contender] of Object.entries(contenders)) {
        const measured = await rerun(hub, contender, tasks, {});
        perSecond[name] = measured.perSecond;
        calls[name] = measured.calls;
        progress(`${name}, re-run of ${tasks} tasks: ${measured.perSecond.toFixed(0)} tasks/s, ${measured.calls} calls for each`);
    }
    return { perSecond, calls };
}

/** Calls of Hub for a task whose labels are merged, so that angod reads the task first. */
export async function measureCallsOfMerging(hub, contender) {
    return (await rerun(hub, contender, MERGED, { overwrite: false })).calls;
}

/**
 * The memory that angod has more than when idle, in MB, with tasks that wait.
 * @param {import('../../hub/hub.mjs').Hub} hub
 * @param {{plugin: object, pid: number}} angod
 * @param {{waitingTasks: number, progress: Function}} options
 */
export async function measureWaitingTasks(hub, angod, { waitingTasks, progress }) {
    const idle = residentOf(angod.pid);
    const project = stageOf(hub, 1);
    let acked = 0;
    // A few thousand at a time, because Hub keeps what the connection has not taken yet.
    for (let sent = 0; sent < waitingTasks;) {
        const sessions = [];
        for (const end = Math.min(sent + 2000, waitingTasks); sent < end; sent += 1)
            sessions.push(
                hub.run(angod.plugin.id, {
                    projectId: project.id,
                    asset: 0,
                    ack: true,
                    extra: { workflow: true, gate: '/nonexistent/gate', number: sent },
                }),
            );
        await hub.waitFor(() => sessions.every((session) => hub.session(session).acked), LONGEST_MS, 'tasks to be recorded');
        acked += sessions.length;
    }
    const memory = (residentOf(angod.pid) - idle) / 1e6;
    progress(`angod with ${acked} waiting tasks: ${memory.toFixed(1)} MB more than idle`);
    return memory;
}
