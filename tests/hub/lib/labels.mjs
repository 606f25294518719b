// Labels that plugins import: the tasks to which they belong, and the change of the tasks' answers.

/** The places of a project's assets by the keys of an import: external id and address, both as they are written there. */
export class AssetIndex {
    #places = new Map();
    #known = 0;

    /** @param {import('./projects.mjs').Project} project @param {string} key @returns {number[]} places */
    find(project, key) {
        for (; this.#known < project.count; this.#known += 1) {
            const { externalId, asset } = project.record(this.#known);
            for (const name of new Set([externalId, asset])) this.#places.set(name, [...(this.#places.get(name) ?? []), this.#known]);
        }
        return this.#places.get(key) ?? [];
    }
}

/**
 * The answer of a task after an import of labels: objects and relations are added, and a classification replaces the one for
 * the same question.
 * @param {object} answer
 * @param {object} labels
 */
export function withLabels(answer, { objects = [], classifications = [], relations = [], ...more }) {
    const asked = new Set(classifications.map(({ schemaId }) => schemaId));
    const brushes = Object.fromEntries(
        ['brushDataUrl', 'medicalBrushDataUrl'].filter((name) => more[name]).map((name) => [name, more[name]]),
    );
    return {
        ...answer,
        ...brushes,
        objects: [...(answer.objects ?? []), ...objects],
        classifications: [...(answer.classifications ?? []).filter(({ schemaId }) => !asked.has(schemaId)), ...classifications],
        relations: [...(answer.relations ?? []), ...relations],
    };
}
