"""Those who are compared: how each is started for a number of browsers."""

import glob
import os
from dataclasses import dataclass, field
from pathlib import Path

from .processes import Process

BENCHMARKS = Path(__file__).resolve().parent.parent
ROOT = BENCHMARKS.parent


@dataclass(frozen=True)
class Load:
    """A vault that takes a while, and browsers that ask again as soon as they have an answer."""

    delay: int
    browsers: int

    @property
    def label(self) -> str:
        return f"vault {self.delay} ms, {self.browsers:,} browsers"


@dataclass
class Peer:
    name: str
    label: str
    calls_vault: bool = True
    # Whether nginx keeps its connections to it, or opens one for each page.
    is_kept: bool = False
    parameters: dict[str, str] = field(default_factory=dict)

    def takes(self, load: Load) -> bool:
        """Without a call to the vault, its delay makes no difference: measured at delay 0 only."""
        return self.calls_vault or load.delay == 0

    def command(self, stage, load: Load) -> list:
        raise NotImplementedError

    def environment(self, stage, load: Load) -> dict[str, str]:
        return stage.backend.environment

    def start(self, stage, load: Load) -> Process:
        socket = stage.socket(self)
        socket.unlink(missing_ok=True)
        return Process(
            self.command(stage, load), log=stage.work / f"{self.name}.log", environment=self.environment(stage, load)
        )


@dataclass
class TokenPage(Peer):
    shares: bool = True

    def command(self, stage, load):
        return [stage.token_page, "--socket", stage.socket(self)]

    def environment(self, stage, load):
        settings = {"TOKEN_PAGE_TEMPLATES": str(ROOT / "www/templates"), "LOG_LEVEL": "error"}
        if not self.shares:
            # A call for each page needs as many calls at once as there are pages.
            settings |= {"TOKEN_VAULT_SHARE_CALLS": "false", "TOKEN_VAULT_MAX_CALLS": str(load.browsers)}
        return stage.backend.environment | settings


@dataclass
class CResponder(Peer):
    def command(self, stage, load):
        return [stage.program("c-responder"), stage.socket(self), threads_for(load, self), stage.templates["c"]]


@dataclass
class ConstantPage(Peer):
    def command(self, stage, load):
        threads = load.browsers if self.is_kept else CONSTANT_THREADS
        return [stage.program("constant"), stage.socket(self), threads, stage.templates["c"]]


@dataclass
class GoResponder(Peer):
    def command(self, stage, load):
        return [stage.program("go-responder"), stage.socket(self), stage.templates["go"], load.browsers]


@dataclass
class PHP(Peer):
    client: str = "socket"

    def takes(self, load):
        return super().takes(load) and (not self.is_kept or load.browsers <= MOST_PHP_WORKERS)

    def command(self, stage, load):
        pool = stage.work / f"{self.name}.conf"
        pool.write_text(
            (BENCHMARKS / "peers/php/pool.conf.in")
            .read_text()
            .replace("@SOCKET@", str(stage.socket(self)))
            .replace("@LOG@", str(stage.work / f"{self.name}-fpm.log"))
            .replace("@WORKERS@", str(php_workers_for(load, self)))
            .replace("@USER@", "user = root" if os.geteuid() == 0 else "")
        )
        as_root = ["--allow-to-run-as-root"] if os.geteuid() == 0 else []
        return [php_fpm(), "--nodaemonize", *as_root, "-n", "-c", BENCHMARKS / "peers/php/php.ini", "-y", pool]

    def environment(self, stage, load):
        return stage.backend.environment | {
            "VAULT_CLIENT": self.client,
            "TEMPLATE": str(stage.templates["php"]),
        }


# More threads than these only wait for a processor; while the vault takes its time, each browser needs a thread. So does each
# connection that is kept: whoever blocks in it answers no other.
CONSTANT_THREADS = 8
THREADS_AT_ONCE = 16


def threads_for(load: Load, peer: Peer) -> int:
    return load.browsers if load.delay or peer.is_kept else min(load.browsers, THREADS_AT_ONCE)


# Processes, which are dearer than threads.
MOST_PHP_WORKERS = 256


def php_workers_for(load: Load, peer: Peer) -> int:
    return min(threads_for(load, peer), MOST_PHP_WORKERS)


def php_fpm() -> str:
    found = sorted(glob.glob("/usr/sbin/php-fpm*"))
    return found[-1] if found else "php-fpm"


def all_peers() -> list[Peer]:
    script = {"SCRIPT_FILENAME": str(BENCHMARKS / "peers/php/index.php")}
    return [
        TokenPage("token-page", "token-page", is_kept=True),
        TokenPage("token-page-new", "token-page, a connection a page"),
        TokenPage("token-page-unshared", "token-page, calls not shared", is_kept=True, shares=False),
        CResponder("c-kept", "C, libfcgi and libcurl", is_kept=True),
        CResponder("c", "C, a connection a page"),
        GoResponder("go-kept", "Go net/http/fcgi", is_kept=True),
        GoResponder("go", "Go, a connection a page"),
        PHP("php-kept", "PHP-FPM, kept socket", is_kept=True, parameters=script),
        PHP("php", "PHP-FPM, kept socket, a connection a page", parameters=script),
        PHP("php-curl", "PHP-FPM, curl, a connection a page", parameters=script, client="curl"),
        ConstantPage("constant-kept", "C, constant page", is_kept=True, calls_vault=False),
        ConstantPage("constant", "C, constant page, a connection a page", calls_vault=False),
    ]
