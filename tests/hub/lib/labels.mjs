// Labels that plugins import: the tasks to which they belong, and the change of the tasks' answers.

/** The places of a project's assets by the keys of an import: external id and address, both as they are written there. */
export class AssetIndex {
    #places = new Map();
    #known = 0;

    /** @param {import('./projects.mjs').Project} project @param {string} key @returns {number[]} places */
    find(project, key) {
        for (; this.#known < project.places; this.#known += 1) {
            const { externalId, asset } = project.record(this.#known);
            for (const name of new Set([externalId, asset])) this.#places.set(name, [...(this.#places.get(name) ?? []), this.#known]);
        }
        return this.#places.get(key) ?? [];
    }
}

/** The two addresses of brush traces, which stand in a task beside its answer. */
const BRUSHES = ['brushDataUrl', 'medicalBrushDataUrl'];

/** The answer as Hub keeps it: objects are called tools, under whatever name they come. */
export function storedAnswer({ objects, tools, ...rest }) {
    return { tools: [...(tools ?? []), ...(objects ?? [])], ...rest };
}

/** The brushes that a body names; null removes that of the task. */
export function brushesOf(body) {
    return Object.fromEntries(BRUSHES.filter((name) => body[name] !== undefined).map((name) => [name, body[name]]));
}

/**
 * The change of a task by an import of labels: objects and relations are added, and a classification replaces the one for
 * the same question.
 * @param {object} answer of the task
 * @param {object} labels
 */
export function withLabels(answer, { objects = [], classifications = [], relations = [], ...more }) {
    const asked = new Set(classifications.map(({ schemaId }) => schemaId));
    return {
        ...Object.fromEntries(Object.entries(brushesOf(more)).filter(([, url]) => url)),
        answer: {
            ...answer,
            tools: [...(answer.tools ?? []), ...objects],
            classifications: [...(answer.classifications ?? []).filter(({ schemaId }) => !asked.has(schemaId)), ...classifications],
            relations: [...(answer.relations ?? []), ...relations],
        },
    };
}
