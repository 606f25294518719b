// Writes angod's configuration for the demo, with a secret file for each plugin.
// node demo_config.mjs HUB_READY_LINE_FILE FOLDER BUILD_FOLDER
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const [readyFile, folder, build] = process.argv.slice(2);
const hub = JSON.parse(readFileSync(readyFile, 'utf8'));

const boxes = [{ class: 'Truck', x: 20, y: 30, width: 200, height: 100 }];
/** By the plugin's name in Hub. */
const entries = {
    coco: { module: 'export-coco' },
    fixed: { module: 'detect-fixed', kind: 'model', settings: { boxes } },
    'fixed-batch': { module: 'detect-fixed', kind: 'batch-model', settings: { boxes } },
    shelf: { module: 'shelf', settings: { url: 'https://files.example.test/', files: ['readme.txt', 'photos/1.jpg', 'photos/2.jpg'] } },
    rows: { module: 'markdown' },
    echo: { module: 'echo' },
};

const plugins = hub.plugins.map(({ id, name, secret }) => {
    const file = path.join(folder, `secret-${name}`);
    writeFileSync(file, secret, { mode: 0o600 });
    return { name, id, secret_file: file, ...entries[name] };
});
writeFileSync(
    path.join(folder, 'angod.json'),
    `${JSON.stringify(
        {
            hub: { url: hub.url, api_url: hub.apiUrl, proxy: 'none' },
            module_dirs: [path.join(build, 'examples'), path.join(build, 'modules')],
            state_dir: path.join(folder, 'state'),
            admin: { socket: path.join(folder, 'admin.sock'), mode: '0600' },
            plugins,
        },
        null,
        2,
    )}\n`,
);
