"""A reverse proxy on a loopback address that keeps what passes through it, field by field."""

import base64
import http.client
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

# What belongs to the connection, or names the program and its HTTP library, and says nothing about the question.
TRANSPORT_HEADERS = {"host", "connection", "accept-encoding", "user-agent", "content-length"}


class Request:
    """One request: its fields are what two clients are compared by."""

    def __init__(self, method: str, target: str, headers, body: bytes):
        parts = urlsplit(target)
        self.path = parts.path
        self.fields = {"method": method, "path": parts.path}
        self.fields |= {f"query {name}": value for name, value in parse_qsl(parts.query, keep_blank_values=True)}
        self.fields |= {
            f"header {name.lower()}": value for name, value in headers.items() if name.lower() not in TRANSPORT_HEADERS
        }
        for name, value in parse_qsl(body.decode(), keep_blank_values=True):
            self.fields |= (name == "client_assertion" and _assertion(value)) or {f"form {name}": value}


def _assertion(text: str) -> dict[str, str] | None:
    """The header and the claims of a JWT, each a field of its own; nothing for what is none."""
    try:
        header, claims = (json.loads(base64.urlsafe_b64decode(part + "===")) for part in text.split(".")[:2])
    except ValueError:
        return None
    fields = {f"assertion header {name}": str(value) for name, value in header.items()}
    return fields | {f"assertion claim {name}": str(value) for name, value in claims.items()}


class Recorder:
    """Listens on a port of its own, with TLS when it is given a certificate, and hands on to another port."""

    def __init__(self, certificate=None):
        self.requests: list[Request] = []
        self.target = 0
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                recorder.requests.append(Request(self.command, self.path, self.headers, body))
                upstream = http.client.HTTPConnection("127.0.0.1", recorder.target, timeout=30)
                upstream.request(self.command, self.path, body=body or None, headers=dict(self.headers.items()))
                response = upstream.getresponse()
                content = response.read()
                self.send_response(response.status)
                for name, value in response.getheaders():
                    if name.lower() not in {"connection", "transfer-encoding", "content-length", "date", "server"}:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                upstream.close()

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self) -> list[Request]:
        """What came since the last time."""
        taken, self.requests = self.requests, []
        return taken

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
