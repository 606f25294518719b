// Assets: lists, imports, deletion, attachments and labels.
import { HubError } from '../ids.mjs';
import { answerView } from './answers.mjs';
import { testOf } from './filters.mjs';
import { fieldsOf, partsOf } from './multipart.mjs';
import { jsonObject, projectOf, text, textList, texts, windowOf } from './requests.mjs';

const MOST_CHATS = 10_000;

/** The asset at that place, as the API shows it. */
function view(project, place) {
    const record = project.record(place);
    const task = project.tasks.at(place, record);
    return {
        _id: record.assetId,
        externalId: record.externalId,
        data: record.asset,
        createdAt: project.createdAt(place),
        batches: project.batchesOf(record),
        metadata: record.metadata,
        dataset: record.dataset,
        contextData: record.contextData,
        storage: record.storage,
        attachments: project.attachments.get(record.assetId) ?? record.attachments,
        isPreLabeled: task?.isPreLabeled ?? false,
        labelTasks: task ? [{ _id: task._id, stage: task.stage, stageHistory: historyOf(project, task._id, place) }] : [],
    };
}

const historyOf = (project, taskId, place) => project.tasks.history(taskId, place).map((left) => answerView(project, left));

function list(hub, request) {
    const project = projectOf(hub, request);
    const { places, total } = pageOfAssets(hub, project, request.query);
    return { assets: places.map((place) => view(project, place)), total };
}

/** The places of a page's assets, newest first unless the query sorts by createdAt, and the total number of assets. */
export function pageOfAssets(hub, project, query) {
    const { first, limit } = windowOf(hub, query);
    const found = filtered(project, jsonObject(query.filters, 'filters'));
    const oldestFirst = query.sort === 'createdAt';
    if (found && oldestFirst) found.reverse();
    if (found) return { places: found.slice(first, first + limit), total: found.length };
    const { count } = project;
    const length = Math.max(0, Math.min(limit, count - first));
    return { places: Array.from({ length }, (_, i) => (oldestFirst ? first + i : count - 1 - first - i)), total: count };
}

/**
 * Filters by `_id` and `externalId`, one text each, by `isPreLabeled`, and by `batches`: assets that are in all of these. Ignores other
 * filters.
 */
function filtered(project, wanted = {}) {
    if (Object.keys(wanted).length === 0 && project.deleted.size === 0) return undefined;
    for (const name of ['_id', 'externalId']) {
        if (typeof (wanted[name] ?? '') !== 'string') throw new HubError(400, `filters.${name} must be a text`);
    }
    const batches = [].concat(wanted.batches ?? []).map((one) => project.batchId(one));
    const fulfils = testOf({
        ...(wanted.externalId !== undefined && { externalId: wanted.externalId }),
        ...(wanted.isPreLabeled !== undefined && { isPreLabeled: wanted.isPreLabeled }),
        batches,
    });
    return candidates(project, wanted).filter((place) => {
        if (project.isDeleted(place)) return false;
        const record = project.record(place);
        const isPreLabeled = wanted.isPreLabeled !== undefined && (project.tasks.at(place, record)?.isPreLabeled ?? false);
        const inBatches = project.batchesOf(record).map((one) => project.batchId(one));
        return fulfils({ externalId: record.externalId, isPreLabeled, batches: inBatches });
    });
}

function candidates(project, { _id, externalId }) {
    if (_id !== undefined) return [project.placeOfAsset(_id)].filter((place) => place !== undefined);
    if (externalId !== undefined) return project.placesOf([externalId]);
    return Array.from({ length: project.places }, (_, i) => project.places - 1 - i);
}

/** Imports assets. The batches of the query are for all of them. */
function addCloud(hub, request) {
    const { assets } = request.body;
    if (!Array.isArray(assets)) throw new HubError(400, 'assets must be a list');
    const bad = assets.findIndex((asset) => typeof asset?.data !== 'string' && !Array.isArray(asset?.dataset));
    if (bad >= 0) throw new HubError(400, `assets[${bad}] has neither data nor dataset`);
    projectOf(hub, request).addCloud(request.body, textList(request.query.batches, 'batches'));
    return created(assets.length);
}

