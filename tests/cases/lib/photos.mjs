// Pictures without pixels: the headers alone, with the EXIF orientation of a camera.
import { crc32 } from '../../integration/lib/zips.mjs';

const ORIENTATION = 0x0112,
    SHORT = 3;

/** EXIF data with one tag. @param {{bigEndian?: boolean, type?: number, offset?: number}} odd offset: of the first directory */
export function exif(orientation, { bigEndian = true, type = SHORT, offset = 8 } = {}) {
    const bytes = Buffer.alloc(26);
    const put = (value, at, size) => (bigEndian ? bytes.writeUIntBE(value, at, size) : bytes.writeUIntLE(value, at, size));
    bytes.write(bigEndian ? 'MM' : 'II', 'latin1');
    put(42, 2, 2);
    put(offset, 4, 4);
    put(1, 8, 2);
    put(ORIENTATION, 10, 2);
    put(type, 12, 2);
    put(1, 14, 4);
    put(orientation, 18, type === SHORT ? 2 : 4);
    return bytes;
}

const segment = (marker, ...parts) => {
    const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));
    const head = Buffer.from([0xff, marker, 0, 0]);
    head.writeUInt16BE(body.length + 2, 2);
    return Buffer.concat([head, body]);
};
export const exifSegment = (...words) => segment(0xe1, 'Exif\0\0', exif(...words));
export const jfif = segment(0xe0, 'JFIF\0\x01\x01\0\0\x01\0\x01\0\0');
/** The notes of a photo editor, which stand in a segment of the same kind as EXIF. */
export const xmp = segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"/>');

/** @param {Buffer[]} segments between the beginning and the frame with the size */
export function jpeg(width, height, segments = []) {
    const size = Buffer.alloc(5);
    size[0] = 8;
    size.writeUInt16BE(height, 1);
    size.writeUInt16BE(width, 3);
    return Buffer.concat([Buffer.from([0xff, 0xd8]), ...segments, segment(0xc0, size, '\x01\x01\x11\0'), Buffer.from([0xff, 0xd9])]);
}

const chunk = (name, body) => {
    const whole = Buffer.concat([Buffer.alloc(4), Buffer.from(name, 'latin1'), body, Buffer.alloc(4)]);
    whole.writeUInt32BE(body.length, 0);
    whole.writeUInt32BE(crc32(whole.subarray(4, -4)), whole.length - 4);
    return whole;
};
export function png(width, height, orientation) {
    const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
    head.writeUInt32BE(width, 0);
    head.writeUInt32BE(height, 4);
    const chunks = [chunk('IHDR', head), chunk('eXIf', exif(orientation)), chunk('IEND', Buffer.alloc(0))];
    return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks]);
}
