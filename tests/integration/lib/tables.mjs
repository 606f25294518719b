// Whole markdown runs: a local Hub, the real angod, tables as input, and the resulting assets.
import assert from 'node:assert/strict';
import { startHub } from '../../hub/hub.mjs';
import { Angod } from './angod.mjs';
import * as expected from './lines.mjs';

const LONGEST_MS = 60000;

export class Tables {
    /** @param {{modules: string[], plugins: Record<string, object>, config?: object, allow?: RegExp[]}} options as for Exporting.start */
    static async start({ modules, plugins, ...angod }) {
        const tables = new Tables();
        tables.hub = await startHub({});
        try {
            tables.plugins = {};
            const entries = Object.entries(plugins).map(([name, entry]) => {
                tables.plugins[name] = tables.hub.createPlugin({ name, type: 'Markdown Generator' });
                return { plugin: tables.plugins[name], name, max_attempts: 1, ...entry };
            });
            tables.angod = new Angod(tables.hub, { modules, plugins: entries, ...angod });
            await tables.angod.start();
            await tables.live();
        } catch (failed) {
            await tables.close().catch(() => {}); // an open Hub would keep the test program alive
            throw failed;
        }
        return tables;
    }

    async live() {
        for (const { id, name } of Object.values(this.plugins))
            await this.hub.waitFor(() => this.hub.plugin(id).live > 0, 20000, `${name} to connect`);
    }

    /** Creates an empty project; batches: names. */
    project(batches = []) {
        return this.hub.createProject({ assets: 0, records: [], batches });
    }

    /** Starts a run. @param {{csv?: string|Buffer, markdown?: string, config?: object, project?: object, extra?: object}} what */
    begin(plugin, { project, ...what }) {
        return this.hub.run(this.plugins[plugin].id, { ...what, projectId: project.id });
    }

    /** Runs a plugin until the end, in a new project unless one is given. */
    async run(plugin, what) {
        const project = what.project ?? this.project();
        const record = await this.hub.waitForSession(this.begin(plugin, { ...what, project }), LONGEST_MS);
        return { record, project, assets: project.cloudAssets, said: saidIn(record) };
    }

    /** Asserts that a run succeeds. */
    async makes(plugin, what) {
        const made = await this.run(plugin, what);
        assert.equal(made.record.state, 'answered', logOf(made.record));
        return { ...made, answer: made.record.answers[0].message.response };
    }

    /** Asserts that a run ends with this sentence and creates nothing in the project. */
    async fails(plugin, what, sentence) {
        const { record, project } = await this.run(plugin, what);
        assert.equal(record.state, 'failed', logOf(record));
        const said = saidIn(record, 'ERROR');
        assert.equal(said.length, 1, logOf(record));
        assert.match(said[0], sentence);
        this.angod.expect(expected.failed(said[0]));
        assert.equal(project.cloudAssets.length, 0);
        return record;
    }

    async close() {
        try {
            await this.angod?.close();
        } finally {
            await this.hub.close();
        }
    }
}

/** The lines for the user, of one level or all. */
export const saidIn = (record, level) => record.logs.filter((line) => level === undefined || line.level === level).map(({ msg }) => msg);
const logOf = (record) =>
    JSON.stringify(
        record.logs.map(({ level, msg }) => `${level} ${msg}`),
        null,
        1,
    );
