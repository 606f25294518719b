# The service manager's end of the notification socket. Prints each message as a line of JSON.
import json
import os
import socket
import sys

with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
    listener.bind(sys.argv[1])
    print("listening", flush=True)
    while True:
        fields = dict(line.split("=", 1) for line in listener.recv(65536).decode().splitlines())
        print(json.dumps(fields), flush=True)
