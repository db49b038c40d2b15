"""One line for each request, in access.log: method, path, grant type where there is one, status. Nothing secret."""

import io
import threading
from pathlib import Path
from urllib.parse import parse_qs


class AccessLog:
    def __init__(self, app, path: Path):
        self.app = app
        self.lock = threading.Lock()
        self.file = open(path, "a", buffering=1)

    def __call__(self, environ, start_response):
        grant = self._grant(environ)
        status = ["500"]

        def start(line, headers, exc_info=None):
            status[0] = line.split()[0]
            return start_response(line, headers, exc_info)

        try:
            # All of it, so that the line is there before the client has its answer.
            answer = self.app(environ, start)
            try:
                body = list(answer)
            finally:
                getattr(answer, "close", lambda: None)()
        finally:
            words = [environ["REQUEST_METHOD"], environ["PATH_INFO"], grant, status[0]]
            with self.lock:
                print(*words, file=self.file)
        return body

    @staticmethod
    def _grant(environ) -> str:
        if environ["REQUEST_METHOD"] != "POST" or "form-urlencoded" not in environ.get("CONTENT_TYPE", ""):
            return "-"
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        return parse_qs(body.decode("utf-8", "replace")).get("grant_type", ["-"])[0]
