// angoctl run: one job of a module in a real host, without angod, and without a Hub or with the local one.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { startHub } from '../hub/hub.mjs';
import { build, example, fixture, module_, processExists, program, run, until } from './lib/angod.mjs';
import { zipOf } from './lib/zips.mjs';

const angoctl = program('angoctl');
let dir,
    counter = 0;
before(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-test-'));
});
after(() => fs.rmSync(dir, { recursive: true, force: true }));

/** Writes a file with this content; objects become JSON. */
function file(content, name = 'file') {
    const made = path.join(dir, `${(counter += 1)}-${name}`);
    fs.writeFileSync(made, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
    return made;
}
const proxies = /^(https?|no)_proxy$/i;
/** Its environment. The host would leave its files in TMPDIR. */
const env = (more = {}) => ({
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !proxies.test(name))),
    TMPDIR: dir,
    ...more,
});
async function tried(module, event, ...words) {
    const ended = await run(angoctl, ['run', module, '--event', file(event, 'event.json'), ...words], true, { cwd: dir, env: env() });
    assert.deepEqual(
        fs.readdirSync(dir).filter((name) => name.startsWith('angoctl-run-')),
        [],
        'the scratch folder is left',
    );
    return ended;
}
/** The answer of a run that succeeded. */
async function answer(...words) {
    const { code, stdout, stderr } = await tried(...words);
    assert.equal(code, 0, stderr);
    return { value: JSON.parse(stdout), said: stderr };
}
async function refused(code, sentence, ...words) {
    const ended = await tried(...words);
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, sentence);
    assert.equal(ended.stdout, '');
    return ended.stderr;
}

const asset = (n) => ({
    asset: `https://assets.example/${n}.jpg`,
    assetId: `asset-${n}`,
    externalId: `photos/${n}.jpg`,
    task: { taskId: `task-${n}`, tools: [] },
});
const assets = Array.from({ length: 250 }, (_, n) => asset(n));
const ndjson = assets.map((one) => `${JSON.stringify(one)}\n`).join('');
const mapping = [{ schemaId: 'schema-car', modelClass: 'Car' }];
const boxes = { boxes: [{ class: 'Car', x: 1, y: 2, width: 3, height: 4 }] };

describe('an export', () => {
    const inZip = async (zip) => (await run('unzip', ['-p', zip, 'assets.ndjson'])).stdout;

    for (const [form, content] of [
        ['NDJSON', ndjson],
        ['a JSON array', JSON.stringify(assets)],
        ['a zip, as Hub gives it', zipOf([{ name: 'export.ndjson', data: ndjson }])],
    ])
        it(`is made from ${form}; its zip is in the folder, its path the answer`, async () => {
            const out = path.join(dir, `out-${(counter += 1)}`, 'deep');
            const { value, said } = await answer(example('export_lines_cpp'), {}, '--export', file(content), '--out', out);
            assert.equal(path.dirname(value), out);
            assert.deepEqual(fs.readdirSync(out), [path.basename(value)]);
            assert.equal(await inZip(value), ndjson);
            assert.match(said, /^info: uploaded the result of 250 assets/m);
            assert.ok(said.includes(`made: ${value}\n`));
        });

    it('may be named by the module, and goes to "out" if no folder is named', async () => {
        const { value } = await answer(
            fixture('exporter'),
            { fileName: Buffer.from('.hidden/my result').toString('hex') },
            '--export',
            file(ndjson),
        );
        assert.equal(value, 'out/_.hidden_my result.zip');
        assert.deepEqual(fs.readdirSync(path.join(dir, 'out')), ['_.hidden_my result.zip']);
        assert.equal(await inZip(path.join(dir, value)), ndjson);
    });

    it('that is no JSON fails as it does in angod, with the place', async () => {
        await refused(1, /^failed: .*not valid JSON/m, module_('export_coco'), {}, '--export', file('[{"asset": 1}, {]'));
    });

    it('needs assets', async () => {
        await refused(2, /^an export is made from assets: name their file with --export$/m, example('export_lines_cpp'), {});
        await refused(2, /^cannot read \/nowhere: No such file or directory$/m, example('export_lines_cpp'), {}, '--export', '/nowhere');
        const cannot = (reason, bytes) =>
            refused(2, new RegExp(`^\\S+ ${reason}`, 'm'), example('export_lines_cpp'), {}, '--export', file(bytes));
        await cannot('is packed with gzip\\. Unpack it first', gzipSync(ndjson));
        await cannot('is UTF-16 text\\. Save it as UTF-8', Buffer.from(`\ufeff${ndjson}`, 'utf16le'));
    });
});

