// Builds the `plugin` event as Hub does for each type, and sends it.
import { HubError, newId } from './ids.mjs';

/**
 * Runs a plugin. See the README for the fields of `request`.
 * @param {import('../hub.mjs').Hub} hub
 * @param {string} pluginId
 * @param {object} request
 * @returns {string} the session
 */
export function runPlugin(hub, pluginId, request = {}) {
    const plugin = hub.plugins.get(pluginId);
    if (plugin.sockets.length === 0 && !plugin.connectorUrl && !request.queue) {
        throw new HubError(409, `plugin ${plugin.name} has no live connection`);
    }
    const event = request.raw ?? buildEvent(hub, plugin, request);
    const record = hub.sessions.open({ session: event.session, pluginId, projectId: event.projectId, event });
    if (plugin.connectorUrl) {
        hub.sessions.sent(record);
        hub.restCalls.run(plugin, record, event);
        return event.session;
    }
    const send = (socket) => {
        hub.sessions.sent(record);
        if (request.ack) socket.emit('plugin', event, (...args) => hub.sessions.ack(record, args));
        else socket.emit('plugin', event);
    };
    // The choice of the real Hub among several live connections of one plugin is unknown. The newest is the likeliest to be alive.
    if (plugin.sockets.length === 0) plugin.waitingRuns.push(send);
    else if (request.everywhere) plugin.sockets.forEach(send);
    else send(plugin.sockets.at(-1));
    return event.session;
}

function buildEvent(hub, plugin, request) {
    const project = hub.projects.getOrDefault(request.projectId);
    const runBy = request.runBy ?? 'user-1';
    const event = {
        session: request.session ?? newId(),
        projectId: project.id,
        orgId: hub.orgId,
        runBy,
        apiKey: hub.apiKeyOf(runBy),
        ...configOf(plugin, request),
        ...fieldsOfType(hub, plugin, project, request),
        ...markdownOf(request),
    };
    if (request.batches !== undefined) event.batches = request.batches;
    if (request.stage !== undefined) event.stage = request.stage;
    return { ...event, ...request.extra };
}

function configOf(plugin, request) {
    if (request.configJSON !== undefined) return { configJSON: request.configJSON };
    if (request.config !== undefined) return { configJSON: JSON.stringify(request.config) };
    return plugin.defaultConfig ? { configJSON: plugin.defaultConfig } : {};
}

/** The input of a Markdown Generator's user: a CSV, and a text that Hub escapes. */
function markdownOf({ csv, markdown }) {
    const escaped = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
    return {
        ...(csv === undefined ? {} : { inputFile: Buffer.from(csv).toString('base64') }),
        ...(markdown === undefined ? {} : { markdownText: markdown.replace(/[&<>"']/g, (c) => escaped[c]) }),
    };
}

function fieldsOfType(hub, plugin, project, { asset = 0, mapping = null }) {
    switch (plugin.type) {
        case 'Model': {
            const record = asset < project.places ? project.record(asset) : undefined;
            return {
                assetId: record?.assetId ?? null,
                taskId: record?.task?.taskId ?? null,
                ...(hub.options.modelDataUrl ? { dataURL: record?.asset ?? null } : {}),
                categorySchema: mapping,
                workflow: false,
                overwrite: true,
            };
        }
        case 'Batch Model':
            return { categorySchema: mapping };
        case 'File Explorer':
            return {
                bucket: hub.storages[0].bucket,
                folder: '',
                files: null,
                upload: false,
                storageId: hub.storages[0]._id,
                scrollToken: null,
            };
        case 'Markdown Generator':
            return { inputFile: '', markdownText: '', fileList: [], storageId: hub.storages[0]._id };
        case 'Input':
            return { fileExplorerOptions: {} };
        default:
            return {};
    }
}
