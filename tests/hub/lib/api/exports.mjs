// Exports, and signed addresses of files.
import { HubError } from '../ids.mjs';

/** The members of an issue that are in an export of issues. */
const OF_ISSUES = ['_id', 'labelTask', 'status', 'createdBy', 'createdAt', 'page', 'pageEnd', 'position', 'errorType', 'errorCode'];
const MORE_OF_ISSUES = ['errorCodes', 'objectId', 'content', 'comments'];

async function exportProject(hub, { query }) {
    const project = hub.projects.get(query.project);
    project.exports.push({ at: Date.now(), query: { ...query } });
    const isOfIssues = query.type === 'issue';
    const file = await hub.exports.zipFor(isOfIssues ? issuesOf(project, query) : sourceOf(project, query));
    hub.watch.changed();
    const name = `export-${project.id}${isOfIssues ? '-issues' : ''}.zip`;
    return { exportPath: hub.files.sign('GET', hub.files.published(file, name), hub.url) };
}

/** The project's source, in the format of the request if the project has none of its own. */
function sourceOf({ source }, { format }) {
    return format === 'json' && source.format === undefined ? { ...source, format } : source;
}

function issuesOf(project, { format }) {
    const records = project.issues.all().map((issue) => {
        const task = project.task(issue.labelTask);
        const own = (names) => Object.fromEntries(names.filter((name) => issue[name] !== undefined).map((name) => [name, issue[name]]));
        const stageId = issue.stage ?? task?.stageId;
        return {
            ...own(OF_ISSUES),
            asset: { externalId: task?.externalId, batches: namesOf(project, task?.batches ?? []) },
            stage: project.stage(stageId)?.name ?? stageId,
            stageId,
            ...own(MORE_OF_ISSUES),
        };
    });
    return { records, format: format === 'json' ? 'json' : undefined };
}

const namesOf = (project, batches) => batches.map((one) => project.batches.find(({ _id }) => _id === one)?.name ?? one);

function getUploadUrl(hub, { query }) {
    const { name, project, type, storageId } = query;
    if (!name || !project) throw new HubError(400, 'name and project are required');
    hub.projects.get(project);
    return { uploadUrl: hub.files.sign('PUT', hub.files.newUpload({ name, project, type, storageId }), hub.url) };
}

function getSignedUrl(hub, { query }) {
    const object = hub.files.find(query.name ?? query.url ?? '');
    if (!object) throw new HubError(400, 'name (or url) is not of a file of this Hub');
    return { signedUrl: hub.files.sign('GET', object, hub.url) };
}

export const exportRoutes = {
    'GET /export': exportProject,
    'GET /exportV3': exportProject,
    'GET /getUploadUrl': [201, getUploadUrl],
    'GET /getSignedUrl': [201, getSignedUrl],
};
