"""Brush images: RGBA, without interlacing, and with no filter. Pictures of other programs are not read."""
import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def _chunk(name, body):
    return struct.pack("!I", len(body)) + name + body + struct.pack("!I", zlib.crc32(name + body))


def encode(rows):
    """Writes a PNG of rows of [red, green, blue, alpha]."""
    head = struct.pack("!IIBBBBB", len(rows[0]), len(rows), 8, 6, 0, 0, 0)
    data = b"".join(b"\0" + bytes(value for pixel in row for value in pixel) for row in rows)
    return SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(data)) + _chunk(b"IEND", b"")


def decode(png):
    """The rows of a PNG that encode() or the tests have written."""
    chunks = {}
    at = len(SIGNATURE)
    while at < len(png):
        (size,) = struct.unpack_from("!I", png, at)
        chunks[png[at + 4 : at + 8]] = png[at + 8 : at + 8 + size]
        at += 12 + size
    width, height = struct.unpack_from("!II", chunks[b"IHDR"])
    data = zlib.decompress(chunks[b"IDAT"])
    rows = []
    for y in range(height):
        line = data[y * (width * 4 + 1) :]
        if line[0] != 0:
            raise ValueError("the stand-in reads only pictures without filters")
        rows.append([list(line[1 + x * 4 : 5 + x * 4]) for x in range(width)])
    return rows


def laid_over(new, old):
    """The new picture over the old one: pixels that are drawn win. A picture of another size replaces the old one."""
    if (len(new), len(new[0])) != (len(old), len(old[0])):
        return new
    return [[pixel if pixel[3] > 0 else below for pixel, below in zip(*rows)] for rows in zip(new, old)]
