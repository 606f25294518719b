// Zips as other programs write them. The form is that of APPNOTE.TXT (PKWARE): 4.3.7 local header, 4.3.9 data descriptor, 4.3.12 directory,
// 4.3.14 and 4.3.16 ends.
import zlib from 'node:zlib';
import { crc32 } from '../../integration/lib/zips.mjs';

const sized = (...fields) => {
    const bytes = Buffer.alloc(fields.reduce((sum, [size]) => sum + size, 0));
    let at = 0;
    for (const [size, value] of fields) {
        if (size === 8) bytes.writeBigUInt64LE(BigInt(value), at);
        else bytes.writeUIntLE(value, at, size);
        at += size;
    }
    return bytes;
};

/**
 * @param {{name: string|Buffer, data?: Buffer|string, method?: number, body?: Buffer, streamed?: boolean, zip64?: boolean, flags?: number,
 *   isHidden?: boolean, crc?: number}[]} entries body: bytes that are compressed already; streamed: sizes behind the data, as Archive
 *   Utility of macOS and `zip -` write them; zip64: sizes of 64 bits, as programs write them that do not know the size beforehand; isHidden:
 *   the directory does not name it
 * @param {{before?: Buffer|string, comment?: string, behind?: Buffer|string}} around text in front, in the end record and behind all
 */
export function archive(entries, { before = '', comment = '', behind = '' } = {}) {
    const parts = [Buffer.from(before)],
        directory = [];
    let at = parts[0].length;
    for (const { name, data = '', method = 8, body, streamed = false, zip64 = false, flags = 0, isHidden = false, crc } of entries) {
        const plain = Buffer.from(data);
        const packed = body ?? (method === 8 ? zlib.deflateRawSync(plain) : plain);
        const title = Buffer.from(name);
        const sum = crc ?? crc32(plain);
        const general = [
            [2, zip64 ? 45 : 20],
            [2, flags | (streamed ? 8 : 0)],
            [2, method],
            [4, 0x58620000],
        ];
        const long = zip64 ? sized([2, 1], [2, 16], [8, plain.length], [8, packed.length]) : Buffer.alloc(0);
        const [packedSize, plainSize] = zip64 ? [0xffffffff, 0xffffffff] : [packed.length, plain.length];
        const here = streamed
            ? [
                  [4, 0],
                  [4, 0],
                  [4, 0],
              ]
            : [
                  [4, sum],
                  [4, packedSize],
                  [4, plainSize],
              ];
        const local = sized([4, 0x04034b50], ...general, ...here, [2, title.length], [2, streamed ? 0 : long.length]);
        const after = streamed ? sized([4, 0x08074b50], [4, sum], [4, packed.length], [4, plain.length]) : Buffer.alloc(0);
        const central = sized(
            [4, 0x02014b50],
            [2, 0x31e],
            ...general,
            [4, sum],
            [4, packedSize],
            [4, plainSize],
            [2, title.length],
            [2, long.length],
            [2, 0],
            [2, 0],
            [2, 0],
            [4, 0x81a40000],
            [4, at],
        );
        if (!isHidden) directory.push(Buffer.concat([central, title, long]));
        parts.push(local, title, streamed ? Buffer.alloc(0) : long, packed, after);
        at += local.length + title.length + (streamed ? 0 : long.length) + packed.length + after.length;
    }
    const index = Buffer.concat(directory);
    const end = sized(
        [4, 0x06054b50],
        [2, 0],
        [2, 0],
        [2, directory.length],
        [2, directory.length],
        [4, index.length],
        [4, at],
        [2, comment.length],
    );
    return Buffer.concat([...parts, index, end, Buffer.from(comment), Buffer.from(behind)]);
}
