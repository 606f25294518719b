"""A plugin as plugins are written today: one Python process for one plugin, on python-socketio and requests, with
every export in memory as a whole. What angod is measured against; no part of angod.

    plugin.py export|echo      with HUB_URL, API_URL, PLUGIN_ID and PLUGIN_SECRET in the environment
"""
import io
import json
import os
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
    run = {"export": export, "echo": echo}[sys.argv[1]]
    client = socketio.Client(reconnection=False)
    client.register_namespace(Plugin(os.environ["PLUGIN_ID"], os.environ["PLUGIN_SECRET"], run))
    client.connect(os.environ["HUB_URL"], transports=["websocket"], namespaces=[NAMESPACE])
    client.wait()


if __name__ == "__main__":
    main()
