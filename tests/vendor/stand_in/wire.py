"""Socket.IO 5 over a WebSocket: just enough for one plugin on one server, without reconnection."""
import base64
import json
import os
import socket
import struct
import threading
from urllib.parse import urlsplit

NAMESPACE = "/plugin"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
# A message of a test is small. A longer one is a fault of the test.
LONGEST_MESSAGE = 16 << 20


class Connection:
    """Connects, then calls `on_connect()` once and `on_event(name, value)` on a thread of its own for each event."""

    def __init__(self, url, on_connect, on_event):
        parts = urlsplit(url)
        self.on_connect = on_connect
        self.on_event = on_event
        self.lock = threading.Lock()
        self.socket = socket.create_connection((parts.hostname, parts.port))
        self.stream = self.socket.makefile("rb")
        self._open(parts)

    def _open(self, parts):
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            (
                f"GET /socket.io/?transport=websocket&EIO=4&t=0 HTTP/1.1\r\nHost: {parts.netloc}\r\n"
                f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                f"Sec-WebSocket-Version: 13\r\nOrigin: http://{parts.netloc}\r\n\r\n"
            ).encode()
        )
        status = self.stream.readline()
        if b" 101 " not in status:
            raise ConnectionError(f"the server does not open a WebSocket: {status!r}")
        while self.stream.readline().strip():
            pass

    def run(self):
        """Works off what the server sends, until the connection ends."""
        while True:
            packet = self._receive()
            if packet is None:
                return
            if packet.startswith("0"):
                self.send(f"40{NAMESPACE},{{}}")
            elif packet == "2":
                self.send("3")
            elif packet.startswith(f"40{NAMESPACE},"):
                self.on_connect()
            elif packet.startswith("42"):
                threading.Thread(target=self._work, args=(packet[len(f"42{NAMESPACE},") :],), daemon=True).start()
            else:
                raise ConnectionError(f"the server sent {packet[:80]!r}")

    def _work(self, event):
        """Hands an event over. The acknowledgement, if the server wants one, follows its handler."""
        number = event[: event.index("[")]
        name, *values = json.loads(event[len(number) :])
        self.on_event(name, *values)
        if number:
            self.send(f"43{NAMESPACE},{number}[]")

    def emit(self, name, value):
        self.send(f"42{NAMESPACE}," + json.dumps([name, value], separators=(",", ":")))

    def send(self, text):
        self._send_frame(TEXT, text.encode())

    def _send_frame(self, kind, payload):
        mask = os.urandom(4)
        size = len(payload)
        if size < 126:
            head = struct.pack("!BB", 0x80 | kind, 0x80 | size)
        elif size < 1 << 16:
            head = struct.pack("!BBH", 0x80 | kind, 0x80 | 126, size)
        else:
            head = struct.pack("!BBQ", 0x80 | kind, 0x80 | 127, size)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        with self.lock:
            self.socket.sendall(head + mask + masked)

    def _receive(self):
        """The next message, or None at the end of the connection."""
        message = b""
        while True:
            head = self.stream.read(2)
            if len(head) < 2:
                return None
            kind, size = head[0] & 15, head[1] & 127
            if size == 126:
                (size,) = struct.unpack("!H", self.stream.read(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", self.stream.read(8))
            if len(message) + size > LONGEST_MESSAGE:
                raise ConnectionError(f"the server sent a message of more than {LONGEST_MESSAGE} bytes")
            payload = self.stream.read(size)
            if kind == CLOSE:
                return None
            if kind == PING:
                self._send_frame(PONG, payload)
            elif kind != PONG:
                message += payload
                if head[0] & 0x80:
                    return message.decode()
