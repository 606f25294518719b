// The REST API under /v2: the table of all endpoints, and what is the same for each of them.
import express from 'express';
import { assetRoutes } from './api/assets.mjs';
import { exportRoutes } from './api/exports.mjs';
import { issueRoutes } from './api/issues.mjs';
import { organizationRoutes } from './api/organization.mjs';
import { pluginRoutes } from './api/plugins.mjs';
import { projectRoutes } from './api/projects.mjs';
import { storageRoutes } from './api/storages.mjs';
import { taskRoutes } from './api/tasks.mjs';
import { HubError } from './ids.mjs';

/**
 * All endpoints by "METHOD /path". A handler takes the Hub and the request and returns the `data` of the answer; a pair names the
 * status of the answer first. Of two that fit, the first one answers.
 */
export const ROUTES = {
    ...exportRoutes,
    ...projectRoutes,
    ...assetRoutes,
    ...taskRoutes,
    ...issueRoutes,
    ...storageRoutes,
    ...organizationRoutes,
    ...pluginRoutes,
};

/**
 * The router of /v2.
 * @param {import('../hub.mjs').Hub} hub
 */
export function apiRouter(hub) {
    const router = express.Router();
    router.use(oneSlash, authorise(hub), rateLimit(hub));
    router.use(express.json({ limit: '200mb' }), express.urlencoded({ extended: false }));
    router.use(express.raw({ type: 'multipart/form-data', limit: '200mb' }));
    for (const [route, entry] of Object.entries(ROUTES)) {
        const [method, path] = route.split(' ');
        const [status, handler] = Array.isArray(entry) ? entry : [200, entry];
        router[method.toLowerCase()](path, async (request, response, next) => {
            try {
                const data = await handler(hub, request);
                if (method !== 'GET') hub.watch.changed();
                response.status(status).json({ status: 'success', data });
            } catch (error) {
                next(error);
            }
        });
    }
    router.use((request) => {
        throw new HubError(404, `no ${request.method} /v2${request.path}`);
    });
    return router;
}

/** The vendor's client writes two slashes in front of one of its paths. */
function oneSlash(request, _response, next) {
    request.url = request.url.replace(/^\/+/, '/');
    next();
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