describe('the event', () => {
    it('reaches the module as it is, and what is missing is filled in', async () => {
        const given = { projectId: 'mine', odd: [1, { deep: null }], configJSON: null };
        const { value, said } = await answer(example('echo'), given);
        const { echo } = value;
        assert.deepEqual(Object.fromEntries(Object.keys(given).map((name) => [name, echo[name]])), given);
        assert.deepEqual(
            Object.keys(echo)
                .filter((name) => !(name in given))
                .sort(),
            ['apiKey', 'batches', 'fileExplorerOptions', 'orgId', 'runBy', 'session'],
        );
        assert.match(said, /^info: filled into the event: session, orgId, runBy, apiKey, batches, fileExplorerOptions$/m);
    });

    it('may be left out', async () => {
        const { stdout } = await run(angoctl, ['run', example('echo')], false, { env: env() });
        assert.equal(JSON.parse(stdout).echo.projectId, 'project-1');
    });

    it('that is not a JSON object is refused with its place', async () => {
        await refused(2, /event\.json: .*line 1, column/, example('echo'), '{"a": }');
        await refused(2, /event\.json: /, example('echo'), '[]');
    });
});

test('the kind is needed only if the module has several, and must be one of them', async () => {
    await refused(
        2,
        /^the module detect-fixed serves several kinds; say with --kind which one is meant: model, batch-model$/m,
        module_('detect_fixed'),
        {},
        '--settings',
        JSON.stringify(boxes),
    );
    await refused(2, /^the module echo does not serve the kind model; it serves input$/m, example('echo'), {}, '--kind', 'model');
    await refused(2, /^--input is for runs of the kind markdown, not input$/m, example('echo'), {}, '--input', file('a\n1\n'));
});

