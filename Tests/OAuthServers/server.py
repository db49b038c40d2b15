"""Serves one of the OAuth servers: server.py django|authlib|canaille DIRECTORY, with registration.json in it.

Beside what the server itself answers there is /report: what its own database says of refresh tokens.
"""

import importlib
import json
import logging
import sys
from pathlib import Path

from access_log import AccessLog
from registration import Registration
from werkzeug.serving import WSGIRequestHandler, make_server


class Quiet(WSGIRequestHandler):
    """The access log has it, without queries, which hold codes."""

    def log_request(self, *_):
        pass


def with_report(app, report):
    def serve(environ, start_response):
        if environ["PATH_INFO"] != "/report":
            return app(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(report()).encode()]

    return serve


def main():
    kind, directory = sys.argv[1], Path(sys.argv[2])
    logging.basicConfig(level=logging.INFO)
    registration = Registration.read(directory)
    app, report = importlib.import_module(f"{kind}_server").build(registration)
    logged = AccessLog(with_report(app, report), directory / "access.log")
    make_server("127.0.0.1", registration.port, logged, threaded=True, request_handler=Quiet).serve_forever()


if __name__ == "__main__":
    main()
