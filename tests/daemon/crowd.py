"""A control socket that answers every request with so many sessions: crowd.py PATH COUNT. Each carries more each time,
the one in the middle most."""
import json
import socket
import sys

path, count = sys.argv[1], int(sys.argv[2])
listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
listener.bind(path)
listener.listen(8)
asked = 0
while True:
    client, _ = listener.accept()
    try:
        client.makefile().readline()
    except OSError:
        continue
    asked += 1
    rows = [[f"7-{i}", f"user{i:05}", f"10.99.{i >> 8}.{i & 255}", "192.0.2.1", "windows", "up", 60 + asked,
             asked * i * 100, asked * (10_000_000 if i == count // 2 else i * 10)] for i in range(1, count + 1)]
    try:
        client.sendall(json.dumps({"ok": True, "data": rows}).encode() + b"\n")
    except OSError:
        pass
    client.close()
