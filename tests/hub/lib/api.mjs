// The REST API under /v2, as plugins use it.
import express from 'express';
import { HubError } from './ids.mjs';
import { brushesOf } from './labels.mjs';

const LIMIT_DEFAULT = 10;
const LIMIT_MAX = 100;

const success = (data) => ({ status: 'success', data });

/**
 * The router of /v2.
 * @param {import('../hub.mjs').Hub} hub
 */
export function apiRouter(hub) {
    const router = express.Router();
    router.use(authorise(hub), rateLimit(hub), express.json({ limit: '200mb' }));

    const exportProject = async (request, response) => {
        const project = hub.projects.get(request.query.project);
        project.exports.push({ at: Date.now(), query: { ...request.query } });
        const file = await hub.exports.zipFor(project.source);
        const exportPath = hub.files.sign('GET', hub.files.published(file, `export-${project.id}.zip`), hub.url);
        hub.watch.changed();
        response.json(success({ exportPath }));
    };
    router.get(['/export', '/exportV3'], (request, response, next) => exportProject(request, response).catch(next));

    router.get('/getUploadUrl', (request, response) => {
        const { name, project, type, storageId } = request.query;
        if (!name || !project) throw new HubError(400, 'name and project are required');
        hub.projects.get(project);
        const object = hub.files.newUpload({ name, project, type, storageId });
        response.status(201).json(success({ uploadUrl: hub.files.sign('PUT', object, hub.url) }));
    });

    router.get('/getSignedUrl', (request, response) => {
        const object = hub.files.find(request.query.name ?? request.query.url ?? '');
        if (!object) throw new HubError(400, 'name (or url) is not of a file of this Hub');
        response.json(success({ signedUrl: hub.files.sign('GET', object, hub.url) }));
    });

    projectRoutes(hub, router);
    taskRoutes(hub, router);
    callbackRoutes(hub, router);
    router.use((request) => {
        throw new HubError(404, `no ${request.method} /v2${request.path}`);
    });
    return router;
}

function projectRoutes(hub, router) {
    router.get('/project/:id', (request, response) => {
        const { id, name, batches, stages, categorySchema } = hub.projects.get(request.params.id);
        response.json(success({ project: { _id: id, name, type: 'default', organization: hub.orgId, batches, stages, categorySchema } }));
    });

    router.get('/project/:id/assets', (request, response) => {
        const project = hub.projects.get(request.params.id);
        const { places, total } = pageOf(project, request.query);
        const assets = places.map((place) => {
            const record = project.record(place);
            return {
                _id: record.assetId,
                externalId: record.externalId,
                data: record.asset,
                createdAt: project.createdAt(place),
                batches: record.batches ?? [],
                metadata: record.metadata,
                dataset: record.dataset,
                labelTasks: record.task ? [{ _id: record.task.taskId, stage: record.task.stage }] : [],
            };
        });
        response.json(success({ assets, total }));
    });

    router.get('/project/:id/tasks', (request, response) => {
        const project = hub.projects.get(request.params.id);
        const { places, total } = pageOf(project, request.query);
        const tasks = places
            .map((place) => project.record(place).task)
            .filter(Boolean)
            .map((task) => project.task(task.taskId));
        response.json(success({ tasks, total }));
    });

    router.post('/project/:id/cloud', (request, response) => {
        const project = hub.projects.get(request.params.id);
        const { assets } = request.body;
        if (!Array.isArray(assets)) throw new HubError(400, 'assets must be a list');
        const bad = assets.findIndex((asset) => typeof asset?.data !== 'string' && !Array.isArray(asset?.dataset));
        if (bad >= 0) throw new HubError(400, `assets[${bad}] has neither data nor dataset`);
        project.addCloud(request.body);
        hub.watch.changed();
        response.json(
            success({ assets: { assetsCreated: assets.length, tasksCreated: assets.length, preLabelsCount: 0, validPreLabelsCount: 0 } }),
        );
    });

    router.post('/batches/:id', (request, response) => {
        const project = hub.projects.get(request.params.id);
        const { batches } = request.body;
        if (!Array.isArray(batches) || batches.some((batch) => typeof batch?.name !== 'string')) {
            throw new HubError(400, 'batches must be a list of {_id?, name}');
        }
        project.setBatches(batches);
        hub.watch.changed();
        response.json(success({ project: { _id: project.id, batches: project.batches } }));
    });

    router.get('/storages', (request, response) => {
        const { first, limit } = windowOf(request.query);
        response.json(success({ storages: hub.storages.slice(first, first + limit), total: hub.storages.length }));
    });

    router.post('/import/labels', (request, response) => {
        const labels = request.body.jsonContent ?? request.body.labels;
        if (!Array.isArray(labels)) throw new HubError(400, 'jsonContent must be a list');
        const project = hub.projects.get(request.body.project);
        const found = project.addLabels(labels);
        hub.watch.changed();
        response.json(success({ project: `${found} / ${labels.length} tasks are labeled.` }));
    });
}

