"""The one nginx in front of all peers: a server for each, with the parameters that token-page's own sites use."""

import os
import socket
import urllib.error
import urllib.request
from pathlib import Path

from .processes import Failure, Process, wait_until

_CONFIGURATION = """\
daemon off;
{user}
worker_processes auto;
worker_rlimit_nofile 65536;
pid {work}/nginx.pid;
error_log {work}/nginx-errors.log error;

events {{
    worker_connections 16384;
}}

http {{
    access_log off;
    client_body_temp_path {work}/body;
    fastcgi_temp_path {work}/fastcgi;
    proxy_temp_path {work}/proxy;
    scgi_temp_path {work}/scgi;
    uwsgi_temp_path {work}/uwsgi;
    keepalive_requests 1000000;

    # Answers that are not a page, for the soak: their status, and whether the responder said anything at all.
    map $status $is_not_page {{
        200 0;
        default 1;
    }}
    log_format failures "$status $upstream_http_content_type";
{servers}
}}
"""

_SERVER = """
    upstream {name} {{
        server unix:{socket};{keepalive}
    }}

    server {{
        listen 127.0.0.1:{port} backlog=4096;
        server_name {name};
        access_log {failures};

        location / {{
{parameters}
{extra}
            fastcgi_pass {name};
        }}
    }}
"""


class Nginx:
    def __init__(self, program: str, snippet: Path, work: Path, peers, *, log_failures=False):
        self.work = work
        self.port = _free_port()
        self.failures = work / "failures.log"
        servers = "".join(self._server(peer, snippet.read_text(), log_failures, i == 0) for i, peer in enumerate(peers))
        configuration = work / "nginx.conf"
        configuration.write_text(
            _CONFIGURATION.format(work=work, servers=servers, user="user root;" if os.geteuid() == 0 else "")
        )
        self.process = Process([program, "-e", work / "nginx-errors.log", "-c", configuration], log=work / "nginx.log")
        wait_until(self._answers, "nginx's start", self.process)

    def _server(self, peer, snippet: str, log_failures: bool, is_first: bool) -> str:
        parameters = snippet.replace("fastcgi_keep_conn off;", "fastcgi_keep_conn on;") if peer.is_kept else snippet
        text = _SERVER.format(
            name=peer.name,
            socket=self.work / f"{peer.name}.sock",
            port=self.port,
            keepalive=f"\n        keepalive {peer.kept_connections};" if peer.is_kept else "",
            parameters=parameters,
            extra="".join(f"fastcgi_param {name} {value};\n" for name, value in peer.parameters.items()),
            failures=f"{self.failures} failures if=$is_not_page" if log_failures else "off",
        )
        # The options of a socket may be given once.
        return text if is_first else text.replace(" backlog=4096", "")

    def get(self, name: str) -> tuple[int, bytes]:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/", headers={"Host": name})
        try:
            with opener.open(request, timeout=15) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError as error:
            raise Failure(f"nginx gives no answer for {name}: {error}") from error

    def stop(self):
        self.process.stop()

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
