"""What egress costs: nginx with a token of the page in front of an API, beside the same nginx that just passes on."""

import time
import urllib.error
import urllib.request
from pathlib import Path

from . import web_server, wrk
from .measure import WARM_UP
from .peers import ROOT
from .processes import Failure, Process, wait_until

_SECRET = "benchmark-secret-0123456789"
_CONNECTIONS = 64
_LABELS = {"plain": "proxy_pass with a token in nginx's own file", "egress": "egress: the page is asked for each request"}

# The API is without TLS: whatever it costs more is the same on both sides, and would hide what egress costs.
_SERVERS = """
    server {{
        listen 127.0.0.1:{api} backlog=4096;
        location / {{
            if ($http_authorization !~ "^Bearer .") {{ return 401; }}
            return 200 "{{}}\\n";
        }}
    }}

    server {{
        listen 127.0.0.1:{plain} backlog=4096;
        location / {{
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Authorization "Bearer constant";
            proxy_pass http://127.0.0.1:{api};
        }}
    }}

    server {{
        listen 127.0.0.1:{egress} backlog=4096;
        set $token_egress_rule api;
        set $token_egress_api 127.0.0.1:{api};
{snippet}
    }}
"""


def measure(stage, *, rounds: int, seconds: int) -> list[dict]:
    """The rates of both, in turns; stage has the back end, and the page that is built."""
    stage.backend.set_delay(0)
    page = nginx = None
    try:
        page = _start_page(stage)
        ports, nginx = _start_nginx(stage.work)
        for port in (ports["plain"], ports["egress"]):
            _check(port)
        results = []
        for number in range(rounds):
            for name in _LABELS:
                url = f"http://127.0.0.1:{ports[name]}/2/users/get"
                options = {"connections": _CONNECTIONS, "headers": {"Host": "egress", "X-Egress-Secret": _SECRET}}
                wrk.run(url, seconds=WARM_UP, **options)
                stage.backend.reset()
                result = wrk.run(url, seconds=seconds, **options)
                results.append(
                    result
                    | {"name": name, "label": _LABELS[name], "round": number, "calls": stage.backend.counters()["calls"]}
                )
                print(f"{_LABELS[name]}: {result['rate']:,.0f} requests/s, p99 {result['p99']:.1f} ms", flush=True)
        return results
    finally:
        for process in (nginx, page):
            if process:
                process.stop()


def _start_page(stage) -> Process:
    rules = stage.work / "egress.json"
    secret = stage.work / "egress.secret"
    secret.write_text(_SECRET)
    secret.chmod(0o600)
    rules.write_text(
        f'{{"api": {{"token": "{stage.backend.vault_url}", "paths": ["/2/users/"], "secretFile": "{secret}"}}}}'
    )
    rules.chmod(0o600)
    path = stage.work / "egress.sock"
    page = Process(
        [stage.token_page, "--socket", path],
        log=stage.work / "egress-page.log",
        environment=stage.backend.environment
        | {"TOKEN_PAGE_TEMPLATES": str(ROOT / "www/templates"), "LOG_LEVEL": "error", "TOKEN_PAGE_EGRESS": str(rules)},
    )
    wait_until(path.exists, "the start of the page for egress", page)
    return page


def _start_nginx(work: Path) -> tuple[dict[str, int], Process]:
    ports = dict(zip(("api", "plain", "egress"), web_server.free_ports(3)))
    snippets = ROOT / "nginx/snippets"
    snippet = (
        (snippets / "token-egress.conf")
        .read_text()
        .replace("https://$token_egress_api", "http://$token_egress_api")
        .replace("unix:/run/token-page.sock", f"unix:{work}/egress.sock")
        .replace("include snippets/token-page-fastcgi.conf;", (snippets / "token-page-fastcgi.conf").read_text())
    )
    return ports, web_server.start(work, "egress-nginx", _SERVERS.format(snippet=snippet, **ports), ports["egress"])


def _check(port: int):
    """A fast refusal is no result."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/2/users/get", headers={"Host": "egress", "X-Egress-Secret": _SECRET}
    )
    deadline = time.monotonic() + 10
    while True:
        try:
            with opener.open(request, timeout=15):
                return
        except urllib.error.HTTPError as error:
            problem = f"{error.code}: {error.read()[:300].decode(errors='replace')}"
        if time.monotonic() > deadline:
            raise Failure(f"Egress does not pass a request on, but answers {problem}")
        time.sleep(0.05)
