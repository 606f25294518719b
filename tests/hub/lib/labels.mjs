// Labels that plugins import: which tasks they belong to, and what they make of their answers.

/** The places of a project's assets by what an import goes by: external id and address, both as they stand there. */
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
 * A task's answer once labels were imported into it: objects and relations are added, a classification takes the place
 * of the one for the same question.
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