function taskRoutes(hub, router) {
    router.get('/task/:id', (request, response) => {
        response.json(success({ task: hub.projects.ofTask(request.params.id).task(request.params.id) }));
    });

    router.post('/annotate/:id', (request, response) => {
        const taskId = request.params.id;
        const project = hub.projects.ofTask(taskId);
        const { answer } = request.body;
        if (answer === undefined) throw new HubError(400, 'answer is required');
        project.annotations.push({ at: Date.now(), taskId, query: { ...request.query }, ...request.body });
        const stage = request.query.nextStage === 'true' ? { stage: 'Complete', status: 'Completed' } : {};
        project.changeTask(taskId, { answer, ...brushesOf(request.body), ...stage });
        hub.sessions.annotated(taskId, request.body);
        hub.watch.changed();
        response.json(success({ label: project.task(taskId) }));
    });
}

function callbackRoutes(hub, router) {
    router.post('/pluginResponse', (request, response) => {
        hub.counters.responses += 1;
        hub.sessions.answer(request.body, { via: 'rest' });
        response.json(success({ response: { received: true } }));
    });
    router.post('/pluginLog', (request, response) => {
        hub.counters.logs += 1;
        hub.sessions.log(request.body, { via: 'rest' });
        response.json(success({ response: { logged: true } }));
    });
}

function authorise(hub) {
    return (request, _response, next) => {
        if (!hub.isApiKey(request.get('apikey'))) throw new HubError(401, 'Unauthorized: missing or wrong apikey');
        next();
    };
}

/** Counts the requests of each API key over a sliding minute. */
function rateLimit(hub) {
    const calls = new Map();
    return (request, response, next) => {
        const limit = hub.options.rateLimitPerMinute;
        if (!limit) {
            next();
            return;
        }
        const key = request.get('apikey');
        const now = Date.now();
        const recent = (calls.get(key) ?? []).filter((at) => at > now - 60_000);
        calls.set(key, recent);
        if (recent.length >= limit) {
            response.set('Retry-After', String(Math.ceil((recent[0] + 60_000 - now) / 1000)));
            throw new HubError(429, 'Too many requests');
        }
        recent.push(now);
        next();
    };
}

/** The part of a list that a query asks for. */
function windowOf(query) {
    const page = query.page === undefined ? 1 : Number(query.page);
    const limit = query.limit === undefined ? LIMIT_DEFAULT : Number(query.limit);
    if (!(Number.isInteger(page) && page >= 1)) throw new HubError(400, 'page must be a whole number from 1 on');
    if (!(Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX)) {
        throw new HubError(400, `limit must be 1 to ${LIMIT_MAX}`);
    }
    return { first: (page - 1) * limit, limit };
}

/** The places of a page's assets, newest first unless the query sorts by createdAt, and the total number of assets. */
function pageOf(project, query) {
    const { first, limit } = windowOf(query);
    const found = filtered(project, query.filters);
    const oldestFirst = query.sort === 'createdAt';
    if (found && oldestFirst) found.reverse();
    if (found) return { places: found.slice(first, first + limit), total: found.length };
    const { count } = project;
    const length = Math.max(0, Math.min(limit, count - first));
    return { places: Array.from({ length }, (_, i) => (oldestFirst ? first + i : count - 1 - first - i)), total: count };
}

/** Filters by `_id` and `externalId`, one text each, and by `batches`: assets that are in all of these. Ignores other filters. */
function filtered(project, text) {
    if (text === undefined || text === '' || text === '{}') return undefined;
    let wanted;
    try {
        wanted = JSON.parse(text);
    } catch {
        throw new HubError(400, 'filters is not JSON');
    }
    for (const name of ['_id', 'externalId']) {
        if (typeof (wanted[name] ?? '') !== 'string') throw new HubError(400, `filters.${name} must be a text`);
    }
    const batches = [].concat(wanted.batches ?? []);
    const candidates = () => {
        if (wanted._id !== undefined) return [project.placeOfAsset(wanted._id)].filter((place) => place !== undefined);
        if (wanted.externalId !== undefined) return project.placesOf([wanted.externalId]);
        return Array.from({ length: project.count }, (_, i) => project.count - 1 - i);
    };
    return candidates().filter((place) => {
        const record = project.record(place);
        const isWanted = wanted.externalId === undefined || record.externalId === wanted.externalId;
        return isWanted && batches.every((batch) => (record.batches ?? []).includes(batch));
    });
}
