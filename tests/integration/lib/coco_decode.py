"""Reads two COCO files of one export as a training program would. Shares no code with the converter or with coco.mjs.

coco_decode.py WITH_RUN_LENGTHS.json WITH_BRIDGES.json

Every annotation is turned into pixels: run lengths by counting, polygons by the even-odd rule on pixel centres. Area,
extent and pixels must agree within each file, and the pixels of an object must be the same in both. Prints what was
checked as JSON; exits with 1 and a list of what is wrong.
"""
import json
import math
import sys

TOLERANCE = 0.02  # px; where coordinates are rounded to two decimals
ARITHMETIC = 1e-6
problems = []


def require(good, *what):
    if not good:
        problems.append(' '.join(str(part) for part in what)[:400])
    return good


def columns_of_counts(size, counts):
    """{x: [(y begin, y end)]} of the ones; zeros come first, down and then right."""
    height, _ = size
    columns, at, is_one = {}, 0, False
    for count in counts:
        begin, at = at, at + count
        while is_one and begin < at:
            x, y = divmod(begin, height)
            end = min(height, y + at - begin)
            columns.setdefault(x, []).append((y, end))
            begin += end - y
        is_one = not is_one
    return columns


def columns_of_polygons(polygons, width, height):
    """The same for the union of rings, each even-odd, within the image."""
    columns = {}
    for flat in polygons:
        ring = list(zip(flat[::2], flat[1::2]))
        first = max(0, math.floor(min(x for x, _ in ring)))
        last = min(width, math.ceil(max(x for x, _ in ring)))
        for x in range(first, last):
            centre, crossings = x + 0.5, []
            for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1]):
                if (ax <= centre) != (bx <= centre):
                    crossings.append(ay + (centre - ax) * (by - ay) / (bx - ax))
            crossings.sort()
            for top, bottom in zip(crossings[::2], crossings[1::2]):
                begin, end = max(0, math.ceil(top - 0.5)), min(height, math.ceil(bottom - 0.5))
                if begin < end:
                    columns.setdefault(x, []).append((begin, end))
    return columns


def united(runs):
    out = []
    for begin, end in sorted(runs):
        if out and begin <= out[-1][1]:
            out[-1][1] = max(out[-1][1], end)
        else:
            out.append([begin, end])
    return out


def pixel_count(columns):
    return sum(end - begin for runs in columns.values() for begin, end in united(runs))


def differing(a, b):
    """The number of pixels that are in only one of the two."""
    count = 0
    for x in a.keys() | b.keys():
        edges = {}
        for sign, runs in ((1, united(a.get(x, []))), (-1, united(b.get(x, [])))):
            for begin, end in runs:
                edges[begin] = edges.get(begin, 0) + sign
                edges[end] = edges.get(end, 0) - sign
        level, before = 0, 0
        for y in sorted(edges):
            count += (y - before) if level else 0
            level, before = level + edges[y], y
    return count


def outline_length(polygons):
    total = 0
    for flat in polygons:
        ring = list(zip(flat[::2], flat[1::2]))
        total += sum(math.dist(a, b) for a, b in zip(ring, ring[1:] + ring[:1]))
    return total


def check_list(name, entries):
    ids = [entry['id'] for entry in entries]
    require(len(set(ids)) == len(ids), name, 'ids are not unique')
    require(all(isinstance(one, int) and one > 0 for one in ids), name, 'ids are not whole and positive')
    return {entry['id']: entry for entry in entries}


def check_run_lengths(about, image, annotation):
    size, counts = annotation['segmentation']['size'], annotation['segmentation']['counts']
    if not require(size == [image.get('height'), image.get('width')], about, 'size is not that of the image', size):
        return None
    require(all(isinstance(n, int) and n >= 0 for n in counts), about, 'counts are no numbers of pixels')
    require(sum(counts) == size[0] * size[1], about, 'counts do not fill the image')
    columns = columns_of_counts(size, counts)
    if not require(columns, about, 'is empty'):
        return None
    x, y, w, h = annotation['bbox']
    extent = (min(columns), min(b for runs in columns.values() for b, _ in runs), max(columns) + 1,
              max(e for runs in columns.values() for _, e in runs))
    require(extent == (x, y, x + w, y + h), about, 'bbox', (x, y, w, h), 'but the pixels reach', extent)
    require(pixel_count(columns) == annotation['area'], about, 'area', annotation['area'], 'but pixels', pixel_count(columns))
    return columns


