// Tasks: lists, histories, annotation, and the work of managers.
import { HubError } from '../ids.mjs';
import { brushesOf } from '../labels.mjs';
import { answerView, taskView } from './answers.mjs';
import { pageOfAssets } from './assets.mjs';
import { orderOf, testOf } from './filters.mjs';
import { emailOf, jsonObject, projectOf, text, textList, texts, windowOf } from './requests.mjs';

const REVIEWS = ['Accepted', 'Rejected', 'Todo', 'Fixed'];
const PRIORITY_MAX = 1000;
/** The members that come with every choice of fields. */
const ALWAYS = ['_id', 'project', 'asset'];
const OLDEST_FIRST = 'createdAt';

function list(hub, request) {
    const project = projectOf(hub, request);
    const { query } = request;
    const fulfils = testOfQuery(project, query);
    const isByTime = [undefined, '', OLDEST_FIRST, '-createdAt'].includes(query.sort);
    if (!fulfils && isByTime) {
        const { places, total } = pageOfAssets(hub, project, { ...query, filters: undefined });
        return { tasks: places.map((place) => project.tasks.at(place)).flatMap((task) => shown(project, task, query)), total };
    }
    const { first, limit } = windowOf(hub, query);
    const tasks = [...allTasks(project)].filter(fulfils ?? (() => true));
    if (!isByTime) tasks.sort(orderOf(query.sort));
    else if (query.sort === OLDEST_FIRST) tasks.reverse();
    return { tasks: tasks.slice(first, first + limit).flatMap((task) => shown(project, task, query)), total: tasks.length };
}

/** The tasks of all assets, the newest first. */
function* allTasks(project) {
    for (let place = project.places - 1; place >= 0; place -= 1) {
        const task = project.tasks.at(place);
        if (task) yield task;
    }
}

/** The task with the members that the query wants, or nothing if there is no task. */
function shown(project, task, { includeAnswer, fields }) {
    if (!task) return [];
    const { answer, ...rest } = taskView(project, task);
    const whole = /^false$/i.test(includeAnswer ?? '') ? rest : { ...rest, answer };
    if (!fields) return [whole];
    const names = new Set([...ALWAYS, ...fields.split(',').map((name) => name.trim())]);
    return [Object.fromEntries(Object.entries(whole).filter(([name]) => names.has(name)))];
}

/** The test for the filters of a query, in all the forms that the client and the documentation have; undefined: no filter. */
function testOfQuery(project, query) {
    const plain = {};
    for (const name of ['status', 'stage', 'assignee']) {
        const value = query[name]?.eq ?? query[name];
        if (value) plain[name] = value;
    }
    const batches = textList(query.batches, 'batches');
    if (batches.length > 0) plain.batches = { $in: batches };
    const filters = [jsonObject(query.filter, 'filter'), jsonObject(query.filters, 'filters'), plain];
    const given = filters.filter((one) => one && Object.keys(one).length > 0);
    if (given.length === 0) return undefined;
    const tests = given.map((one) => testOf(one, (member, value) => known(project, member, value)));
    return (task) => {
        const item = { ...task, stage: task.stageId, batches: (task.batches ?? []).map((one) => project.batchId(one)) };
        return tests.every((test) => test(item));
    };
}

/** Stages and batches may be named by id or by name. */
function known(project, member, value) {
    if (member === 'stage') return project.stage(value)?.id ?? value;
    return member === 'batches' ? project.batchId(value) : value;
}

function one(hub, request) {
    const project = hub.projects.ofTask(request.params.id);
    const task = project.task(request.params.id);
    const stageHistory = project.tasks.history(task._id).map((left) => answerView(project, left));
    return { task: { ...taskView(project, task), stageHistory } };
}

const historyView = (hub, project, taskId) =>
    project.tasks.historyView(taskId, hub.orgId).map((left) => ({ ...left, answer: answerView(project, left.answer) }));

function history(hub, request) {
    const taskId = request.params.id;
    return { taskHistory: historyView(hub, hub.projects.ofTask(taskId), taskId) };
}

function historyEntry(hub, request) {
    const { id } = request.params;
    for (const project of hub.projects.all()) {
        const taskId = project.tasks.ofHistory(id);
        const found = taskId && project.task(taskId) && historyView(hub, project, taskId).find((left) => left._id === id);
        if (found) return { taskHistory: found };
    }
    throw new HubError(404, `no history entry ${id}`);
}