test('a model answers with its labels, by settings from the command line or a file', async () => {
    const event = { categorySchema: mapping };
    for (const settings of [JSON.stringify(boxes), `@${file(`// as in a configuration\n${JSON.stringify(boxes)}`)}`]) {
        const { value } = await answer(module_('detect_fixed'), event, '--kind', 'model', '--settings', settings);
        assert.deepEqual(
            value.objects.map((one) => [one.schemaId, one['bounding-box']]),
            [['schema-car', { x: 1, y: 2, width: 3, height: 4 }]],
        );
    }
    await refused(2, /^--settings: .* at line 1, column 2$/m, module_('detect_fixed'), event, '--kind', 'model', '--settings', '{');
    await refused(
        1,
        /^failed: the module refused the plugin: /m,
        module_('detect_fixed'),
        event,
        '--kind',
        'model',
        '--settings',
        '{"boxes": 7}',
    );
});

test('a workflow task has no answer; what would be passed on is in the folder', async () => {
    const out = path.join(dir, 'tasks');
    const { value } = await answer(
        module_('detect_fixed'),
        { categorySchema: mapping, workflow: true, taskId: 'task-9' },
        '--kind',
        'model',
        '--settings',
        JSON.stringify(boxes),
        '--out',
        out,
    );
    assert.equal(value, null);
    const sent = JSON.parse(fs.readFileSync(path.join(out, 'tasks.ndjson'), 'utf8'));
    assert.deepEqual([sent.task, sent.sent.answer.objects.length], ['task-9', 1]);
});

test('a batch model labels all assets of the file, each once, and says how far it is', async () => {
    const out = path.join(dir, 'labels');
    const { value, said } = await answer(
        module_('detect_fixed'),
        { categorySchema: mapping },
        '--kind',
        'batch-model',
        '--settings',
        JSON.stringify(boxes),
        '--export',
        file(ndjson),
        '--out',
        out,
    );
    assert.equal(value, '250 of 250 assets labelled.');
    const labels = fs
        .readFileSync(path.join(out, 'labels.ndjson'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    assert.deepEqual(
        labels.map((one) => one.externalId),
        assets.map((one) => one.externalId),
    );
    assert.match(said, /^progress: 250 of 250$/m);
});

test('an import of files creates them in the folder', async () => {
    const out = path.join(dir, 'imported');
    const settings = { url: 'https://files.example/', files: ['a.txt', 'b/c.txt'] };
    await answer(example('shelf'), { upload: true, files: ['a.txt', 'b/c.txt'] }, '--settings', JSON.stringify(settings), '--out', out);
    const created = fs
        .readFileSync(path.join(out, 'assets.ndjson'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).data);
    assert.deepEqual(created, ['https://files.example/a.txt', 'https://files.example/b/c.txt']);
});

describe('a module', () => {
    it('that fails ends it with code 1 and its sentences', async () => {
        const said = await refused(1, /^failed: The bucket does not exist\.$/m, fixture('tricks'), { trick: 'fail' });
        assert.match(said, /^for the operator: details for the operator$/m);
        assert.match(
            await refused(1, /^failed: The service is busy\.$/m, fixture('tricks'), { trick: 'retry' }),
            /^info: angod would run it again after 0 s$/m,
        );
    });

    it('that crashes costs one clear line, the one that angod writes', async () => {
        const said = await refused(1, /^failed: The plugin crashed while it was working on this run\.$/m, fixture('saboteur'), {
            act: 'segv',
            says: 'famous last words',
        });
        const about = said.split('\n').filter((line) => line.includes('the host of module'));
        assert.equal(about.length, 1);
        assert.match(
            about[0],
            /the host of module saboteur 1\.0, generation 1, for the plugin run was ended by signal 11 \(Segmentation fault\) \(process \d+\) with job [0-9a-f-]+ running; it printed: famous last words$/,
        );
    });

    it('that prints is heard, and that cannot be loaded is refused', async () => {
        assert.match((await answer(fixture('saboteur'), { act: '', says: 'hello there' })).said, /printed: hello there$/m);
        await refused(1, /^failed: .*it does not export ango_module_entry|^failed: .*cannot be loaded/m, angoctl, {});
        await refused(1, /^failed: nothing\.so: No such file or directory$/m, path.join(dir, 'nothing.so'), {});
    });

    it('that hangs is ended after its time, and does not outlive it', async () => {
        const said = await refused(
            1,
            /^failed: The plugin did not finish within its limit of 1 second and was stopped\.$/m,
            fixture('saboteur'),
            { act: 'hang' },
            '--timeout',
            '1',
        );
        assert.match(said, /does not stop; its host is ended$/m);
        await refused(2, /^--timeout: it must be at least 1 second$/m, example('echo'), {}, '--timeout', '0');
    });

    for (const signal of ['SIGINT', 'SIGTERM'])
        it(`is asked to stop on ${signal}, and goes`, async () => {
            const started = path.join(dir, `started-${signal}`);
            const event = file({ trick: 'wait', countFile: started, releaseFile: path.join(dir, 'never') });
            const child = spawn(angoctl, ['run', fixture('tricks'), '--event', event], { stdio: ['ignore', 'pipe', 'pipe'], env: env() });
            let said = '',
                answered = '';
            child.stderr.on('data', (text) => {
                said += text;
            });
            child.stdout.on('data', (text) => {
                answered += text;
            });
            const closed = once(child, 'close');
            await until(() => fs.existsSync(started), 'the module to run');
            const hosts = fs.readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ').map(Number);
            child.kill(signal);
            assert.deepEqual(await closed, [1, null]);
            assert.match(said, /^failed: The run was cancelled on the plugin's server\.$/m);
            assert.equal(answered, '');
            assert.ok(hosts.length > 0 && hosts.every((pid) => !processExists(pid)));
            assert.deepEqual(
                fs.readdirSync(dir).filter((name) => name.startsWith('angoctl-run-')),
                [],
            );
        });
});

describe('with a Hub', () => {
    let hub, asksHub;
    before(async () => {
        hub = await startHub();
        assert.equal((await run(angoctl, ['new', 'input', 'asks-hub', '--dir', dir])).code, 0);
        const folder = path.join(dir, 'asks-hub'),
            source = path.join(folder, 'asks-hub.cpp');
        fs.writeFileSync(
            source,
            `#include <ango/module.hpp>
struct Asks : ango::Input {
    std::string answer(ango::Job &job) override {
        const std::string config(job.config()), project = config.substr(6, config.size() - 8); // {"p":"…"}
        const auto got = job.hub("GET", "/v2/project/" + project + "/assets?page=1&limit=2");
        if (!got.ok) throw ango::Failure(std::string(got.text));
        const std::string first(got.text);
        return "[" + first + ",\\"" + std::string(job.hub("GET", "/v2/nothing/of/the/kind").text) + "\\"]";
    }
};
ANGO_MODULE(Asks, {.id = "asks-hub"})
`,
        );
        await run('bash', ['-euc', `cmake -B build -DCMAKE_PREFIX_PATH=${build} && cmake --build build`], false, { cwd: folder });
        asksHub = path.join(folder, 'build/asks-hub.so');
    });
    after(() => hub.close());
    const event = (project, more = {}) => ({
        apiKey: hub.apiKeyOf('user-1'),
        projectId: project,
        configJSON: JSON.stringify({ p: project }),
        ...more,
    });

    it('none: requests that a run needs get an answer, all others a sentence', async () => {
        const { value } = await answer(asksHub, { configJSON: '{"p":"project-1"}' });
        assert.deepEqual(value[0].data, { assets: [], total: 0 });
        assert.match(
            value[1],
            /^Hub refused the data that the plugin needs: angoctl run only plays Hub, and does not know GET \/v2\/nothing\/of\/the\/kind; name a real API with --url/,
        );
    });

    it('calls go there, with the key of the event, which appears nowhere', async () => {
        const project = hub.createProject({ assets: 5, odd: false });
        const { value, said } = await answer(asksHub, event(project.id), '--url', `${hub.apiUrl}/`);
        assert.deepEqual([value[0].data.assets.length, value[0].data.total], [2, 5]);
        assert.match(value[1], /^Hub refused the data that the plugin needs: .*HTTP 404/);
        assert.ok(!said.includes(hub.apiKeyOf('user-1')));
    });

    it('labels go there', async () => {
        const project = hub.createProject({ assets: 12, odd: false });
        const { value } = await answer(
            module_('detect_fixed'),
            event(project.id, { categorySchema: mapping, configJSON: '' }),
            '--kind',
            'batch-model',
            '--settings',
            JSON.stringify(boxes),
            '--url',
            hub.apiUrl,
        );
        assert.match(value, /^\d+ of 12 assets labelled/);
        assert.ok(project.labels.length > 0);
        await refused(
            2,
            /^the assets are those of --url, or those of --export: name one of them$/m,
            module_('detect_fixed'),
            event(project.id),
            '--kind',
            'batch-model',
            '--settings',
            JSON.stringify(boxes),
            '--url',
            hub.apiUrl,
            '--export',
            file(ndjson),
        );
    });

    it('the assets of a list are those of every part of a zip; what is no part is named', async () => {
        const half = ndjson.indexOf('\n', ndjson.length / 2) + 1;
        const zip = zipOf([
            { name: '__MACOSX/._a', data: '{' },
            { name: 'picture.png', data: 'PNG' },
            { name: 'a.ndjson', data: ndjson.slice(0, half) },
            { name: 'b.json', data: `[${ndjson.slice(half).trim().split('\n').join(',')}]` },
        ]);
        const words = ['--kind', 'batch-model', '--settings', JSON.stringify(boxes)];
        const { value, said } = await answer(module_('detect_fixed'), { categorySchema: mapping }, ...words, '--export', file(zip));
        assert.equal(value, '250 of 250 assets labelled.');
        assert.match(said, /^info: left "picture\.png" of the zip out: it is no part of the export$/m);
        assert.ok(!said.includes('MACOSX'));
        await refused(
            2,
            /^\S+: the export is incomplete: its zip ends too early\. Download or make it again\.$/m,
            module_('detect_fixed'),
            { categorySchema: mapping },
            ...words,
            '--export',
            file(zip.subarray(0, -1)),
        );
    });

    it('an export comes from there, or from the file; its result stays here', async () => {
        const project = hub.createProject({ assets: 7, odd: false }),
            out = path.join(dir, 'from-hub');
        const { value } = await answer(example('export_lines_cpp'), event(project.id), '--url', hub.apiUrl, '--out', out);
        assert.equal((await run('unzip', ['-p', value, 'assets.ndjson'])).stdout.trim().split('\n').length, 7);
        const asked = hub.requests.length;
        const again = await answer(
            example('export_lines_cpp'),
            event(project.id),
            '--url',
            hub.apiUrl,
            '--out',
            out,
            '--export',
            file(ndjson),
        );
        assert.equal((await run('unzip', ['-p', again.value, 'assets.ndjson'])).stdout, ndjson);
        assert.equal(hub.requests.length, asked);
        assert.ok(!hub.requests.some(({ path: asks }) => asks === '/v2/getUploadUrl'));
    });

    it('a wrong key, a missing one, and an address that is not safe', async () => {
        await refused(
            1,
            /^failed: Hub refused the data that the plugin needs: the API key of the user who ran the plugin is not valid/m,
            asksHub,
            { ...event('p'), apiKey: 'wrong-key' },
            '--url',
            hub.apiUrl,
        );
        await refused(2, /^the event has no "apiKey", which the calls to --url need$/m, asksHub, { projectId: 'p' }, '--url', hub.apiUrl);
        await refused(
            2,
            /^--url: http:\/\/hub\.example is neither an https address nor one of this machine$/m,
            asksHub,
            {},
            '--url',
            'http://hub.example',
        );
    });
});