const created = (count) => ({
    assets: { assetsCreated: count, tasksCreated: count, preLabelsCount: 0, validPreLabelsCount: 0 },
});

async function addFiles(hub, request) {
    const project = projectOf(hub, request);
    const files = partsOf(request).filter(({ filename }) => filename);
    if (files.length === 0) throw new HubError(400, 'there is no part with a file');
    const assets = [];
    for (const { filename, bytes } of files) {
        const object = hub.files.newUpload({ name: filename, project: project.id, type: 'assets' });
        await hub.files.fill(object, bytes);
        assets.push({ data: hub.files.sign('GET', object, hub.url).split('?')[0], externalId: filename });
    }
    project.addCloud({ assets, uploadLocal: 'true', priority: 0 });
    return created(assets.length);
}

/** Makes assets that are conversations: those of a file, or as many empty ones as the form says. */
function addChats(hub, request) {
    const project = projectOf(hub, request);
    const { numberOfConversations, conversations, priority } = fieldsOf(request);
    const file = Buffer.isBuffer(request.body) ? partsOf(request).find(({ name }) => name === 'file') : undefined;
    const written = file?.bytes.toString() ?? conversations;
    const list = written === undefined ? Array.from({ length: chatsOf(numberOfConversations) }, () => []) : conversationsOf(written);
    const assets = list.map((conversation, n) => ({ data: JSON.stringify(conversation), externalId: `conversation-${n + 1}` }));
    project.addCloud({ assets, uploadLocal: null, priority: Number(priority ?? 0) || 0 });
    return created(assets.length);
}

function chatsOf(number) {
    const count = Number(number);
    if (Number.isInteger(count) && count >= 1 && count <= MOST_CHATS) return count;
    throw new HubError(400, `numberOfConversations must be 1 to ${MOST_CHATS}`);
}

function conversationsOf(written) {
    let list;
    try {
        list = JSON.parse(written);
    } catch {
        throw new HubError(400, 'the conversations are not JSON');
    }
    if (!Array.isArray(list)) throw new HubError(400, 'the conversations must be a list');
    return list;
}

function remove(hub, request) {
    const deleted = projectOf(hub, request).deleteAssets(texts(request.body.assets, 'assets'));
    return { assets: { deleted } };
}

/** Adds attachments, in the newer form (one object each) or the older one (a list for each asset). */
function addAttachments(hub, { body }) {
    const project = hub.projects.get(body.project);
    if (!Array.isArray(body.attachments)) throw new HubError(400, 'attachments must be a list');
    const updated = new Set();
    let count = 0;
    for (const entry of body.attachments) {
        const { externalId, assetId, attachmentUrl, attachmentType, attachments } = entry ?? {};
        const more = attachments ?? [{ type: text(attachmentType, 'attachmentType'), value: text(attachmentUrl, 'attachmentUrl') }];
        const places = assetId === undefined ? project.placesOf([externalId]) : [project.placeOfAsset(assetId)];
        for (const place of places.filter((one) => one !== undefined)) {
            const id = project.record(place).assetId;
            project.attachments.set(id, [...(project.attachments.get(id) ?? project.record(place).attachments ?? []), ...more]);
            updated.add(id);
            count += more.length;
        }
    }
    return { project: { attachmentsImported: count, assetsUpdated: updated.size } };
}

function importLabels(hub, { body }) {
    const labels = body.jsonContent ?? body.labels;
    if (!Array.isArray(labels)) throw new HubError(400, 'jsonContent must be a list');
    const bad = labels.findIndex((label) => label === null || typeof label !== 'object');
    if (bad >= 0) throw new HubError(400, `jsonContent[${bad}] is no object`);
    const found = hub.projects.get(body.project).addLabels(labels);
    return { project: `${found} / ${labels.length} tasks are labeled.` };
}

export const assetRoutes = {
    'GET /project/:id/assets': list,
    'DELETE /project/:id/assets': remove,
    'POST /project/:id/cloud': addCloud,
    'POST /project/:id/upload': addFiles,
    'POST /project/:id/chat': addChats,
    'POST /attachments': addAttachments,
    'POST /import/labels': importLabels,
};
