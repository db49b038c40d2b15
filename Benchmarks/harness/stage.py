"""Builds the programs, and sets the stage: one temporary folder, one back end, one nginx."""

import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from .nginx import Nginx
from .peers import ROOT
from .processes import Failure
from .template import write_templates
from .backend import Backend
from .programs import PAGE, build, program

def interruptible():
    """Lets every signal that asks for an end lead to one in order, even where a shell had SIGINT ignored."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))


class Stage:
    """Everything that the runs share; leaving it ends and removes all of it."""

    def __init__(self, peers, *, token_page: Path | None = None, log_failures=False, programs=None):
        self.peers = peers
        self.given_token_page = token_page
        self.log_failures = log_failures
        self.programs = list(programs or PAGE)
        self.backend = self.nginx = None

    def __enter__(self):
        self.work = Path(tempfile.mkdtemp(prefix="bench-"))
        try:
            self._set()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for part in (self.nginx, self.backend):
            if part:
                part.stop()
        shutil.rmtree(self.work, ignore_errors=True)

    def socket(self, peer) -> Path:
        return self.work / f"{peer.name}.sock"

    def program(self, name: str) -> Path:
        return program(name)

    def _set(self):
        for name in self.programs:
            build(name)
        self.token_page = self.given_token_page or _build_token_page()
        self.templates = write_templates(ROOT / "www/templates/home.mustache", self.work)
        self.backend = Backend(self.program("backend"), self.work)
        self.nginx = Nginx(
            ROOT / "nginx/snippets/token-page-fastcgi.conf",
            self.work,
            self.peers,
            log_failures=self.log_failures,
        )


def _build_token_page() -> Path:
    if subprocess.run([ROOT / "scripts/build-release"]).returncode:
        raise Failure("token-page does not build: its own message is above.")
    return ROOT / ".build/release/token-page"
