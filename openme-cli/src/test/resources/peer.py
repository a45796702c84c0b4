"""Knocks with Python's ssl module in the way of the original client, and tells the answer byte for byte.

usage: peer.py ADDRESS PORT SERVER CA [CERTIFICATE KEY] < COMMAND

Sends the server's name (SNI) without checking it, and the command as it stands, with a line end only if it has one;
then waits, with its own side open. Writes what the first read gave, and what came after it until the server closed.
Exit code 0 if the first read gave exactly OK, which is all that the original client looks at.
"""

import socket
import ssl
import sys

address, port, server, ca, *identity = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname = False
context.load_verify_locations(ca)
if identity:
    context.load_cert_chain(*identity)
with socket.create_connection((address, int(port)), timeout=20) as connection:
    with context.wrap_socket(connection, server_hostname=server) as secure:
        secure.sendall(sys.stdin.buffer.read())
        answer = secure.recv(1024)
        rest = b""
        while more := secure.recv(1024):
            rest += more
print(answer, rest)
sys.exit(0 if answer.decode() == "OK" else 1)
