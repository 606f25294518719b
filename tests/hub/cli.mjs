#!/usr/bin/env node
// Starts a local Hub from the command line.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startHub } from './hub.mjs';

const USAGE = `node tests/hub/cli.mjs [options]
  --port N               port on 127.0.0.1 (default: a free one)
  --dir DIR              folder for exports and uploads; stays (default: a temporary one)
  --seed N               seed of generated assets (default 1)
  --seed-project N       makes a project with N generated assets; may be repeated
  --plugin TYPE[=NAME]   makes a plugin, e.g. --plugin Export=coco; may be repeated
  --red-after SECONDS    light turns red that long after the last heartbeat (default 120)
  --rate-limit N         REST requests a minute and API key (default: no limit)
  --url-ttl SECONDS      life of signed URLs (default 900)
  --on-bad-secret WHAT   silence (default), disconnect or close
  --tls-key FILE --tls-cert FILE   serve https and wss`;

const text = { type: 'string' };
const options = {
    port: text,
    dir: text,
    seed: text,
    'red-after': text,
    'rate-limit': text,
    'url-ttl': text,
    'on-bad-secret': text,
    'tls-key': text,
    'tls-cert': text,
    'seed-project': { type: 'string', multiple: true, default: [] },
    plugin: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', short: 'h' },
};

function readArguments() {
    try {
        return parseArgs({ options }).values;
    } catch (error) {
        process.stderr.write(`${error.message}\n${USAGE}\n`);
        process.exit(2);
    }
}

const values = readArguments();
if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
}

function hubOptions() {
    const given = {
        port: values.port && Number(values.port),
        dir: values.dir,
        seed: values.seed && Number(values.seed),
        redAfterSeconds: values['red-after'] && Number(values['red-after']),
        rateLimitPerMinute: values['rate-limit'] && Number(values['rate-limit']),
        urlTtlSeconds: values['url-ttl'] && Number(values['url-ttl']),
        onBadSecret: values['on-bad-secret'],
        tls: values['tls-key'] && { key: readFileSync(values['tls-key']), cert: readFileSync(values['tls-cert']) },
    };
    return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

const hub = await startHub(hubOptions());
let isStopping = false;
for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => {
        if (isStopping) return;
        isStopping = true;
        hub.close().then(() => process.exit(0));
    });
}

const projects = values['seed-project'].map((count) => hub.createProject({ name: `${count} assets`, assets: Number(count) }));
const plugins = values.plugin.map((given) => {
    const [type, name] = given.split('=');
    return hub.createPlugin({ type, name });
});

process.stdout.write(
    `${JSON.stringify({
        url: hub.url,
        apiUrl: hub.apiUrl,
        controlUrl: hub.controlUrl,
        dir: hub.dir,
        apiKey: hub.apiKeyOf('user-1'),
        projects: projects.map(({ id, name }) => ({ id, name })),
        plugins: plugins.map(({ id, secret, name, type }) => ({ id, secret, name, type })),
    })}\n`,
);
process.stderr.write(`The local Hub listens on ${hub.url}
  make a plugin:  curl -s ${hub.controlUrl}/plugins -H 'Content-Type: application/json' -d '{"type":"Export","name":"demo"}'
  see the lights: curl -s ${hub.controlUrl}/plugins
  run one:        curl -s -X POST ${hub.controlUrl}/plugins/ID/run
  see its end:    curl -s '${hub.controlUrl}/sessions/SESSION?wait=60000'
Ctrl-C stops it.
`);
