"""The one nginx in front of all peers: a server for each, with the parameters that token-page's own sites use."""

import urllib.error
import urllib.request
from pathlib import Path

from . import web_server
from .processes import Failure

_SERVERS = """
    # Answers that are not a page, for the soak: their status, and whether the responder said anything at all.
    map $status $is_not_page {{
        200 0;
        default 1;
    }}
    log_format failures "$status $upstream_http_content_type";
{servers}
"""

_SERVER = """
    upstream {name} {{
        server unix:{socket};
{keepalive}
    }}

    server {{
        listen 127.0.0.1:{port} backlog=4096;
        server_name {name};
        access_log {failures};

        location / {{
{parameters}
            fastcgi_keep_conn {keep};
{extra}
            fastcgi_pass {name};
        }}
    }}
"""


class Nginx:
    def __init__(self, snippet: Path, work: Path, peers, *, log_failures=False):
        self.work = work
        [self.port] = web_server.free_ports(1)
        self.failures = work / "failures.log"
        servers = "".join(self._server(peer, snippet.read_text(), log_failures, i == 0) for i, peer in enumerate(peers))
        self.process = web_server.start(work, "nginx", _SERVERS.format(servers=servers), self.port)

    def _server(self, peer, snippet: str, log_failures: bool, is_first: bool) -> str:
        text = _SERVER.format(
            name=peer.name,
            socket=self.work / f"{peer.name}.sock",
            port=self.port,
            # As in token-page's own sites.
            keepalive="        keepalive 64;" if peer.is_kept else "",
            keep="on" if peer.is_kept else "off",
            parameters=snippet,
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
