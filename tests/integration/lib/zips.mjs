// Zips that no ordinary program makes: any method, any flag, and bombs.
import zlib from 'node:zlib';

const TABLE = Int32Array.from({ length: 256 }, (_, n) => {
    for (let bit = 0; bit < 8; bit += 1) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
    return n;
});

export function crc32(bytes) {
    let crc = -1;
    for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
    return (crc ^ -1) >>> 0;
}

/**
 * @param {{name: string, data?: Buffer|string, stored?: boolean, flags?: number, crc?: number, deflated?: Buffer,
 *   size?: number}[]} entries in their order; deflated and size: bytes that are compressed already
 */
export function zipOf(entries) {
    const parts = [],
        directory = [];
    let at = 0;
    for (const entry of entries) {
        const name = Buffer.from(entry.name);
        const data = Buffer.from(entry.data ?? '');
        const body = entry.deflated ?? (entry.stored ? data : zlib.deflateRawSync(data));
        const head = Buffer.alloc(26);
        head.writeUInt16LE(20, 0);
        head.writeUInt16LE(entry.flags ?? 0, 2);
        head.writeUInt16LE(entry.stored ? 0 : 8, 4);
        head.writeUInt16LE(0x5862, 8); // 2 May 2024
        head.writeUInt32LE(entry.crc ?? crc32(data), 10);
        head.writeUInt32LE(body.length, 14);
        head.writeUInt32LE(entry.size ?? data.length, 18);
        head.writeUInt16LE(name.length, 22);
        const place = Buffer.alloc(14);
        place.writeUInt32LE(at, 10);
        directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), head, place, name);
        const whole = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), head, name, body]);
        parts.push(whole);
        at += whole.length;
    }
    const index = Buffer.concat(directory);
    const end = Buffer.alloc(22);
    end.write('PK\x05\x06', 'latin1');
    end.writeUInt16LE(entries.length, 8);
    end.writeUInt16LE(entries.length, 10);
    end.writeUInt32LE(index.length, 12);
    end.writeUInt32LE(at, 16);
    return Buffer.concat([...parts, index, end]);
}

/** A zip with one entry of so many megabytes, which repeats the text. The zip has about a thousandth of that size. */
export function bomb(megabytes, text) {
    const block = Buffer.alloc(1 << 20, text);
    // It ends at a whole byte and refers to nothing before it.
    const z = zlib.deflateRawSync(block, { finishFlush: zlib.constants.Z_FULL_FLUSH });
    const deflated = Buffer.concat([...Array(megabytes).fill(z), Buffer.from([3, 0])]);
    return zipOf([{ name: 'export.ndjson', deflated, size: Math.min(megabytes * 2 ** 20, 0xfffffffe) }]);
}
