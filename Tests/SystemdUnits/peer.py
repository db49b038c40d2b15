"""Asks the socket for a token as systemd does, and prints how many bytes came: peer.py SOCKET NAME."""

import socket
import sys

peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
peer.settimeout(30)
peer.bind("\0" + sys.argv[2])
try:
    peer.connect(sys.argv[1])
except OSError as error:
    print(type(error).__name__)
    sys.exit()
count = 0
while chunk := peer.recv(65536):
    count += len(chunk)
print(count)
