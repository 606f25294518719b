// Shape members of tool entries as JSON text. Objects would be too slow: a million assets must not take minutes.

const TAU = Math.PI * 2;
const round = (value) => Math.round(value * 100) / 100;

function box(random, width, height) {
    const x = random.coordinate(0, width * 0.8);
    const y = random.coordinate(0, height * 0.8);
    const w = random.coordinate(8, width * 0.2);
    const h = random.coordinate(8, height * 0.2);
    // (x, y) is the corner that was clicked first. It may be any of the four; one box in four shows that.
    const [left, up] = random.chance(0.25) ? [random.chance(0.7), random.chance(0.7)] : [false, false];
    return (
        `"bounding-box":{"x":${left ? round(x + w) : x},"y":${up ? round(y + h) : y},` + `"width":${left ? -w : w},"height":${up ? -h : h}}`
    );
}

function rotatedBox(random, width, height) {
    const x = random.coordinate(width * 0.2, width * 0.8);
    const y = random.coordinate(height * 0.2, height * 0.8);
    const w = random.coordinate(10, width * 0.2);
    const h = random.coordinate(10, height * 0.2);
    const rotation = random.coordinate(-180, 180);
    return (
        `"rotated-bounding-box":{"x":${x},"y":${y},"width":${w},"height":${h},"rotation":${rotation},` +
        `"corners":[${rotatedCorners(x, y, w, h, rotation).map(([cx, cy]) => `[${cx},${cy}]`)}]}`
    );
}

/**
 * The corners that Hub gives for a rotated box: (x, y) is itself a corner, rotation is clockwise on screen.
 * @returns {number[][]}
 */
export function rotatedCorners(x, y, width, height, rotation) {
    const sin = Math.sin((rotation * Math.PI) / 180);
    const cos = Math.cos((rotation * Math.PI) / 180);
    const down = [-height * sin, height * cos];
    const across = [width * cos, width * sin];
    return [
        [x, y],
        [x + down[0], y + down[1]],
        [x + down[0] + across[0], y + down[1] + across[1]],
        [x + across[0], y + across[1]],
    ].map(([cx, cy]) => [round(cx), round(cy)]);
}

/** A ring around a centre, either winding, not closed: `[[x,y],...]`. */
function ring(random, cx, cy, radius, count) {
    const turn = random.chance(0.5) ? TAU : -TAU;
    let text = '[';
    for (let i = 0; i < count; i += 1) {
        const r = radius * (0.7 + random.int(31) / 100);
        const angle = (turn * i) / count;
        text += `${i ? ',' : ''}[${round(cx + r * Math.cos(angle))},${round(cy + r * Math.sin(angle))}]`;
    }
    return `${text}]`;
}

function polygon(random, width, height) {
    return `"polygon":${ring(
        random,
        random.coordinate(0, width),
        random.coordinate(0, height),
        random.coordinate(10, height * 0.15),
        4 + random.int(8),
    )}`;
}

function path(random, width, height) {
    let x = random.coordinate(0, width * 0.5);
    let y = random.coordinate(0, height);
    let text = `[${x},${y}]`;
    for (let i = 1 + random.int(7); i > 0; i -= 1) {
        x = round(x + random.coordinate(1, width * 0.1));
        y = round(y + random.coordinate(-20, 20));
        text += `,[${x},${y}]`;
    }
    return `[${text}]`;
}

/** One to three zones side by side, as they are drawn: they do not overlap. */
function segmentation(random, width, height) {
    let zones = '';
    const largest = Math.min(width, height) * 0.13;
    for (let zone = 1 + random.int(3); zone > 0; zone -= 1) {
        const cx = width * (0.28 * zone - 0.06) + random.coordinate(0, width * 0.01);
        const cy = random.coordinate(height * 0.2, height * 0.8);
        const radius = random.coordinate(largest * 0.3, largest);
        const holes = random.chance(0.4) ? ring(random, cx, cy, radius * 0.4, 4) : '';
        zones += `${zones && ','}{"region":${ring(random, cx, cy, radius, 6 + random.int(8))},"holes":[${holes}]}`;
    }
    return `"segmentation":{"zones":[${zones}]}`;
}

/** Writers of shape members by the tool they belong to. */
export const SHAPES = {
    'bounding-box': box,
    'rotated-bounding-box': rotatedBox,
    polygon,
    polyline: (random, width, height) => `"polyline":${path(random, width, height)}`,
    point: (random, width, height) => `"point":[${random.coordinate(0, width)},${random.coordinate(0, height)}]`,
    segmentation,
    spline: (random, width, height) => `"spline":${path(random, width, height)}`,
};
