// The area and the extents of the points that an outline covers, computed another way than the converters do it: the plane is cut into
// strips in which no two edges cross, and in each strip the spans between edges are trapezoids.

/**
 * @param {{region: number[][], holes?: number[][][]}[]} zones even-odd each; a zone without its holes; all zones together
 * @param {{width: number, height: number}} [image] only what lies in it counts
 * @returns {{area: number, bbox: number[] | null}} bbox: [x, y, width, height] of the points; null if there are none
 */
export function covered(zones, image = { width: Infinity, height: Infinity }) {
    const rings = zones.flatMap(({ region, holes = [] }) => [region, ...holes].map(edgesOf));
    const cuts = heightsOf(rings.flat(), image);
    let area = 0,
        box = null;
    for (let i = 0; i + 1 < cuts.length; i += 1) {
        const [top, bottom] = [cuts[i], cuts[i + 1]];
        if (bottom - top < 1e-12 || top < 0 || bottom > image.height) continue;
        const middle = (top + bottom) / 2;
        let at = 0;
        const spans = zones.flatMap(({ holes = [] }) => {
            const region = spansOf(rings[at], middle);
            const without = holes.map((_, hole) => spansOf(rings[at + 1 + hole], middle));
            at += 1 + holes.length;
            return without.reduce(minus, region);
        });
        for (const { from, to } of union(spans)) {
            const left = Math.max(0, from.x),
                right = Math.min(image.width, to.x);
            if (right - left < 1e-12) continue;
            area += (right - left) * (bottom - top);
            for (const edge of [from.edge, to.edge])
                for (const y of [top, bottom]) box = grown(box, Math.min(Math.max(xAt(edge, y), 0), image.width), y);
        }
    }
    return { area, bbox: box && [box[0], box[1], box[2] - box[0], box[3] - box[1]] };
}

const edgesOf = (ring) => ring.map((point, i) => [point, ring[(i + 1) % ring.length]]).filter(([a, b]) => a[1] !== b[1]);
const xAt = ([a, b], y) => a[0] + ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]);
const grown = (box, x, y) => (box ? [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)] : [x, y, x, y]);

/** The heights at which an edge begins or ends, two edges cross, or one meets a side of the image. */
function heightsOf(edges, { width, height }) {
    const all = edges.flatMap(([a, b]) => [a[1], b[1]]);
    if (Number.isFinite(height)) all.push(0, height);
    const sides = Number.isFinite(width)
        ? [0, width].map((x) => [
              [x, 0],
              [x, 1],
          ])
        : [];
    for (const [i, one] of edges.entries())
        for (const other of [...edges.slice(i + 1), ...sides]) {
            const slope = (edge) => (edge[1][0] - edge[0][0]) / (edge[1][1] - edge[0][1]);
            const y = (xAt(other, 0) - xAt(one, 0)) / (slope(one) - slope(other));
            if (Number.isFinite(y)) all.push(y);
        }
    return [...new Set(all)].sort((a, b) => a - b);
}

/** The spans of a ring at a height: pairs of crossings. */
function spansOf(edges, y) {
    const crossings = edges
        .filter(([a, b]) => a[1] < y !== b[1] < y)
        .map((edge) => ({ x: xAt(edge, y), edge }))
        .sort((a, b) => a.x - b.x);
    return crossings.flatMap((from, i) => (i % 2 === 0 ? [{ from, to: crossings[i + 1] }] : []));
}

function union(spans) {
    const joined = [];
    for (const { from, to } of [...spans].sort((a, b) => a.from.x - b.from.x)) {
        const last = joined.at(-1);
        if (!last || last.to.x < from.x) joined.push({ from, to });
        else if (last.to.x < to.x) last.to = to;
    }
    return joined;
}

function minus(spans, gaps) {
    return gaps.reduce(
        (left, gap) =>
            left.flatMap((span) =>
                [
                    { from: span.from, to: gap.from.x < span.to.x ? gap.from : span.to },
                    { from: gap.to.x > span.from.x ? gap.to : span.from, to: span.to },
                ].filter(({ from, to }) => from.x < to.x),
            ),
        spans,
    );
}
