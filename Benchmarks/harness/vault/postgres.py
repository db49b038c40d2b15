"""A PostgreSQL server of a run's own, from Debian's package, with its disk as careful as it is by default."""

import glob
import os
import pwd
import time
from pathlib import Path

from ..processes import Failure, Process, wait_until
from .commands import run

USER = "bench"


def programs() -> Path | None:
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    return Path(found[-1]) if found else None


class PostgresServer:
    """Leaving it ends the server; its files lie in the directory of the work."""

    def __init__(self, work: Path):
        self.work = work
        # Sockets and data are the server's own.
        self.socket = work / "postgres"
        self.process = None

    def __enter__(self):
        self.socket.mkdir()
        self.work.chmod(0o711)
        # PostgreSQL does not run as root.
        user = [] if os.geteuid() else ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        if user:
            account = pwd.getpwnam("postgres")
            os.chown(self.socket, account.pw_uid, account.pw_gid)
        data = self.socket / "data"
        run([*user, programs() / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"], {})
        self.process = Process(
            [*user, programs() / "postgres", "-D", data, "-k", self.socket, "-c", "listen_addresses=", "-c", "max_connections=100"],
            log=self.work / "postgres.log",
        )
        try:
            wait_until((self.socket / ".s.PGSQL.5432").exists, "PostgreSQL's start", self.process)
            _retry(lambda: self.sql("SELECT 1"))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.stop()

    def sql(self, text: str):
        run(["psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", self.socket, "-U", USER, "-d", "postgres", "-c", text], {})

    def address(self, database: str) -> str:
        return f"postgresql://{USER}@/{database}?host={self.socket}"


def _retry(action, seconds=10.0):
    """Tries until it does not fail; PostgreSQL has its socket a moment before it takes connections."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return action()
        except Failure:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
