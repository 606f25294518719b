"""The plugin classes of the vendor's client: connection, heartbeat, and the work around each kind's callback."""
import json
import queue
import sys
import threading

from stand_in.sdk import SDK, call, merged
from stand_in.wire import Connection

HEARTBEAT_SECONDS = 60
DEFAULT_HOST = "https://imeritapi.ango.ai"


class Logger:
    """Each call is one `log` event. Further keyword arguments become members of it."""

    def __init__(self, plugin, data):
        self.plugin = plugin
        self.data = data

    def _log(self, level, msg, *args, **more):
        fields = {
            **more,
            "level": level,
            "organization": self.data.get("orgId", ""),
            "pluginId": self.plugin.id,
            "runBy": self.data.get("runBy", ""),
            "session": self.data.get("session", ""),
            "msg": msg + " ".join(args),
        }
        self.plugin.emit("log", fields)

    def debug(self, *args, **more):
        self._log("DEBUG", *args, **more)

    def info(self, *args, **more):
        self._log("INFO", *args, **more)

    def warning(self, *args, **more):
        self._log("WARNING", *args, **more)

    def error(self, *args, **more):
        self._log("ERROR", *args, **more)


class BasePlugin:
    def __init__(self, id, secret, callback, host=DEFAULT_HOST):
        self.id = id
        self.secret = secret
        self.callback = callback
        self.host = host
        self.connection = None

    def emit(self, name, value):
        self.connection.emit(name, value)

    def heartbeat(self):
        self.emit("heartbeat", {"id": self.id, "secret": self.secret})

    def on_connect(self):
        self.heartbeat()
        timer = threading.Timer(HEARTBEAT_SECONDS, self.on_connect)
        timer.daemon = True
        timer.start()

    def on_event(self, name, data):
        if name == "plugin":
            self.on_plugin(data)

    def called(self, data):
        """The result of the callback. After an exception Hub gets the error answer, and the result is None."""
        data["logger"] = Logger(self, data)
        try:
            return self.callback(data)
        except Exception as failure:
            print(failure, file=sys.stderr)
            self.emit("response", {"error": True, "session": data.get("session", "")})
            return None

    def respond(self, data, value):
        self.emit("response", {"response": value, "session": data.get("session", "")})

    def on_plugin(self, data):
        data.setdefault("batches", [])
        value = self.called(data)
        if value is not None:
            self.respond(data, value)


class FileExplorerPlugin(BasePlugin):
    pass


class BatchModelPlugin(BasePlugin):
    pass


class InputPlugin(BasePlugin):
    pass


class MarkdownPlugin(BasePlugin):
    pass


class ExportResponse:
    def __init__(self, file, file_name="export.json", storage_id=None):
        self.file = file
        self.file_name = file_name
        self.storage_id = storage_id


class ExportPlugin(BasePlugin):
    def on_plugin(self, data):
        project = data.get("projectId")
        sdk = SDK(data.get("apiKey"), self.host)
        config = json.loads(data.get("configJSON", "{}"))
        try:
            data["jsonExport"], data["numTasks"] = sdk.export(
                project, data.get("stage"), data.get("batches"), config.get("include_key_frames_only", False)
            )
        except Exception as failure:
            Logger(self, data).error(f"Error calling sdk.export: {failure}")
            return
        result = self.called(data)
        if result is None:
            return
        upload_url = sdk.address("UploadUrl", result.file_name, project, "exports", result.storage_id)
        signed_url = sdk.address("SignedUrl", upload_url, project, "exports", result.storage_id)
        call("PUT", upload_url, body=result.file.getvalue())
        self.emit("response", {"export": True, "response": signed_url, "session": data.get("session", "")})


class ModelPlugin(BasePlugin):
    """Interactive runs are worked off at once, runs of a workflow one after the other."""

    def __init__(self, id, secret, callback, host=DEFAULT_HOST):
        super().__init__(id, secret, callback, host)
        self.waiting = queue.Queue()
        threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        while True:
            data = self.waiting.get()
            payload = self.called(data)
            if payload is None:  # the vendor's client fails here, and the thread of its queue ends
                return
            SDK(data.get("apiKey"), self.host).annotate(
                data.get("projectId"), data.get("taskId"), payload, data.get("overwrite", True)
            )

    def on_plugin(self, data):
        data.setdefault("batches", [])
        if data.get("workflow"):
            self.waiting.put(data)
            return
        payload = self.called(data)
        if payload is None:
            return
        answer = payload.answer
        if not data.get("overwrite", True):
            task = SDK(data.get("apiKey"), self.host).get_task(data.get("taskId"))
            answer = merged(task["data"]["task"]["answer"], answer)
        self.respond(data, answer.toDict())


def run(plugin, host):
    """Connects and works until the connection ends."""
    plugin.connection = Connection(host, plugin.on_connect, plugin.on_event)
    plugin.connection.run()
