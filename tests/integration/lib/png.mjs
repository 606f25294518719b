// PNG files for tests.
import { deflateSync, inflateSync } from 'node:zlib';

function crc32(bytes) {
    let crc = ~0;
    for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc >>> 0;
}

function chunk(name, body) {
    const named = Buffer.concat([Buffer.from(name, 'latin1'), body]);
    const size = Buffer.alloc(4),
        crc = Buffer.alloc(4);
    size.writeUInt32BE(body.length);
    crc.writeUInt32BE(crc32(named));
    return Buffer.concat([size, named, crc]);
}

/** An RGBA picture: colourAt(x, y) gives [red, green, blue, alpha]. */
export function png(width, height, colourAt) {
    const head = Buffer.alloc(13);
    head.writeUInt32BE(width, 0);
    head.writeUInt32BE(height, 4);
    head.set([8, 6, 0, 0, 0], 8);
    const rows = Buffer.alloc((width * 4 + 1) * height);
    for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) rows.set(colourAt(x, y), y * (width * 4 + 1) + 1 + x * 4);
    return Buffer.concat([
        Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
        chunk('IHDR', head),
        chunk('IDAT', deflateSync(rows)),
        chunk('IEND', Buffer.alloc(0)),
    ]);
}

/** The pixels of a file with 8 bits, RGBA and no interlacing, row by row. */
export function pixelsOf(file) {
    const data = [];
    for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at))
        if (file.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
    const bytes = inflateSync(Buffer.concat(data));
    const width = file.readUInt32BE(16);
    const size = width * 4;
    const pixels = [];
    let above = Buffer.alloc(size);
    for (let at = 0; at < bytes.length; at += size + 1) {
        const row = Buffer.from(bytes.subarray(at + 1, at + 1 + size));
        for (let i = 0; i < size; i += 1) row[i] += predicted(bytes[at], i < 4 ? 0 : row[i - 4], above[i], i < 4 ? 0 : above[i - 4]);
        for (let x = 0; x < width; x += 1) pixels.push([...row.subarray(x * 4, x * 4 + 4)]);
        above = row;
    }
    return pixels;
}

/** The number that a filter of PNG adds to a byte, from the bytes to its left, above it, and above on the left. */
function predicted(filter, left, up, corner) {
    const distances = [left, up, corner].map((byte) => Math.abs(left + up - corner - byte));
    switch (filter) {
        case 0:
            return 0;
        case 1:
            return left;
        case 2:
            return up;
        case 3:
            return (left + up) >> 1;
        default:
            return [left, up, corner][distances.indexOf(Math.min(...distances))];
    }
}
