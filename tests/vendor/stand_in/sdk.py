"""The REST calls of the vendor's client that the tests need."""
import http.client
import io
import json
import uuid
import zipfile
from urllib.parse import quote, urlencode, urlsplit

from stand_in import pixels
from stand_in.models.annotate import Answer

# The characters that the vendor's HTTP library leaves as they are in a URL that a caller has put together.
AS_THEY_ARE = "!#$%&'()*+,/:;=?@[]~"


def call(method, url, headers=None, body=None):
    """One request on a connection of its own. Returns the body of the answer."""
    parts = urlsplit(url)
    target = quote(parts.path + (f"?{parts.query}" if parts.query else ""), safe=AS_THEY_ARE)
    connection = http.client.HTTPConnection(parts.hostname, parts.port)
    try:
        connection.request(method, target, body=body, headers=headers or {})
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    if answer.status >= 400:
        side = "Client" if answer.status < 500 else "Server"
        raise RuntimeError(f"{answer.status} {side} Error: {answer.reason} for url: {url}")
    return content


def merged(existing, new):
    """New labels come first. Of the classifications that are there, those with a new answer are dropped."""
    answered = {one["schemaId"] for one in new.classifications}
    return Answer(
        new.objects + existing["tools"],
        new.classifications + [one for one in existing["classifications"] if one["schemaId"] not in answered],
        new.relations + existing["relations"],
    )


class SDK:
    def __init__(self, api_key, host):
        self.host = host
        self.key = {"apikey": api_key}

    def request(self, method, path, body=None):
        headers = {**self.key, "Content-Type": "application/json"}
        return json.loads(call(method, self.host + path, headers, None if body is None else json.dumps(body).encode()))

    def export(self, project, stage, batches, key_frames_only):
        """Returns the assets of an export, one after the other, and their number."""
        query = {
            "sendEmail": "false",
            "includeMetadata": "true",
            "includeHistory": "true",
            "doNotNotify": "true",
            "format": "ndjson",
            "type": "task",
            "includeOnlyKeyFrames": str(key_frames_only).lower(),
            "includeIdleBlurDurations": "false",
            "taskTypes": '["default"]',
            "project": project,
        }
        stage = ["Complete"] if stage is None else stage
        if stage:
            query["stage"] = json.dumps(stage)
        if batches:
            query["batches"] = json.dumps(batches)
        answer = json.loads(call("GET", f"{self.host}/v2/export?{urlencode(query)}", self.key))
        with zipfile.ZipFile(io.BytesIO(call("GET", answer["data"]["exportPath"]))) as archive:
            lines = [line for line in archive.read(archive.namelist()[0]).splitlines() if line.strip()]
        return (json.loads(line) for line in lines), len(lines)

    def get_assets(self, project, page=1, limit=10, filters=None):
        return self.request("GET", f"/v2/project/{project}/assets?page={page}&limit={limit}&filters={json.dumps(filters or {})}")

    def get_batches(self, project):
        return self.request("GET", f"/v2/project/{project}")["data"]["project"]["batches"]

    def create_batches(self, project, names):
        existing = self.get_batches(project)
        known = {batch["name"] for batch in existing}
        new = [{"name": name} for name in names if name not in known]
        return self.request("POST", f"/v2/batches/{project}", {"batches": existing + new}) if new else []

    def get_task(self, task):
        return self.request("GET", f"/v2/task/{task}?includeAnswer=False")

    def get_storages(self):
        return self.request("GET", "/v2/storages")

    def import_labels(self, project, labels):
        return self.request("POST", "/v2/import/labels", {"project": project, "jsonContent": labels})

    def upload_files_cloud(self, project, assets, storage_id=None, batches=None, priority=0):
        if storage_id:
            self.get_storages()
        for asset in assets:
            if storage_id:
                asset["storage"] = storage_id
            if "batches" in asset:
                asset["batches"] = self._ids(project, asset["batches"])
        query = f"?batches={json.dumps(self._ids(project, batches))}" if batches else ""
        body = {"assets": assets, "uploadLocal": None, "priority": priority}
        return self.request("POST", f"/v2/project/{project}/cloud{query}", body)

    def _ids(self, project, wanted):
        known = self.get_batches(project)
        return [batch["_id"] for one in wanted for batch in known if one in (batch["_id"], batch["name"])]

    def address(self, step, name, project, kind, storage_id=None):
        """`step` is UploadUrl or SignedUrl. The name is not percent-encoded, also if it is a URL with a query."""
        storage = f"&storageId={storage_id}" if storage_id else ""
        path = f"/v2/get{step}?name={name}&project={project}&type={kind}{storage}"
        answer = json.loads(call("GET", self.host + path, self.key))
        return answer["data"]["uploadUrl" if step == "UploadUrl" else "signedUrl"]

    def annotate(self, project, task, payload, overwrite):
        if payload.brush_data is not None and payload.brush_data_url is None:
            payload.brush_data_url = self._stored_brush(project, task, payload.brush_data, overwrite)
        answer = payload.answer
        if not overwrite:
            answer = merged(self.get_task(task)["data"]["task"]["answer"], answer)
        body = {
            "answer": answer.toDict(),
            "brushDataUrl": payload.brush_data_url,
            "medicalBrushDataUrl": payload.medical_brush_data_url,
            "duration": 0,
        }
        self.request("POST", f"/v2/annotate/{task}?nextStage=true&isPlugin=true", body)

    def _stored_brush(self, project, task, rows, overwrite):
        if not overwrite:
            existing = self.get_task(task)["data"]["task"].get("brushDataUrl")
            if existing:
                rows = pixels.laid_over(rows, pixels.decode(call("GET", self.address("SignedUrl", existing, project, "brushes"))))
        url = self.address("UploadUrl", f"{uuid.uuid4().hex}.png", project, "brushes")
        call("PUT", url, body=pixels.encode(rows))
        return url.split("?")[0]
