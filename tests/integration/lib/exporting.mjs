// Whole exports: a local Hub, the real angod, projects to export, and results to check.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { startHub } from '../../hub/hub.mjs';
import { Angod, until } from './angod.mjs';
import * as expected from './lines.mjs';

/** The limit of every wait for an answer. An export with many attempts takes longest. */
const LONGEST_MS = 60000;

export class Exporting {
    /**
     * @param {{modules: string[], plugins: Record<string, object>, config?: object, caFile?: string, hub?: object, stateDir?: string,
     *   prepare?: (angod: Angod) => void, allow?: RegExp[]}} options
     *   plugins: by name, the keys of the configuration (module, concurrency, …); hub: options of the local Hub;
     *   prepare: gets the angod before its start; allow: see Angod
     */
    static async start({ modules, plugins, config = {}, caFile, hub: hubOptions = {}, stateDir, prepare, allow }) {
        const hub = await startHub(hubOptions);
        const system = new Exporting(hub);
        try {
            const made = Object.entries(plugins).map(([name, entry]) => ({
                name,
                max_attempts: 1,
                concurrency: 8,
                ...entry,
                plugin: hub.createPlugin({ name, type: 'Export' }),
            }));
            system.plugins = Object.fromEntries(made.map(({ name, plugin }) => [name, plugin]));
            system.angod = new Angod(hub, { modules, plugins: made, config, stateDir, allow });
            prepare?.(system.angod);
            if (caFile) system.angod.config.hub.ca_file = caFile;
            await system.up();
        } catch (failed) {
            await system.close().catch(() => {}); // an open Hub would keep the test program alive
            throw new Error(`${failed.message}\n${system.angod?.logText ?? ''}`);
        }
        return system;
    }

    constructor(hub) {
        Object.assign(this, { hub, angod: null, plugins: {} });
    }

    /** Starts angod and waits for all lights. */
    async up() {
        await this.angod.start();
        await this.live();
    }

    live() {
        return Promise.all(
            Object.values(this.plugins).map(({ id }) => this.hub.waitFor(() => this.hub.plugin(id).live > 0, 20000, 'a live plugin')),
        );
    }

    /** Ends angod and the Hub. Fails if the end was not clean. */
    async close() {
        try {
            await this.angod?.close();
        } finally {
            await this.hub.close();
        }
    }

    project(fields = { assets: 5, odd: false }) {
        return this.hub.createProject(fields);
    }

    /** Starts a run and returns its session. */
    begin(plugin, project, request = {}) {
        return this.hub.run(this.plugins[plugin].id, { projectId: project.id, ...request });
    }

    ended(session, timeoutMs = LONGEST_MS) {
        return this.hub.waitForSession(session, timeoutMs);
    }

    run(plugin, project, request) {
        return this.ended(this.begin(plugin, project, request));
    }

    /** A fault for one step of this project's exports only. */
    fault(project, step, fault) {
        return this.hub.addFault({ match: steps(project)[step], ...fault });
    }

    /** The requests to Hub for this step of this project's exports, in order. */
    requests(project, step) {
        return this.hub.requests.filter((request) =>
            steps(project)[step].test(`${request.method} ${request.path}?project=${request.query.project ?? ''}`),
        );
    }

    /** The folders of running jobs, which are named after the job. */
    scratch() {
        return fs.readdirSync(path.join(this.angod.stateDir, 'scratch'));
    }

    scratchIsEmpty() {
        return until(() => this.scratch().length === 0, 'empty scratch folders');
    }

    file(name) {
        return path.join(this.angod.dir, name);
    }

    /** Asserts that the run succeeded, with one right answer, and returns its result. */
    result(record) {
        assert.equal(record.state, 'answered', JSON.stringify(record.logs, null, 1));
        assert.equal(record.answers.length, 1);
        const { message } = record.answers[0];
        assert.deepEqual({ ...message, response: 'URL' }, { export: true, response: 'URL', session: record.session });
        noSecrets(record);
        return new Result(this.hub.files.find(message.response));
    }

    /** Asserts that the run failed: one ERROR that says why, in a sentence, then the error answer. */
    failed(record, sentence) {
        assert.equal(record.state, 'failed');
        assert.deepEqual(
            record.answers.map(({ message }) => message),
            [{ error: true, session: record.session }],
        );
        const said = lines(record, 'ERROR');
        assert.equal(said.length, 1, said.join('\n'));
        assert.match(said[0], sentence);
        // Otherwise the end of its host is the line.
        if (!said[0].startsWith('The plugin crashed')) this.angod.expect(expected.failed(said[0]));
        noSecrets(record);
    }
}

/** The texts of the session log at a level. */
export const lines = (record, level) => record.logs.filter((line) => line.level === level).map((line) => line.msg);

function noSecrets(record) {
    const shown = JSON.stringify(record.logs);
    assert.ok(!shown.includes(record.event.apiKey), `the API key is in the session log: ${shown}`);
    assert.doesNotMatch(shown, /X-Signature/, 'a signature is in the session log');
}

const steps = ({ id }) => ({
    ask: new RegExp(`^GET /v2/export\\?.*project=${id}`),
    askOlder: new RegExp(`^GET /v2/exportV3\\?.*project=${id}`),
    download: new RegExp(`^GET /files/[0-9a-f]+/export-${id}`),
    uploadUrl: new RegExp(`^GET /v2/getUploadUrl\\?.*project=${id}`),
    upload: new RegExp(`^PUT /files/[0-9a-f]+/${id}`),
    signedUrl: new RegExp(`^GET /v2/getSignedUrl\\?.*project=${id}`),
});

/** An uploaded zip. */
export class Result {
    constructor(upload) {
        Object.assign(this, { upload, path: upload.path });
        execFileSync('unzip', ['-tqq', this.path], { stdio: 'pipe' });
    }

    get names() {
        return execFileSync('unzip', ['-Z1', this.path], { encoding: 'utf8' }).split('\n').filter(Boolean);
    }

    text(name) {
        return execFileSync('unzip', ['-p', this.path, name], { encoding: 'utf8', maxBuffer: 2 ** 30 });
    }

    json(name) {
        return JSON.parse(this.text(name));
    }

    /** The records in assets.ndjson, as the example modules write it. */
    get records() {
        return this.text('assets.ndjson').split('\n').filter(Boolean);
    }
}