/** Stores an answer. With nextStage the task goes to the stage behind its own, or to the last one if its own is unknown. */
function annotate(hub, request) {
    const taskId = request.params.id;
    const project = hub.projects.ofTask(taskId);
    const { answer } = request.body;
    if (answer === undefined) throw new HubError(400, 'answer is required');
    project.annotations.push({ at: Date.now(), taskId, query: { ...request.query }, ...request.body });
    const isPlugin = request.query.isPlugin === 'true';
    project.changeTask(taskId, { answer, ...brushesOf(request.body), ...(isPlugin ? {} : { updatedBy: emailOf(hub, request) }) });
    if (request.query.nextStage === 'true') project.changeTask(taskId, { stage: stageBehind(project, project.task(taskId)) });
    hub.sessions.annotated(taskId, request.body);
    return { label: taskView(project, project.task(taskId)) };
}

function stageBehind(project, task) {
    const own = project.stage(task.stageId);
    const next = own?.next?.find((id) => project.stage(id));
    return next ?? (own?.type === 'Complete' ? own.id : 'Complete');
}

function assign(hub, { body }) {
    const project = hub.projects.get(body.project);
    const user = text(body.user, 'user');
    const stage = body.stage && (project.stage(body.stage)?.id ?? body.stage);
    const tasks = texts(body.tasks, 'tasks').filter((id) => {
        const task = project.task(id);
        return task && (!stage || task.stageId === stage);
    });
    for (const id of tasks) project.changeTask(id, { assignee: user });
    return { tasks };
}

function review(hub, request) {
    const taskId = request.params.id;
    const project = hub.projects.ofTask(taskId);
    const { reviewStatus, pctDetails } = request.body;
    if (!REVIEWS.includes(reviewStatus)) throw new HubError(400, `reviewStatus must be one of ${REVIEWS.join(', ')}`);
    project.changeTask(taskId, { reviewStatus, ...(pctDetails && { pctDetails }), updatedBy: emailOf(hub, request) });
    return { label: taskView(project, project.task(taskId)) };
}

/** The tasks that the filters of a bulk request mean; without filters all. */
function chosen(project, filters) {
    const { taskIds, externalIds, assetIds, fromStageIds, batches } = filters ?? {};
    const named = { _id: taskIds, externalId: externalIds, asset: assetIds, stage: fromStageIds, batches };
    const given = Object.entries(named).filter(([, list]) => Array.isArray(list) && list.length > 0);
    const filter = Object.fromEntries(given.map(([member, list]) => [member, { $in: list }]));
    const fulfils = testOfQuery(project, { filter: JSON.stringify(filter) }) ?? (() => true);
    return [...allTasks(project)].filter(fulfils);
}

function requeue(hub, request) {
    const project = projectOf(hub, request);
    const { toStageId, filters } = request.body;
    const options = request.body.options ?? {};
    const target = project.stage(text(toStageId, 'toStageId'));
    if (!target) throw new HubError(400, `the project has no stage ${toStageId}`);
    const tasks = chosen(project, filters);
    const empty = { answer: { tools: [], classifications: [], relations: [] }, brushDataUrl: null, medicalBrushDataUrl: null };
    for (const { _id } of tasks) {
        const change = {
            stage: target.id,
            ...(options.removeAssignee && { assignee: null }),
            ...(options.removeAnnotations && empty),
        };
        project.changeTask(_id, change);
        if (options.removeStageHistory) project.tasks.forgetHistory(_id);
    }
    return { modifiedCount: { modified: tasks.length, toStageId: target.id } };
}

function updatePriority(hub, request) {
    const project = projectOf(hub, request);
    const { priority, filters } = request.body;
    if (!(typeof priority === 'number' && Math.abs(priority) <= PRIORITY_MAX)) {
        throw new HubError(400, `priority must be a number from -${PRIORITY_MAX} to ${PRIORITY_MAX}`);
    }
    const tasks = chosen(project, filters);
    for (const { _id } of tasks) project.changeTask(_id, { priority });
    return { result: { modified: tasks.length, priority } };
}

export const taskRoutes = {
    'GET /project/:id/tasks': list,
    'GET /task/:id': one,
    'GET /task/:id/history': history,
    'GET /taskHistory/:id': historyEntry,
    'POST /annotate/:id': annotate,
    'POST /task/assign': assign,
    'POST /review/:id': review,
    'POST /project/:id/requeueTasks': requeue,
    'POST /project/:id/updatePriority': updatePriority,
};
