"""Rings of points: rounding, cleaning, area, clipping to the image, holes."""


def clean(ring):
    """Rounded, without points that repeat the one before, the last repeating the first included."""
    points = []
    for x, y, *_ in ring:
        x, y = round(x, 2), round(y, 2)
        if not points or points[-1] != (x, y):
            points.append((x, y))
    while len(points) > 1 and points[-1] == points[0]:
        points.pop()
    return points


def shoelace(ring):
    twice = 0.0
    x0, y0 = ring[-1]
    for x1, y1 in ring:
        twice += x0 * y1 - x1 * y0
        x0, y0 = x1, y1
    return twice / 2


def area_of(ring):
    return abs(shoelace(ring))


def is_degenerate(ring):
    return len(ring) < 3 or area_of(ring) < 1e-9


def extents(rings):
    xs = [x for ring in rings for x, _ in ring]
    ys = [y for ring in rings for _, y in ring]
    return min(xs), min(ys), max(xs), max(ys)


def clip(ring, width, height):
    """Sutherland-Hodgman against the image."""
    for axis, limit, sign in ((0, 0, -1), (0, width, 1), (1, 0, -1), (1, height, 1)):
        if not ring:
            return ring
        out = []
        a = ring[-1]
        a_in = sign * a[axis] <= sign * limit
        for b in ring:
            b_in = sign * b[axis] <= sign * limit
            if a_in != b_in:
                t = (limit - a[axis]) / (b[axis] - a[axis])
                other = a[1 - axis] + t * (b[1 - axis] - a[1 - axis])
                out.append((limit, other) if axis == 0 else (other, limit))
            if b_in:
                out.append(b)
            a, a_in = b, b_in
        ring = out
    return ring


def bridge(region, holes):
    """One ring for a region and its holes: cut open from its nearest point to each hole, and around it the other way."""
    for hole in holes:
        if (shoelace(hole) > 0) == (shoelace(region) > 0):
            hole = hole[::-1]
        _, i, j = min(((x - u) ** 2 + (y - v) ** 2, i, j) for i, (x, y) in enumerate(region)
                      for j, (u, v) in enumerate(hole))
        region = region[:i + 1] + hole[j:] + hole[:j + 1] + region[i:]
    return region
