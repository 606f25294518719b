// The control API: the actions of a person in Hub's pages, and more that tests need.
import express from 'express';
import { HubError } from './ids.mjs';
import { pluginView } from './plugins.mjs';
import { sessionView } from './sessions.mjs';

const LONGEST_WAIT_MS = 3_600_000;

/**
 * The router of /control.
 * @param {import('../hub.mjs').Hub} hub
 */
export function controlRouter(hub) {
    const router = express.Router();
    router.use(express.json({ limit: '1gb' }));

    router.get('/', (_request, response) => response.json(hub.status()));
    router.post('/settings', (request, response) => response.json(hub.set(request.body)));
    router.get('/requests', (request, response) => response.json(hub.requests.slice(-(request.query.last ?? 100))));
    router.get('/connections', (request, response) => response.json(hub.connections.slice(-(request.query.last ?? 100))));
    router.get('/uploads', (_request, response) => response.json(hub.files.uploads()));
    router.get('/strays', (_request, response) => response.json(hub.strays));
    router.post('/storages', (request, response) => response.status(201).json(hub.addStorage(request.body)));
    router.post('/storages/:id/files', (request, response) => response.json(hub.setStorageFiles(request.params.id, request.body)));

    pluginRoutes(hub, router);
    projectRoutes(hub, router);
    faultRoutes(hub, router);
    router.use((request) => {
        throw new HubError(404, `no ${request.method} /control${request.path}`);
    });
    return router;
}

function pluginRoutes(hub, router) {
    router.get('/plugins', (_request, response) => response.json(hub.plugins.all().map(pluginView)));
    router.post('/plugins', (request, response) => {
        const plugin = hub.createPlugin(request.body);
        response.status(201).json({ ...pluginView(plugin), secret: plugin.secret });
    });
    router.get('/plugins/:id', async (request, response, next) => {
        try {
            const { light, wait } = request.query;
            if (light) await hub.waitForLight(request.params.id, light, Number(wait ?? 0));
            response.json(pluginView(hub.plugins.get(request.params.id)));
        } catch (error) {
            next(error);
        }
    });
    router.delete('/plugins/:id', (request, response) => {
        hub.plugins.remove(request.params.id);
        response.status(204).end();
    });
    router.post('/plugins/:id/connector', (request, response) => {
        hub.callPluginAt(request.params.id, request.body.url ?? null);
        response.json(pluginView(hub.plugins.get(request.params.id)));
    });
    router.post('/plugins/:id/cut', (request, response) => response.json({ hit: hub.cutCalls(request.params.id) }));
    router.post('/plugins/:id/run', (request, response) => {
        response.status(201).json({ session: hub.run(request.params.id, request.body) });
    });

    router.get('/sessions', (request, response) => {
        response.json(
            hub.sessions
                .all()
                .slice(-(request.query.last ?? 100))
                .map(sessionView),
        );
    });
    router.get('/sessions/:session', (request, response, next) => {
        const wait = Math.min(Number(request.query.wait ?? 0), LONGEST_WAIT_MS);
        Promise.resolve()
            .then(() => hub.sessions.wait(request.params.session, wait, true))
            .then((record) => response.json(sessionView(record)))
            .catch(next);
    });
}

function projectRoutes(hub, router) {
    router.get('/projects', (_request, response) => response.json(hub.projects.all().map((p) => p.view(0))));
    router.post('/projects', (request, response, next) => {
        const { zipBase64, prepare, ...fields } = request.body;
        if (zipBase64 !== undefined) fields.zip = Buffer.from(zipBase64, 'base64');
        const project = hub.createProject(fields);
        // A big export takes a while to make. `prepare` makes it now instead of at the first request.
        Promise.resolve(prepare ? hub.prepareExport(project.id) : undefined)
            .then(() => response.status(201).json(project.view()))
            .catch(next);
    });
    router.get('/projects/:id', (request, response) => {
        response.json(hub.project(request.params.id).view(Number(request.query.last ?? 20)));
    });
    router.get('/projects/:id/tasks/:task', (request, response) => {
        const task = hub.project(request.params.id).task(request.params.task);
        if (!task) throw new HubError(404, `no task ${request.params.task}`);
        response.json(task);
    });
    router.post('/projects/:id/tasks/:task', (request, response) => {
        hub.project(request.params.id).changeTask(request.params.task, request.body);
        response.json(hub.project(request.params.id).task(request.params.task));
    });
}

function faultRoutes(hub, router) {
    router.get('/faults', (_request, response) => response.json(hub.faults.list()));
    router.post('/faults', (request, response) => response.status(201).json({ id: hub.addFault(request.body) }));
    router.delete(['/faults', '/faults/:id'], (request, response) => {
        hub.clearFaults(request.params.id === undefined ? undefined : Number(request.params.id));
        response.status(204).end();
    });
    router.post('/link', (request, response, next) => {
        const { plugin = 'all', action, ...rest } = request.body;
        if (action !== 'restart') {
            response.json({ hit: hub.links.act(plugin, action, rest) });
            return;
        }
        // The answer must be sent before the listener ends.
        response.once('finish', () => hub.restart(rest.downMs).catch(next));
        response.set('Connection', 'close').status(202).json({});
    });
}
