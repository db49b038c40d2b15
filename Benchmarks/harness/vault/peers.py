"""Those who are compared: how each is started, and how nginx reaches it."""

from dataclasses import dataclass
from pathlib import Path

from ..peers import BENCHMARKS
from ..processes import Process
from .stage import AUDIENCE

OURS = "token-vault"
POSTGRES = "token-vault-postgres"


@dataclass(frozen=True)
class Peer:
    name: str
    label: str
    is_kept: bool = False

    def location(self, parameters: str) -> str:
        """What stands in nginx's location; for FastCGI the parameters of the package's own sites."""
        kept = "fastcgi_keep_conn on;\nfastcgi_next_upstream error non_idempotent;\n" if self.is_kept else ""
        return f"{parameters}\n{kept}fastcgi_pass {self.name};"

    def start(self, stage) -> Process:
        socket = stage.socket(self.name)
        socket.unlink(missing_ok=True)
        command, environment = self.command(stage, socket)
        return Process(command, log=stage.work / f"{self.name}.log", environment=environment)

    def command(self, stage, socket: Path) -> tuple[list, dict[str, str]]:
        raise NotImplementedError


@dataclass(frozen=True)
class TokenVault(Peer):
    audit: str = "sync"
    verified: str = ""

    def command(self, stage, socket):
        settings = {"TOKEN_VAULT_AUDIT": self.audit, "TOKEN_VAULT_VERIFIED_TOKENS": self.verified}
        return [stage.token_vault, "serve", "--socket", socket], stage.environment | settings


@dataclass(frozen=True)
class PostgresVault(TokenVault):
    """The vault with its store in the run's PostgreSQL; processor time is the vault's alone, not the server's."""

    def command(self, stage, socket):
        command, settings = super().command(stage, socket)
        return command, settings | stage.postgres_environment


@dataclass(frozen=True)
class GoVault(Peer):
    protocol: str = "http"

    def location(self, parameters):
        if self.protocol == "fcgi":
            return super().location(parameters)
        return (
            'proxy_http_version 1.1;\nproxy_set_header Connection "";\nproxy_set_header X-Request-Id $request_id;\n'
            f"proxy_pass http://{self.name};"
        )

    def command(self, stage, socket):
        return [stage.go_vault, self.protocol, stage.database, stage.key, socket, stage.issuer, AUDIENCE], {}


@dataclass(frozen=True)
class PythonVault(Peer):
    """uWSGI's own protocol, which nginx speaks; two processes, one a processor, with a thread for each request under way."""

    def location(self, parameters):
        return (
            "include /etc/nginx/uwsgi_params;\nuwsgi_param HTTP_X_REQUEST_ID $request_id;\n"
            f"uwsgi_pass {self.name};"
        )

    def command(self, stage, socket):
        command = ["uwsgi", "--plugins", "python3", "--socket", socket, "--chmod-socket=666", "--need-app"]
        command += ["--processes", "2", "--threads", "32", "--listen", "1024", "--disable-logging", "--master", "--die-on-term"]
        command += ["--lazy-apps", "--wsgi-file", BENCHMARKS / "peers/python-vault/vault.py"]
        return command, {
            "VAULT_DATABASE": str(stage.database),
            "VAULT_KEY": str(stage.key),
            "VAULT_ISSUER": stage.issuer,
            "VAULT_AUDIENCE": AUDIENCE,
        }


def all_peers() -> list[Peer]:
    return [
        TokenVault(OURS, "token-vault", is_kept=True),
        TokenVault("token-vault-batched", "token-vault, TOKEN_VAULT_AUDIT=batched", is_kept=True, audit="batched"),
        TokenVault("token-vault-known", "token-vault, TOKEN_VAULT_VERIFIED_TOKENS=1000", is_kept=True, verified="1000"),
        TokenVault("token-vault-unkept", "token-vault, a connection a read"),
        PostgresVault(POSTGRES, "token-vault on PostgreSQL", is_kept=True),
        GoVault("go", "Go, net/http, nginx keeps connections", is_kept=True),
        GoVault("go-fcgi", "Go, net/http/fcgi", protocol="fcgi"),
        PythonVault("python", "Python, uWSGI"),
    ]
