"""Sets the stage: an emulator that signs callers' tokens, a store and a database with the same tokens, and one nginx."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from .. import web_server
from ..peers import ROOT
from ..processes import Failure, Process, wait_until
from ..programs import build
from . import postgres
from .commands import run

AUDIENCE = "api://benchmark-vault"
# Every access token begins with this; those of Dropbox are as long.
TOKEN_PREFIX = "sl.BkW7-_qZ9xTr4sl."
# Debian's own, since it has the package python3-cryptography.
PYTHON = "/usr/bin/python3"

_SERVERS = """
    server {{
        listen 127.0.0.1:{emulator};
        location / {{
{parameters}
            fastcgi_pass unix:{work}/emulator.sock;
        }}
    }}
    server {{
        listen 127.0.0.1:{port} backlog=4096 default_server;
        server_name static;
        location / {{ root {work}/static; }}
    }}
{peers}
"""

_PEER = """
    upstream {name} {{
        server unix:{socket};{keepalive}
    }}
    server {{
        listen 127.0.0.1:{port};
        server_name {name};
        location / {{
{location}
        }}
    }}
"""


class VaultStage:
    """Everything that the turns share; leaving it ends and removes all of it."""

    def __init__(self, peers, *, tokens: int, token_vault: Path | None = None, with_postgres=False):
        self.peers, self.tokens = peers, tokens
        self.token_vault = token_vault
        self.with_postgres = with_postgres
        self.emulator = self.nginx = self.postgres = None

    def __enter__(self):
        self.work = Path(tempfile.mkdtemp(prefix="bench-"))
        try:
            self._set()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for part in (self.nginx, self.emulator):
            if part:
                part.stop()
        if self.postgres:
            self.postgres.__exit__()
        shutil.rmtree(self.work, ignore_errors=True)

    def socket(self, name: str) -> Path:
        return self.work / f"{name}.sock"

    def post(self, name: str, path: str) -> tuple[int, bytes]:
        headers = {"Host": name, "Authorization": f"Bearer {self.bearer}"}
        return _request(f"http://127.0.0.1:{self.port}{path}", headers, method="POST")

    def _set(self):
        if self.token_vault is None:
            if subprocess.run([ROOT / "scripts/build-release"]).returncode:
                raise Failure("token-vault does not build: its own message is above.")
            self.token_vault = ROOT / ".build/release/token-vault"
        self.go_vault, self.floors = build("go-vault"), build("floors")
        emulator_port, self.port = web_server.free_ports(2)
        self.emulator_url = f"http://127.0.0.1:{emulator_port}"
        self._start_emulator()
        self._start_nginx(emulator_port)
        self._who_calls()
        if self.with_postgres and postgres.programs():
            self.postgres = postgres.PostgresServer(self.work).__enter__()
        self._fill()

    def _start_emulator(self):
        self.emulator_environment = {
            "AZURE_EMULATOR_URL": self.emulator_url,
            "AZURE_EMULATOR_STATE": str(self.work / "emulator"),
            "LOG_LEVEL": "error",
        }
        program = self.token_vault.with_name("azure-emulator")
        self.emulator = Process(
            [program, "serve", "--socket", self.socket("emulator")],
            log=self.work / "emulator.log",
            environment=self.emulator_environment,
        )
        wait_until(self.socket("emulator").exists, "the emulator's start", self.emulator)

    def _start_nginx(self, emulator_port: int):
        (self.work / "static").mkdir()
        (self.work / "static/file").write_text("x" * 200)
        parameters = (ROOT / "nginx/snippets/token-page-fastcgi.conf").read_text()
        peers = "".join(
            _PEER.format(
                name=peer.name,
                socket=self.socket(peer.name),
                keepalive=" keepalive 64;" if peer.is_kept else "",
                port=self.port,
                location=peer.location(parameters),
            )
            for peer in self.peers
        )
        servers = _SERVERS.format(
            work=self.work, emulator=emulator_port, port=self.port, parameters=parameters, peers=peers
        )
        self.nginx = web_server.start(self.work, "nginx", servers, self.port)

    def _who_calls(self):
        """The identity whose token every caller sends, and that token."""
        emulator = self.token_vault.with_name("azure-emulator")
        principals = run([emulator, "principal"], self.emulator_environment).splitlines()
        words = dict(word.split("=") for word in principals[0].split()[1:])
        self.tenant, self.object = words["tid"], words["oid"]
        file = self.work / "identity.env"
        run([emulator, "env", "--for", "app-service", "--output", file], self.emulator_environment)
        lines = (line.removeprefix("export ").partition("=") for line in file.read_text().splitlines() if "=" in line)
        identity = {name: value.strip("'\"") for name, _, value in lines}
        query = urllib.parse.urlencode({"resource": AUDIENCE, "api-version": "2019-08-01"})
        status, body = _request(
            f"{identity['IDENTITY_ENDPOINT']}?{query}", {"X-IDENTITY-HEADER": identity["IDENTITY_HEADER"]}
        )
        if status != 200:
            raise Failure(f"The emulator gives no token, but {status}: {body[:300].decode(errors='replace')}")
        self.bearer = json.loads(body)["access_token"]
        self.issuer = f"{self.emulator_url}/{self.tenant}/"

    def _fill(self):
        """The same tokens for everybody: in the vault's stores, and in the database of the peers."""
        archive = self.work / "tokens.archive"
        script = Path(__file__).with_name("archive.py")
        run([PYTHON, script, archive, str(self.tokens), TOKEN_PREFIX], {"PASSPHRASE": "benchmark benchmark"})
        self.environment = self._store(str(self.work / "store/vault.sqlite"), "sqlite", archive)
        self.postgres_environment = None
        if self.postgres:
            self.postgres.sql("CREATE DATABASE vault")
            self.postgres_environment = self._store(self.postgres.address("vault"), "postgres", archive)
        self.database, self.key = self.work / "peers.sqlite", self.work / "peers.key"
        run([self.go_vault, "fill", self.database, self.key, self.tenant, self.object, str(self.tokens)], {})

    def _store(self, address: str, name: str, archive: Path) -> dict[str, str]:
        """Makes a store of the vault with the tokens in it; the settings of a vault that serves it."""
        state = self.work / f"{name}-state"
        state.mkdir(mode=0o700)
        environment = {
            "TOKEN_VAULT_STORE": address,
            "TOKEN_VAULT_STATE_DIRECTORY": str(state),
            "TOKEN_VAULT_KEY_FILE": str(self.work / f"{name}.key"),
            "TOKEN_VAULT_ISSUERS": self.issuer,
            "TOKEN_VAULT_AUDIENCES": AUDIENCE,
            "LOG_LEVEL": "error",
        }
        vault = self.token_vault
        run([vault, "store", "create", "--name", "benchmark", "--create-key"], environment)
        run([vault, "service", "create", "dropbox", "--provider", "dropbox"], environment)
        run([vault, "import", archive], environment, text="benchmark benchmark\n")
        grant = ["--tenant", self.tenant, "--object", self.object, "--permissions", "Get", "--service", "dropbox"]
        run([vault, "policy", "grant", *grant], environment)
        return environment


def _request(url: str, headers: dict[str, str], method="GET") -> tuple[int, bytes]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    data = b"" if method == "POST" else None
    try:
        with opener.open(urllib.request.Request(url, headers=headers, data=data, method=method), timeout=15) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError as error:
        raise Failure(f"There is no answer from {url}: {error}") from error
