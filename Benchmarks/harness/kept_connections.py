"""Browsers without a web server: a closed loop of requests over kept connections, as nginx sends them."""

import select
import socket
import struct
from pathlib import Path

_VARIABLES = {
    "GATEWAY_INTERFACE": "CGI/1.1",
    "SERVER_SOFTWARE": "nginx/1.22.1",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "SERVER_NAME": "token-page",
    "SERVER_ADDR": "127.0.0.1",
    "SERVER_PORT": "43210",
    "REQUEST_METHOD": "GET",
    "REQUEST_SCHEME": "http",
    "REQUEST_URI": "/",
    "SCRIPT_NAME": "",
    "PATH_INFO": "/",
    "QUERY_STRING": "",
    "REMOTE_ADDR": "127.0.0.1",
    "REMOTE_PORT": "51234",
    "HTTP_HOST": "token-page",
}
_PATIENCE = 120


class KeptConnections:
    """So many connections to a FastCGI socket."""

    def __init__(self, path: Path, count: int, variables: dict[str, str] | None = None):
        """The variables are those that differ from a GET of the first page."""
        self.number = 0
        self.variables = _VARIABLES | (variables or {})
        self.buffers = {}
        for _ in range(count):
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(_PATIENCE)
            connection.connect(str(path))
            self.buffers[connection.fileno()] = (connection, bytearray())

    def ask(self, pages: int, text: bytes):
        """Asks for so many pages, each connection again as soon as it has its answer; each answer has to hold the text."""
        poller = select.epoll()
        for descriptor in self.buffers:
            poller.register(descriptor, select.EPOLLIN)
        sent = answered = 0
        for connection, _ in list(self.buffers.values())[:pages]:
            self._send(connection)
            sent += 1
        while answered < pages:
            events = poller.poll(_PATIENCE)
            if not events:
                raise TimeoutError(f"no answer in {_PATIENCE} s, after {answered} of {pages}")
            for descriptor, _ in events:
                connection, buffer = self.buffers[descriptor]
                part = connection.recv(65536)
                if not part:
                    raise ConnectionError(f"a connection ended after {answered} of {pages} answers")
                buffer += part
                if not _is_whole(buffer):
                    continue
                if text not in buffer:
                    raise ValueError(f"this is no page: {bytes(buffer[:300])!r}")
                buffer.clear()
                answered += 1
                if sent < pages:
                    self._send(connection)
                    sent += 1
        poller.close()

    def _send(self, connection):
        self.number += 1
        variables = self.variables | {"REQUEST_ID": f"{self.number:032x}"}
        pairs = b"".join(
            _length(name) + _length(value) + name.encode() + value.encode() for name, value in variables.items()
        )
        # BEGIN_REQUEST of a responder whose connection is kept, PARAMS and STDIN with their ends.
        begin = bytes((0, 1, 1, 0, 0, 0, 0, 0))
        connection.sendall(_record(1, begin) + _record(4, pairs) + _record(4, b"") + _record(5, b""))

    def close(self):
        for connection, _ in self.buffers.values():
            connection.close()


def is_listening(path: Path) -> bool:
    """Whether somebody takes connections; the file of a socket is there a moment earlier."""
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(str(path)) == 0


def _length(text: str) -> bytes:
    return bytes((len(text),)) if len(text) < 0x80 else struct.pack(">I", len(text) | 0x8000_0000)


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def _is_whole(buffer: bytearray) -> bool:
    """Whether END_REQUEST is there."""
    offset = 0
    while len(buffer) - offset >= 8:
        _, kind, _, length, padding, _ = struct.unpack_from(">BBHHBB", buffer, offset)
        if len(buffer) - offset < 8 + length + padding:
            return False
        if kind == 3:
            return True
        offset += 8 + length + padding
    return False
