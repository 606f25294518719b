// Makes the zip of an export. It is streamed, made once per set of parameters, and kept on disk.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';
import { GENERATOR_VERSION, generateAsset, generateAssetText, generateLegacyAsset } from '../assets.mjs';

const CHUNK_CHARACTERS = 256 * 1024;

/**
 * The zip files of exports in one folder. If the folder is kept, a big export is made only once for all runs.
 */
export class Exports {
    #folder;
    #inWork = new Map();

    /** @param {string} folder */
    constructor(folder) {
        this.#folder = folder;
    }

    /**
     * The path of the zip for a project's export.
     * @param {object} source one of {zip: Buffer}, {file}, {text}, {records, format}, {assets, seed, version, format, odd};
     *   also entryName and compressionLevel
     * @returns {Promise<string>}
     */
    async zipFor(source) {
        if (source.file) return source.file;
        const target = path.join(this.#folder, `${keyOf(source)}.zip`);
        if (!this.#inWork.has(target)) {
            const work = make(source, target).finally(() => this.#inWork.delete(target));
            this.#inWork.set(target, work);
        }
        await this.#inWork.get(target);
        return target;
    }
}

function keyOf(source) {
    const hash = createHash('sha256').update(`${GENERATOR_VERSION}\n`);
    for (const [name, value] of Object.entries(source).sort()) {
        hash.update(`${name}=`)
            .update(Buffer.isBuffer(value) ? value : (JSON.stringify(value) ?? ''))
            .update('\n');
    }
    return hash.digest('hex').slice(0, 32);
}

async function make(source, target) {
    if (
        await stat(target).then(
            () => true,
            () => false,
        )
    )
        return;
    await mkdir(path.dirname(target), { recursive: true });
    const part = `${target}.${process.pid}.part`;
    try {
        if (source.zip) await writeFile(part, source.zip);
        else await writeZip(part, source);
        await rename(part, target);
    } finally {
        await rm(part, { force: true });
    }
}

async function writeZip(file, source) {
    const zip = new yazl.ZipFile();
    const input = Readable.from(textOf(source), { objectMode: false });
    const failed = new Promise((_, reject) => {
        zip.on('error', reject);
        input.on('error', reject);
    });
    zip.addReadStream(input, source.entryName ?? `export.${source.format === 'json' ? 'json' : 'ndjson'}`, {
        compressionLevel: source.compressionLevel ?? 6,
        mtime: new Date(Date.UTC(2024, 4, 2)),
    });
    zip.end();
    await Promise.race([pipeline(zip.outputStream, createWriteStream(file)), failed]);
}

function* textOf(source) {
    if (source.text !== undefined) {
        yield Buffer.from(source.text);
        return;
    }
    const isArray = source.format === 'json';
    let chunk = isArray ? '[' : '';
    const count = source.records?.length ?? source.assets;
    for (let i = 0; i < count; i += 1) {
        chunk += recordText(source, i);
        if (!isArray) chunk += '\n';
        else if (i + 1 < count) chunk += ',\n';
        if (chunk.length >= CHUNK_CHARACTERS) {
            yield Buffer.from(chunk);
            chunk = '';
        }
    }
    yield Buffer.from(isArray ? `${chunk}]` : chunk);
}

function recordText(source, index) {
    if (source.toolsName !== undefined && source.version !== 2) return JSON.stringify(renamed(recordOf(source, index), source.toolsName));
    if (source.records) return JSON.stringify(source.records[index]);
    if (source.version === 2) return JSON.stringify(generateLegacyAsset(index, source.seed, source));
    return generateAssetText(index, source.seed, source);
}

function recordOf(source, index) {
    return source.records?.[index] ?? generateAsset(index, source.seed, source);
}

/** The record with another name for the lists of objects in its task and in the stages that the task has left; null: no lists. */
function renamed(record, toolsName) {
    const rename = ({ tools, ...rest }) => (toolsName === null || tools === undefined ? rest : { ...rest, [toolsName]: tools });
    if (!record?.task) return record;
    const task = rename(record.task);
    return { ...record, task: Array.isArray(task.stageHistory) ? { ...task, stageHistory: task.stageHistory.map(rename) } : task };
}
