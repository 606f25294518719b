"""A plugin as plugins are written today: one Python process for one plugin, on python-socketio and requests, with
every export in memory as a whole. What angod is measured against; no part of angod.

    plugin.py export|echo|model      with HUB_URL, API_URL, PLUGIN_ID and PLUGIN_SECRET in the environment
"""
import io
import json
import os
import queue
import sys
import threading
import time
import zipfile

import requests
import socketio

import coco

NAMESPACE = "/plugin"
HEARTBEAT_S = 60


class Plugin(socketio.ClientNamespace):
    """The connection: heartbeats, events, answers and log lines."""

    def __init__(self, plugin_id, secret, run):
        super().__init__(NAMESPACE)
        self.plugin_id = plugin_id
        self.secret = secret
        self.run = run

    def on_connect(self):
        threading.Thread(target=self.heartbeats, daemon=True).start()

    def heartbeats(self):
        while True:
            self.emit("heartbeat", {"id": self.plugin_id, "secret": self.secret})
            time.sleep(HEARTBEAT_S)

    def on_plugin(self, event):
        def log(level, text):
            self.emit("log", {"level": level, "organization": event["orgId"], "pluginId": self.plugin_id,
                              "runBy": event["runBy"], "session": event["session"], "msg": text})

        try:
            answer = self.run(event, log)
        except Exception as error:
            log("ERROR", f"The plugin failed: {error!r}")
            answer = {"error": True}
        self.emit("response", {**answer, "session": event["session"]})


def echo(event, _log):
    return {"response": {"echo": event}}


def export(event, log):
    """Fetch, unzip, parse, convert, zip, upload: each step with the result of the one before in memory."""
    hub = Hub(event)
    assets = hub.export()
    log("INFO", f"The export has {len(assets)} assets.")
    annotations, report = coco.convert(assets, log)
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("annotations.json", json.dumps(annotations, separators=(",", ":")))
        archive.writestr("conversion_report.json", json.dumps(report, separators=(",", ":")))
    return {"export": True, "response": hub.upload(f"{event['projectId']}-coco.zip", result.getvalue())}


class ModelPlugin(Plugin):
    """Tasks of a workflow are worked off one after the other on the main thread; nothing is sent over the connection."""

    def __init__(self, plugin_id, secret, run):
        super().__init__(plugin_id, secret, run)
        self.tasks = queue.Queue()

    def on_plugin(self, event):
        self.tasks.put(event)

    def work(self):
        while True:
            self.run(self.tasks.get())


def label(event):
    """Find the asset, look at it for a while, draw a box, and pass the task on."""
    hub = Hub(event)
    hub.ask(f"project/{event['projectId']}/assets", page=1, limit=1, filters=json.dumps({"_id": event["assetId"]}))
    time.sleep(event["workMs"] / 1000)
    box = {"schemaId": "s-truck", "title": "", "bounding-box": {"x": 1, "y": 2, "width": 3, "height": 4}}
    hub.send(f"annotate/{event['taskId']}", {"nextStage": "true", "isPlugin": "true"},
             {"answer": {"objects": [box], "classifications": [], "relations": []}, "duration": 0})


class Hub:
    """The REST calls, on behalf of the user who runs the plugin."""

    def __init__(self, event):
        self.event = event
        self.project = event["projectId"]

    def ask(self, path, **query):
        response = requests.get(f"{os.environ['API_URL']}/v2/{path}", params={"project": self.project, **query},
                                headers={"apikey": self.event["apiKey"]})
        response.raise_for_status()
        return response.json()["data"]

    def send(self, path, query, body):
        requests.post(f"{os.environ['API_URL']}/v2/{path}", params=query, json=body,
                      headers={"apikey": self.event["apiKey"]}).raise_for_status()

    def export(self):
        """All assets of the project."""
        where = self.ask("export", format="ndjson", type="task", sendEmail="false", doNotNotify="true",
                         includeMetadata="true", includeHistory="true", includeOnlyKeyFrames="false",
                         includeIdleBlurDurations="false", taskTypes='["default"]',
                         stage=json.dumps(self.event.get("stage") or ["Complete"]))
        response = requests.get(where["exportPath"])
        response.raise_for_status()
        with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
            lines = archive.read(archive.namelist()[0]).splitlines()
        return [json.loads(line) for line in lines]

    def upload(self, name, content):
        """Stores a file; returns the URL for the user."""
        upload_url = self.ask("getUploadUrl", name=name, type="exports")["uploadUrl"]
        requests.put(upload_url, data=content).raise_for_status()
        return self.ask("getSignedUrl", name=upload_url, type="exports")["signedUrl"]


def main():
    kind, run = {"export": (Plugin, export), "echo": (Plugin, echo), "model": (ModelPlugin, label)}[sys.argv[1]]
    plugin = kind(os.environ["PLUGIN_ID"], os.environ["PLUGIN_SECRET"], run)
    client = socketio.Client(reconnection=False)
    client.register_namespace(plugin)
    client.connect(os.environ["HUB_URL"], transports=["websocket"], namespaces=[NAMESPACE])
    if kind is ModelPlugin:
        plugin.work()
    client.wait()


if __name__ == "__main__":
    main()