def check_polygons(about, image, annotation):
    polygons = annotation['segmentation']
    for flat in polygons:
        require(len(flat) >= 6 and len(flat) % 2 == 0 and all(math.isfinite(n) for n in flat), about, 'bad ring')
    x, y, w, h = annotation['bbox']
    xs, ys = [n for flat in polygons for n in flat[::2]], [n for flat in polygons for n in flat[1::2]]
    extent = [min(xs), min(ys), max(xs), max(ys)]
    require(all(abs(a - b) <= ARITHMETIC for a, b in zip(extent, (x, y, x + w, y + h))), about, 'bbox', (x, y, w, h),
            'but the outline reaches', extent)
    width, height = image.get('width'), image.get('height')
    if width is None:
        return None
    require(extent[0] >= 0 and extent[1] >= 0 and extent[2] <= width and extent[3] <= height, about, 'leaves the image')
    return columns_of_polygons(polygons, width, height)


def check_file(path):
    with open(path, encoding='utf-8') as file:
        coco = json.load(file)
    images, categories = check_list('image', coco['images']), check_list('category', coco['categories'])
    annotations = check_list('annotation', coco['annotations'])
    names = [image['file_name'] for image in coco['images']]
    require(len(set(names)) == len(names), path, 'two images have one file_name')
    pixels, kinds = {}, {'run_lengths': 0, 'polygons': 0, 'boxes_only': 0}
    for number, annotation in annotations.items():
        about = f'{path} annotation {number}:'
        if not require(annotation['image_id'] in images and annotation['category_id'] in categories, about, 'dangles'):
            continue
        require(annotation['iscrowd'] == 0, about, 'is a crowd')
        require(annotation['area'] > 0 and min(annotation['bbox'][2:]) > 0, about, 'has no size')
        image, outline = images[annotation['image_id']], annotation['segmentation']
        kind = 'run_lengths' if isinstance(outline, dict) else 'polygons' if outline else 'boxes_only'
        kinds[kind] += 1
        if kind != 'boxes_only':
            check = check_run_lengths if kind == 'run_lengths' else check_polygons
            pixels[number] = check(about, image, annotation)
    return {'annotations': annotations, 'pixels': pixels, 'kinds': kinds, 'images': len(images)}


def compare(by_runs, by_bridges):
    """Compares objects with holes, written in two ways: the pixels are the same, and the area fits both."""
    require(by_runs['annotations'].keys() == by_bridges['annotations'].keys(), 'the files hold other annotations')
    compared = 0
    for number, annotation in by_runs['annotations'].items():
        if not isinstance(annotation['segmentation'], dict):
            continue
        other = by_bridges['annotations'].get(number, {'segmentation': None})
        ones, bridged = by_runs['pixels'].get(number), by_bridges['pixels'].get(number)
        if ones is None or bridged is None or not isinstance(other['segmentation'], list):
            continue
        compared += 1
        # A pixel belongs to an outline if its centre does, so the pixels may end before the corners of an outline.
        (x, y, w, h), (u, v, s, t) = annotation['bbox'], other['bbox']
        require(all(abs(a - b) <= 1.5 for a, b in ((x, u), (y, v), (x + w, u + s), (y + h, v + t))), number,
                'bbox of pixels', annotation['bbox'], 'and of outlines', other['bbox'])
        length = outline_length(other['segmentation'])
        require(differing(ones, bridged) <= 2 + length * TOLERANCE, number, 'pixels differ:', differing(ones, bridged))
        require(abs(annotation['area'] - other['area']) <= length + 1, number, annotation['area'], 'pixels, but outlines of',
                other['area'])
    return compared


def main():
    by_runs, by_bridges = (check_file(path) for path in sys.argv[1:3])
    compared = compare(by_runs, by_bridges)
    if problems:
        sys.exit('\n'.join([f'{len(problems)} problems, the first are'] + problems[:20]))
    print(json.dumps({'images': by_runs['images'], **by_runs['kinds'], 'compared': compared}))


main()
