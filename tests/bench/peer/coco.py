"""Ango Hub export to COCO, as a converter script does it: lists and dicts, and all results at the end.

The same rules and the same counts as the module export-coco with holes = bridge, so that both do the same work.
"""
import os.path
import re
from collections import Counter, defaultdict

from geometry import area_of, bridge, clean, clip, extents, is_degenerate

PROGRESS_EVERY = 1000

IMAGES = {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".heic", ".avif", ".svg"}
VIDEOS = {".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg"}
OTHERS = {".txt", ".md", ".html", ".json", ".csv", ".xml", ".pdf", ".docx", ".mp3", ".wav", ".flac", ".dcm", ".nii",
          ".nrrd", ".gz", ".zip", ".pcd"}
SUPPORTED = ("bounding-box", "rotated-bounding-box", "polygon", "segmentation")
UNSUPPORTED = ("polyline", "point", "spline", "ner", "pdf", "angle")
NO_SHAPES = {"objectId", "schemaId", "title", "classifications", "page", "interpolationStopped", "metadata", "masks",
             "ocr", "lock"}
FORBIDDEN = re.compile('[\x00-\x1f\x7f<>:"|?*]')
HALF_PAIR = re.compile("[\ud800-\udfff]")
DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com[1-9]|lpt[1-9]) *(\.|$)")
DRIVE = re.compile("[A-Za-z]:")


class Dropped(Exception):
    """A tool has no place in the result; says why."""


class Conversion:
    """One run."""

    def __init__(self):
        self.images = []
        self.annotations = []
        self.schema_ids = defaultdict(list)
        self.names = []
        self.taken = set()
        self.assets = Counter()
        self.skipped = Counter()
        self.tools = defaultdict(lambda: {"in": 0, "emitted": 0, "merged": 0, "ended": 0, "dropped": Counter()})
        self.notes = Counter()

    def asset(self, record):
        self.assets["in"] += 1
        task = record["task"]
        tools = task.get("tools") or []
        if kind_of(record) != "image":
            self.skipped["not_an_image"] += 1
            for tool in tools:
                self.drop(tool, "not_an_image")
            return
        self.assets["converted"] += 1
        self.notes["relations_dropped"] += len(task.get("relations") or [])
        size = size_of(record.get("metadata"))
        pages = record.get("dataset")
        if pages is None:
            self.image(record, None, record["asset"], size, tools)
            return
        for page, url in enumerate(pages):
            on_page = [tool for tool in tools if (tool.get("page") or 0) == page]
            self.image(record, page, url, size if page == 0 else None, on_page)

    def image(self, record, page, url, size, tools):
        task = record["task"]
        name = self.unique_name(record["externalId"] or task["taskId"], task["taskId"], page)
        image = {"id": len(self.images) + 1}
        if size:
            image["width"], image["height"] = size
        image.update(file_name=name, ango_external_id=record["externalId"], ango_asset_url=url.split("?")[0],
                     ango_task_id=task["taskId"])
        add_attributes(image, task.get("classifications"))
        self.images.append(image)
        self.names.append({"out": name, "externalId": record["externalId"], "taskId": task["taskId"],
                           "page": page or 0})
        for tool in tools:
            self.tool(tool, image["id"], size)

    def tool(self, tool, image_id, size):
        kind = kind_of_tool(tool)
        counts = self.tools[kind]
        if tool.get("interpolationStopped"):
            counts["in"] += 1
            counts["ended"] += 1
            return
        try:
            outline = self.outline(kind, tool, size)
        except Dropped as why:
            self.drop(tool, str(why))
            return
        counts["in"] += 1
        counts["emitted"] += 1
        # Its category has no id before all are known: the name stands in for it until then.
        annotation = {"id": len(self.annotations) + 1, "image_id": image_id, "category_id": self.class_of(tool),
                      **outline, "iscrowd": 0, "ango_object_id": tool["objectId"]}
        add_attributes(annotation, tool.get("classifications"))
        self.annotations.append(annotation)

    def outline(self, kind, tool, size):
        if kind == "bounding-box":
            return self.box_outline(tool[kind], size)
        if kind == "rotated-bounding-box":
            value = tool[kind]
            self.notes["boxed"] += 1
            return self.ring_outline([(value["corners"], [])], size)
        if kind == "polygon":
            return self.ring_outline([(tool[kind], [])], size)
        if kind == "segmentation":
            zones = (tool.get(kind) or {}).get("zones")
            if not zones:
                raise Dropped("segmentation_without_points")
            return self.ring_outline([(zone["region"], holes_of(zone)) for zone in zones], size)
        raise Dropped("unsupported_tool" if kind in UNSUPPORTED or tool.get("medical-brush") else "unknown_shape")

    def box_outline(self, box, size):
        x0, x1 = sorted((box["x"], box["x"] + box["width"]))
        y0, y1 = sorted((box["y"], box["y"] + box["height"]))
        if size and (x0 < 0 or y0 < 0 or x1 > size[0] or y1 > size[1]):
            x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, size[0]), min(y1, size[1])
            if x0 >= x1 or y0 >= y1:
                raise Dropped("outside_image")
            self.notes["clipped"] += 1
        x0, y0, x1, y1 = (round(value, 2) for value in (x0, y0, x1, y1))
        if x0 >= x1 or y0 >= y1:
            raise Dropped("degenerate")
        area = (x1 - x0) * (y1 - y0)
        return {"segmentation": [[x0, y0, x1, y0, x1, y1, x0, y1]], **area_and_box(area, (x0, y0, x1, y1))}

    def ring_outline(self, zones, size):
        """The part of the rings within the image, rounded before it is measured."""
        box = extents([region for region, _ in zones])
        if size and (box[0] < 0 or box[1] < 0 or box[2] > size[0] or box[3] > size[1]):
            zones = [(clip(region, *size), [clip(hole, *size) for hole in holes]) for region, holes in zones]
            zones = [(region, holes) for region, holes in zones if region]
            if not zones:
                raise Dropped("outside_image")
            self.notes["clipped"] += 1
        cleaned = []
        for region, holes in zones:
            region = clean(region)
            if is_degenerate(region):
                self.notes["zone_degenerate"] += 1
                continue
            good = [ring for ring in map(clean, holes) if not is_degenerate(ring)]
            self.notes["hole_degenerate"] += len(holes) - len(good)
            cleaned.append((region, good))
        if not cleaned:
            raise Dropped("degenerate")
        area = sum(area_of(region) - sum(map(area_of, holes)) for region, holes in cleaned)
        polygons = []
        for region, holes in cleaned:
            self.notes["hole_bridged"] += bool(holes)
            polygons.append([value for point in bridge(region, holes) for value in point])
        return {"segmentation": polygons, **area_and_box(area, extents([region for region, _ in cleaned]))}

    def class_of(self, tool):
        name = tool.get("title") or tool["schemaId"]
        if tool["schemaId"] not in self.schema_ids[name]:
            self.schema_ids[name].append(tool["schemaId"])
        return name

    def drop(self, tool, why):
        counts = self.tools[kind_of_tool(tool)]
        counts["in"] += 1
        counts["dropped"][why] += 1

    def unique_name(self, original, task_id, page):
        stem, extension = os.path.splitext(clean_name(original) or clean_name(task_id) or "asset")
        if len(stem) > 160:
            stem = stem[:160]
        suffix = "" if page is None else f"_p{page:06}"
        name = stem + suffix + extension
        if name.casefold() in self.taken:
            self.notes["name_changed"] += 1
            name = f"{stem}__{clean_name(task_id)}{suffix}{extension}"
        number = 2
        while name.casefold() in self.taken:
            name = f"{stem}__{clean_name(task_id)}_{number}{suffix}{extension}"
            number += 1
        self.taken.add(name.casefold())
        return name

    def finish(self):
        ids = {name: number for number, name in enumerate(sorted(self.schema_ids), 1)}
        for annotation in self.annotations:
            annotation["category_id"] = ids[annotation["category_id"]]
        categories = [{"id": number, "name": name, "supercategory": ""} for name, number in ids.items()]
        result = {"info": {"description": "Ango Hub export"}, "licenses": [], "images": self.images,
                  "annotations": self.annotations, "categories": categories}
        report = {"schema": 1, "target": "coco", "assets": {**self.assets, "skipped": self.skipped},
                  "tools": self.tools, "notes": self.notes,
                  "classes": [{"id": number, "name": name, "schemaIds": self.schema_ids[name]}
                              for name, number in ids.items()],
                  "names": self.names}
        return result, report


