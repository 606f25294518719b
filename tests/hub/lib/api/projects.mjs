// Projects: their settings, batches, members, templates, instructions and numbers.
import { HubError, newId } from '../ids.mjs';
import { partsOf } from './multipart.mjs';
import { emailOf, pageOfList, projectOf, text, texts } from './requests.mjs';

const ROLES = ['Manager', 'Labeler', 'Reviewer', 'Lead'];
const TYPES = ['ango', 'pct', 'iframe'];
const METRICS = ['LabelStageGroups', 'TimePerTask', 'AnnotationStatus', 'AnswerDistribution', 'ConsensusRanges', 'AssetSize'];
const MOST_TEMPLATES = 1000;

function view(hub, project) {
    return {
        ...project.details,
        _id: project.id,
        name: project.name,
        organization: hub.orgId,
        categorySchema: project.categorySchema,
        stages: project.stages,
        assignedTo: project.assignedTo,
        batches: project.batches,
        queueVersion: 2,
        assetCount: project.count,
        assetBuilderTemplates: project.templates,
        createdAt: project.madeAt,
    };
}

const one = (hub, project) => ({ project: view(hub, project) });

function list(hub, request) {
    const projects = hub.projects.all().map((project) => view(hub, project));
    const { query } = request;
    // The newest is the last that was made.
    if (query.sort !== 'createdAt') projects.reverse();
    const shown = pageOfList(hub, query, projects).map(({ _id, name, description, organization, createdAt }) => ({
        _id,
        name,
        description,
        organization,
        createdAt,
    }));
    return { projects: shown, total: projects.length };
}

function create(hub, request) {
    const { name, type = 'ango', categorySchema = { tools: [], classifications: [], relations: [] }, ...details } = request.body;
    text(name, 'name');
    if (!TYPES.includes(type)) throw new HubError(400, `type must be one of ${TYPES.join(', ')}`);
    const project = hub.createProject({ name, categorySchema, assets: 0, batches: [], type });
    Object.assign(project.details, details, { owner: emailOf(hub, request) });
    return one(hub, project);
}

/** Changes what the body names: among other things the label set and the stages. */
function change(hub, request) {
    const project = projectOf(hub, request);
    const { name, categorySchema, stages, ...details } = request.body;
    if (stages !== undefined && (!Array.isArray(stages) || stages.some((stage) => typeof stage?.id !== 'string'))) {
        throw new HubError(400, 'stages must be a list of {id, name, type, next}');
    }
    Object.assign(project, name && { name }, categorySchema && { categorySchema }, stages && { stages });
    Object.assign(project.details, details);
    return one(hub, project);
}

function remove(hub, request) {
    hub.projects.remove(projectOf(hub, request).id);
    return { message: 'Project deleted.' };
}

function setBatches(hub, request) {
    const project = projectOf(hub, request);
    const { batches } = request.body;
    if (!Array.isArray(batches) || batches.some((batch) => typeof batch?.name !== 'string')) {
        throw new HubError(400, 'batches must be a list of {_id?, name}');
    }
    project.setBatches(batches);
    return { project: { _id: project.id, batches: project.batches } };
}

function assignBatches(hub, { body }) {
    const project = hub.projects.get(body.projectId);
    const batches = texts(body.batches, 'batches');
    const places = texts(body.assets, 'assets')
        .map((id) => project.placeOfAsset(id))
        .filter((place) => place !== undefined);
    for (const place of places) project.addToBatches(project.record(place), batches);
    return { assets: places.length };
}

function assignMembers(hub, request) {
    const project = projectOf(hub, request);
    const { assignees, role } = request.body;
    if (!ROLES.includes(role)) throw new HubError(400, `role must be one of ${ROLES.join(', ')}`);
    const added = texts(assignees, 'assignees');
    project.assignedTo = [
        ...project.assignedTo.filter(({ assignee }) => !added.includes(assignee)),
        ...added.map((assignee) => ({ assignee, role })),
    ];
    return one(hub, project);
}

function addTemplate(hub, request) {
    const project = projectOf(hub, request);
    text(request.body.name, 'name');
    if (project.templates.length >= MOST_TEMPLATES) throw new HubError(400, `the project has ${MOST_TEMPLATES} templates`);
    project.templates.push({ _id: newId(), ...request.body });
    return one(hub, project);
}

async function addInstructions(hub, request) {
    const project = projectOf(hub, request);
    const file = partsOf(request).find(({ name }) => name === 'file');
    if (!file?.filename) throw new HubError(400, 'the part "file" is missing');
    const { storageId } = request.query;
    const object = hub.files.newUpload({ name: file.filename, project: project.id, type: 'instructions', storageId });
    await hub.files.fill(object, file.bytes);
    project.details.instructions = hub.files.sign('GET', object, hub.url).split('?')[0];
    return one(hub, project);
}

function rerunWebhook(hub, request) {
    const stage = projectOf(hub, request).stage(text(request.body.stageId, 'stageId'));
    if (!stage) throw new HubError(400, `the project has no stage ${request.body.stageId}`);
    return { message: `The webhook of stage ${stage.name} runs again.` };
}

function performance(hub, request) {
    const { interval } = request.body;
    if (interval !== undefined && texts(interval, 'interval').length !== 2) throw new HubError(400, 'interval must be two times');
    const { annotations, count } = projectOf(hub, request);
    return { performance: { users: [], assets: count, annotations: annotations.length } };
}

function overview(hub, request) {
    const { metric } = request.params;
    if (!METRICS.includes(metric)) throw new HubError(400, `there is no metric ${metric}`);
    projectOf(hub, request);
    return { metric, values: [] };
}

export const projectRoutes = {
    'GET /listProjects': list,
    'POST /project': [201, create],
    'GET /project/:id': (hub, request) => one(hub, projectOf(hub, request)),
    'POST /project/:id': change,
    'DELETE /project/:id': remove,
    'POST /batches/:id': setBatches,
    'POST /assignBatches': assignBatches,
    'POST /project/:id/assigned': assignMembers,
    'POST /project/:id/assetBuilderTemplates': addTemplate,
    'POST /project/:id/instructions': addInstructions,
    'POST /project/:id/rerun-webhook': rerunWebhook,
    'POST /performance/:id': performance,
    'GET /:id/overview/:metric': overview,
};
