// Issues of tasks.
import { HubError } from '../ids.mjs';
import { testOf } from './filters.mjs';
import { emailOf, pageOfList, text } from './requests.mjs';

const FILTERS = ['asset', 'labelTask', 'stage', 'createdBy', 'status', 'assignee'];

function find(hub, id) {
    for (const project of hub.projects.all()) {
        const issue = project.issues.find(id);
        if (issue) return { project, issue };
    }
    throw new HubError(404, `no issue ${id}`);
}

/** Without a page all issues are listed: the vendor's client never asks for one. */
function list(hub, { query }) {
    const filter = Object.fromEntries(FILTERS.filter((name) => query[name]).map((name) => [name, String(query[name])]));
    const projects = query.project ? [hub.projects.get(query.project)] : hub.projects.all();
    const issues = projects.flatMap(({ issues: own }) => own.all()).filter(testOf(filter));
    const isPaged = query.page !== undefined || query.limit !== undefined;
    return { issue: isPaged ? pageOfList(hub, query, issues) : issues };
}

function create(hub, request) {
    const { content, labelTask } = request.body;
    text(content, 'content');
    const project = hub.projects.ofTask(text(labelTask, 'labelTask'));
    return { issue: project.issues.create(project.task(labelTask), request.body, emailOf(hub, request)) };
}

function change(hub, request) {
    const { project, issue } = find(hub, request.params.id);
    return { issue: project.issues.change(issue, request.body, emailOf(hub, request)) };
}

function comment(hub, request) {
    const { project, issue } = find(hub, request.params.id);
    return { issue: project.issues.comment(issue, request.body, emailOf(hub, request)) };
}

function remove(hub, request) {
    const { project, issue } = find(hub, request.params.id);
    project.issues.remove(issue);
    return { issue };
}

export const issueRoutes = {
    'GET /issues': list,
    'POST /issues': [201, create],
    'POST /issues/:id': change,
    'POST /issues/:id/comment': comment,
    'DELETE /issues/:id': remove,
};