def convert(assets, log):
    """The COCO file and the report of a list of asset records."""
    conversion = Conversion()
    for done, record in enumerate(assets, 1):
        conversion.asset(record)
        if done % PROGRESS_EVERY == 0:
            log("INFO", f"Converted {done} of {len(assets)} assets.")
    return conversion.finish()


def kind_of(record):
    if record.get("dataset"):
        return "image"
    if positive((record.get("metadata") or {}).get("frameTotal")):
        return "video"
    for name in (record["externalId"], record["asset"]):
        extension = os.path.splitext(name.split("?")[0])[1].lower()
        if extension in IMAGES:
            return "image"
        if extension in VIDEOS:
            return "video"
        if extension in OTHERS:
            return "other"
    return "image"


def kind_of_tool(tool):
    for kind in SUPPORTED + UNSUPPORTED:
        if kind in tool:
            return kind
    if tool.get("medical-brush"):
        return "medical-brush"
    return next((key for key in tool if key not in NO_SHAPES), "segmentation")


def holes_of(zone):
    holes = zone.get("holes") or []
    # One page of the documentation shows the holes as a single flat ring.
    return [holes] if holes and not isinstance(holes[0][0], list) else holes


def positive(value):
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if 0 < number < float("inf") else None


def size_of(metadata):
    width, height = (positive((metadata or {}).get(side)) for side in ("width", "height"))
    return (round(width), round(height)) if width and height else None


def add_attributes(target, classifications):
    """Answers by title, nested ones too."""
    attributes = {}

    def collect(entries):
        for entry in entries or ():
            answer = entry.get("answer")
            if isinstance(answer, list):
                answer = [value for value in answer if value is not None]
            if answer not in (None, ""):
                attributes.setdefault(entry.get("title") or entry["schemaId"], answer)
            collect(entry.get("classifications"))

    collect(classifications)
    if attributes:
        target["attributes"] = attributes


def clean_name(original):
    parts = []
    for part in HALF_PAIR.sub("_", original).replace("\\", "/").split("/"):
        if part in ("", ".", ".."):
            continue
        if not parts and DRIVE.match(part):
            part = part[2:]
        part = FORBIDDEN.sub("_", part).rstrip(". ")
        if DEVICE.match(part):
            part = "_" + part
        if part:
            parts.append(part)
    return "_".join(parts)


def area_and_box(area, box):
    x0, y0, x1, y1 = box
    return {"area": round(area, 2), "bbox": [round(value, 2) for value in (x0, y0, x1 - x0, y1 - y0)]}
