// The demo's users of Hub: waits for the lights, runs the plugins, prints the lines of the runs, and fetches the result.
// node demo_run.mjs HUB_READY_LINE_FILE RESULT_FOLDER
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const LIGHT_MS = 30_000;
const RUN_MS = 120_000;
const ASK_EVERY_MS = 100;

const [readyFile, resultFolder] = process.argv.slice(2);
const hub = JSON.parse(readFileSync(readyFile, 'utf8'));
const plugins = Object.fromEntries(hub.plugins.map((plugin) => [plugin.name, plugin]));
const say = (text) => process.stdout.write(`${text}\n`);

async function control(where, body) {
    const response = await fetch(
        `${hub.controlUrl}${where}`,
        body && {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify(body),
        },
    );
    const answer = await response.json();
    if (!response.ok) throw new Error(`Hub refuses ${where}: ${answer.message}`);
    return answer;
}

/** Shows every log line once, as Hub's page "Plugin Sessions" would, until the session has ended. */
async function followSession(session) {
    const end = Date.now() + RUN_MS;
    for (let shown = 0; ;) {
        const record = await control(`/sessions/${session}?wait=${ASK_EVERY_MS}`);
        for (; shown < record.logs.length; shown += 1) say(`  ${record.logs[shown].level.padEnd(7)} ${record.logs[shown].msg}`);
        if (record.state !== 'running') return record;
        if (Date.now() > end) throw new Error(`the session has not ended after ${RUN_MS / 1000} s`);
    }
}

async function download(url) {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the result cannot be downloaded: ${response.status}`);
    const file = path.join(resultFolder, path.basename(decodeURIComponent(new URL(url).pathname)));
    const bytes = Buffer.from(await response.arrayBuffer());
    writeFileSync(file, bytes);
    return { file, bytes: bytes.length };
}

const unzip = (...args) => execFileSync('unzip', args, { encoding: 'utf8', maxBuffer: 2 ** 30 });

function showAnnotations(zip) {
    const { images, annotations, categories } = JSON.parse(unzip('-p', zip, 'annotations.json'));
    say(
        `annotations.json: ${images.length} images, ${annotations.length} annotations, ${categories.length} categories ` +
            `(${categories.map((category) => category.name).join(', ')})`,
    );
}

/** Every tool of the export is accounted for: this is where it went. */
function showAccounts(zip) {
    const { assets, tools } = JSON.parse(unzip('-p', zip, 'conversion_report.json'));
    const reasons = (counts) =>
        Object.entries(counts)
            .map(([reason, count]) => `${count} ${reason}`)
            .join(', ') || '-';
    say(
        `conversion_report.json: ${assets.in} assets came in, ${assets.converted} were converted, left out: ` +
            `${reasons(assets.skipped)}`,
    );
    say(`  ${'tool'.padEnd(22)}${['in', 'emitted', 'merged', 'ended'].map((word) => word.padStart(9)).join('')}  dropped`);
    for (const [name, tool] of Object.entries(tools)) {
        const counts = [tool.in, tool.emitted, tool.merged, tool.ended].map((count) => String(count).padStart(9)).join('');
        say(`  ${name.padEnd(22)}${counts}  ${reasons(tool.dropped)}`);
    }
}

/** The whole way of one export. */
async function runExport(plugin) {
    const { session } = await control(`/plugins/${plugin.id}/run`, { projectId: hub.projects[0].id });
    say(`A user runs it on project "${hub.projects[0].name}" (session ${session}) and reads:`);
    const record = await followSession(session);
    const answer = record.answers[0].message;
    if (record.state !== 'answered' || !answer.export) throw new Error(`the run failed: ${JSON.stringify(answer)}`);
    say(`Answered after ${Math.round(record.elapsedMs)} ms with ${answer.response.split('?')[0]}?…`);

    const { file, bytes } = await download(answer.response);
    say(`\nThe result: ${file}, ${bytes} bytes, with the entries`);
    for (const entry of unzip('-Z1', file).trim().split('\n')) say(`  ${entry}`);
    showAnnotations(file);
    showAccounts(file);
}

/** Runs a plugin to its end and says in a line what came of it. */
async function runAndSay(title, plugin, request, result) {
    const { session } = await control(`/plugins/${plugin.id}/run`, { projectId: hub.projects[0].id, ...request });
    const end = Date.now() + RUN_MS;
    let record;
    do record = await control(`/sessions/${session}?wait=1000`);
    while (record.state === 'running' && Date.now() < end);
    const answer = record.answers[0]?.message;
    if (!['answered', 'annotated'].includes(record.state)) {
        throw new Error(`${title}: the run ended as ${record.state}: ${record.logs.map(({ msg }) => msg).join(' ')}`);
    }
    say(`${title.padEnd(24)} ${result(answer?.response)}`);
}

async function runOtherKinds() {
    const mapping = [{ schemaId: 's-car', modelClass: 'Truck' }];
    const csv = 'name,batch\nfirst,day\nsecond,day\nthird,late\n';
    await runAndSay(
        'Model, interactive:',
        plugins.fixed,
        { mapping },
        ({ objects }) => `${objects.length} object drawn, class ${objects[0].schemaId}`,
    );
    await runAndSay(
        'Model, in a workflow:',
        plugins.fixed,
        { mapping, asset: 1, extra: { workflow: true } },
        () => 'its task is labelled and in the next stage',
    );
    await runAndSay('Batch Model:', plugins['fixed-batch'], { mapping }, String);
    await runAndSay(
        'File Explorer, browsing:',
        plugins.shelf,
        {},
        ({ folders, files }) => `folders ${folders.join(', ')}; files ${files.join(', ')}`,
    );
    await runAndSay('File Explorer, import:', plugins.shelf, { extra: { upload: true, folder: 'photos/' } }, String);
    await runAndSay('Markdown Generator:', plugins.rows, { csv, markdown: '<h1>|name|</h1>' }, String);
    await runAndSay('Input:', plugins.echo, {}, ({ echo }) => `answered with the event, ${JSON.stringify(echo).length} bytes`);
}

async function main() {
    for (const { id, name, type } of hub.plugins) {
        await control(`/plugins/${id}?light=green&wait=${LIGHT_MS}`);
        say(`The light of "${name}" (${type}) is green.`);
    }
    say('');
    await runExport(plugins.coco);
    say('\nA run of each other kind:');
    await runOtherKinds();
}

main().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
});
