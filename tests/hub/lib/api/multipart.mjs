// Forms with files, as `multipart/form-data`.
import { HubError } from '../ids.mjs';

const MOST_PARTS = 10_000;

/**
 * The parts of a request's body.
 * @returns {{name: string, filename?: string, bytes: Buffer}[]}
 */
export function partsOf(request) {
    const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/.exec(request.get('content-type') ?? '');
    if (!Buffer.isBuffer(request.body) || !boundary) throw new HubError(400, 'the body must be multipart/form-data');
    const mark = Buffer.from(`--${boundary[1] ?? boundary[2]}`);
    const parts = [];
    let at = request.body.indexOf(mark);
    while (at >= 0 && parts.length < MOST_PARTS) {
        const begin = at + mark.length;
        at = request.body.indexOf(mark, begin);
        // In front of each part is a line break, and behind it another one.
        if (at >= 0) parts.push(partOf(request.body.subarray(begin + 2, at - 2)));
    }
    return parts;
}

function partOf(block) {
    const end = block.indexOf('\r\n\r\n');
    if (end < 0) throw new HubError(400, 'a part of the body has no head');
    const head = block.subarray(0, end).toString();
    const value = (name) => new RegExp(`[; ]${name}="([^"]*)"`).exec(head)?.[1];
    return { name: value('name') ?? '', filename: value('filename'), bytes: block.subarray(end + 4) };
}

/** The fields of a form, whether it has files or not. */
export function fieldsOf(request) {
    if (!Buffer.isBuffer(request.body)) return { ...request.body };
    const fields = partsOf(request).filter(({ filename }) => filename === undefined);
    return Object.fromEntries(fields.map(({ name, bytes }) => [name, bytes.toString()]));
}
