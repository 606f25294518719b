"""Plugin scripts as a user of the vendor's client writes them, one for each job of jobs.mjs.

usage: scripts.py PACKAGE SCRIPT, where PACKAGE is the vendor's package, or stand_in. HUB_URL, PLUGIN_ID and PLUGIN_SECRET
are in the environment. A script does with its event what the module of the same job does.
"""
import csv
import html
import importlib
import io
import json
import os
import sys
import zipfile
from base64 import b64decode

PACKAGE, SCRIPT = sys.argv[1:]
HOST = os.environ["HUB_URL"]

plugins = importlib.import_module(f"{PACKAGE}.plugins")
annotate = importlib.import_module(f"{PACKAGE}.models.annotate")
SDK = importlib.import_module(f"{PACKAGE}.sdk").SDK


def sdk_of(data):
    return SDK(data["apiKey"], HOST)


def echo(data):
    """What the client itself adds to an event is not a part of it."""
    return {"echo": {name: value for name, value in data.items() if name not in ("logger", "batches")}}


def nothing(data):
    return None if data.get("trick") == "nothing" else "attempt 1"


def witness(data):
    for i in range(data.get("lines", 0)):
        data["logger"].info(f"line {i}")
    if data.get("end") == "fail":
        raise RuntimeError("It cannot be done.")
    return "attempt 1"


def export_lines(data):
    if data.get("trick") == "fail":
        raise RuntimeError("The classes of this project do not fit.")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        lines = (json.dumps(asset, ensure_ascii=False, separators=(",", ":")) + "\n" for asset in data["jsonExport"])
        archive.writestr("assets.ndjson", "".join(lines))
    return plugins.ExportResponse(file, bytes.fromhex(data["fileName"]).decode(), data.get("toStorage"))


def label(data):
    """A brush is rows of pixels, as the vendor's client takes them."""
    if data.get("failFor"):
        raise RuntimeError("It is too dark in this picture.")
    given = data["answer"]
    return annotate.AnnotationPayload(
        answer=annotate.Answer(given["objects"], given["classifications"], given["relations"]),
        brush_data_url=given.get("brushDataUrl"),
        medical_brush_data_url=given.get("medicalBrushDataUrl"),
        brush_data=data.get("brush"),
    )


def label_by_record(data):
    """The address of the asset is not in the event, so Hub is asked for it."""
    found = sdk_of(data).get_assets(data["projectId"], 1, 1, {"_id": data["assetId"]})
    if not found["data"]["assets"][0]["data"]:
        raise RuntimeError("The asset has no address.")
    return label(data)


def label_batches(data):
    sdk = sdk_of(data)
    project = data["projectId"]
    known = sdk.get_batches(project)
    assets = {}
    for wanted in data["batches"]:
        batch = next(one["_id"] for one in known if wanted in (one["_id"], one["name"]))
        page = sdk.get_assets(project, 1, 100, {"batches": [batch]})
        assets.update((asset["_id"], asset) for asset in page["data"]["assets"])
    labels = [{"externalId": asset["externalId"], **data["answer"]} for asset in assets.values()]
    sdk.import_labels(project, labels)
    return f"{len(labels)} of {len(labels)} assets labelled."


def explore(data):
    """Lists invented files, and imports the files that the user chose."""
    sdk = sdk_of(data)
    if data["upload"]:
        bucket, region = data["bucket"], "eu-central-1"
        assets = [{"data": f"https://{bucket}.s3.{region}.amazonaws.com/{key}", "externalId": key} for key in data["files"]]
        sdk.upload_files_cloud(data["projectId"], assets, data["storageId"])
        return f"Imported {len(assets)} files into the project."
    sdk.get_storages()
    files = [f"{data['folder']}file-{number:06}.jpg" for number in range(data["count"])]
    return {"folders": [], "files": files, "scrollToken": None, "success": True}


def markdown(data):
    sdk = sdk_of(data)
    project = data["projectId"]
    rows = list(csv.DictReader(io.StringIO(b64decode(data["inputFile"]).decode())))
    size = json.loads(data["configJSON"])["upload_batch_size"]
    text = html.unescape(data["markdownText"])
    names = sorted({row["batch"] for row in rows})
    before = {batch["name"] for batch in sdk.get_batches(project)}
    sdk.create_batches(project, names)
    ids = {batch["name"]: batch["_id"] for batch in sdk.get_batches(project)}
    for first in range(0, len(rows), size):
        assets = []
        for number, row in list(enumerate(rows))[first : first + size]:
            page = text
            for column, cell in row.items():
                page = page.replace(f"|{column}|", cell)
            assets.append({"data": page, "externalId": f"{number:05}.md", "batches": [ids[row["batch"]]]})
        sdk.upload_files_cloud(project, assets)
        data["logger"].info(f"{first + len(assets)} of {len(rows)} rows")
    new = len(set(names) - before)
    return f"Created {len(rows)} assets from {len(rows)} rows of the CSV; {new} new batch was added to the project."


SCRIPTS = {
    "echo": (plugins.InputPlugin, echo),
    "nothing": (plugins.InputPlugin, nothing),
    "witness": (plugins.InputPlugin, witness),
    "export_lines": (plugins.ExportPlugin, export_lines),
    "label": (plugins.ModelPlugin, label),
    "label_by_record": (plugins.ModelPlugin, label_by_record),
    "label_batches": (plugins.BatchModelPlugin, label_batches),
    "explore": (plugins.FileExplorerPlugin, explore),
    "markdown": (plugins.MarkdownPlugin, markdown),
}

if __name__ == "__main__":
    kind, callback = SCRIPTS[SCRIPT]
    # Only these two classes make REST calls of their own.
    with_host = {"host": HOST} if kind in (plugins.ExportPlugin, plugins.ModelPlugin) else {}
    plugins.run(kind(os.environ["PLUGIN_ID"], os.environ["PLUGIN_SECRET"], callback, **with_host), host=HOST)
