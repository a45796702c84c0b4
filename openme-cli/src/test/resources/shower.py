"""Sends small UDP packets, about a thousand a second, until it is killed. usage: shower.py ADDRESS PORT"""

import socket
import sys
import time

address, port = sys.argv[1:]
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
    while True:
        out.sendto(b"?", (address, int(port)))
        time.sleep(0.001)
