// The part of the demo that plays a user of Hub: waits for the light, runs the plugin, reads along, fetches the result.
// node demo_run.mjs HUB_READY_LINE_FILE RESULT_FOLDER
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const LIGHT_MS = 30_000;
const RUN_MS = 120_000;
const ASK_EVERY_MS = 100;

const [readyFile, resultFolder] = process.argv.slice(2);
const hub = JSON.parse(readFileSync(readyFile, 'utf8'));
const [plugin] = hub.plugins;
const say = (text) => process.stdout.write(`${text}\n`);

async function control(where, body) {
  const response = await fetch(`${hub.controlUrl}${where}`, body && {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
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
  say(`annotations.json: ${images.length} images, ${annotations.length} annotations, ${categories.length} categories `
    + `(${categories.map((category) => category.name).join(', ')})`);
}

/** Every tool of the export is accounted for: this is where it went. */
function showAccounts(zip) {
  const { assets, tools } = JSON.parse(unzip('-p', zip, 'conversion_report.json'));
  const reasons = (counts) => Object.entries(counts).map(([reason, count]) => `${count} ${reason}`).join(', ') || '-';
  say(`conversion_report.json: ${assets.in} assets came in, ${assets.converted} were converted, left out: `
    + `${reasons(assets.skipped)}`);
  say(`  ${'tool'.padEnd(22)}${['in', 'emitted', 'merged', 'ended'].map((word) => word.padStart(9)).join('')}  dropped`);
  for (const [name, tool] of Object.entries(tools)) {
    const counts = [tool.in, tool.emitted, tool.merged, tool.ended].map((count) => String(count).padStart(9)).join('');
    say(`  ${name.padEnd(22)}${counts}  ${reasons(tool.dropped)}`);
  }
}

async function main() {
  const { lastHeartbeat } = await control(`/plugins/${plugin.id}?light=green&wait=${LIGHT_MS}`);
  say(`The light of plugin "${plugin.name}" is green since ${new Date(lastHeartbeat).toISOString()}.`);

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

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
