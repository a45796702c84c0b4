"""Receives what a service tells its manager, as systemd does: supervisor.py SOCKET writes a line a message."""

import socket
import sys

manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(sys.argv[1])
print("bound", flush=True)
while True:
    message, descriptors, _, _ = socket.recv_fds(manager, 65536, 8)
    # systemd-notify waits for BARRIER=1's descriptor to be closed, as a manager does once it has read what came before.
    for each in descriptors:
        socket.close(each)
    print(message.decode().replace("\n", " | "), flush=True)
