"""What the machine allows anybody: a file from nginx, a row from PostgreSQL, a row from SQLite, a transaction on the disk."""

import re
import shutil

from .. import wrk
from ..processes import Failure
from .commands import run
from .postgres import USER

LABELS = {
    "static": "a file of 200 bytes from nginx, 64 connections",
    "pgbench": "a row from PostgreSQL, 64 clients (pgbench, prepared)",
    "sqlite": "a row from SQLite, one thread, a transaction each",
    "fsync": "4 KiB on the disk, one after the other",
}


class Floors:
    def __init__(self, stage):
        self.stage = stage
        self.script = None
        if stage.postgres and shutil.which("pgbench"):
            self._fill_postgres()

    def measure(self, seconds: int) -> dict[str, float]:
        stage = self.stage
        url = f"http://127.0.0.1:{stage.port}/file"
        rates = {"static": wrk.run(url, connections=64, seconds=seconds, host="static")["rate"]}
        if self.script:
            rates["pgbench"] = self._pgbench(seconds)
        rates["sqlite"] = float(run([stage.floors, "sqlite", stage.database, str(seconds)], {}))
        rates["fsync"] = float(run([stage.floors, "fsync", stage.work, str(seconds)], {}))
        return rates

    def _fill_postgres(self):
        self.stage.postgres.sql(
            "CREATE TABLE token (name text PRIMARY KEY, sealed bytea NOT NULL); INSERT INTO token SELECT 'token-' || i, "
            f"decode(repeat('ab', 160), 'hex') FROM generate_series(0, {self.stage.tokens - 1}) AS i; ANALYZE token"
        )
        self.script = self.stage.work / "pgbench.sql"
        self.script.write_text(
            f"\\set i random(0, {self.stage.tokens - 1})\nSELECT sealed FROM token WHERE name = 'token-' || :i;\n"
        )

    def _pgbench(self, seconds: int) -> float:
        command = ["pgbench", "-n", "-M", "prepared", "-c", "64", "-j", "1", "-T", str(seconds), "-f", self.script]
        text = run([*command, "-h", self.stage.postgres.socket, "-U", USER, "postgres"], {})
        match = re.search(r"tps = ([\d.]+) \(without", text) or re.search(r"tps = ([\d.]+)", text)
        if not match:
            raise Failure(f"pgbench prints no rate:\n{text}")
        return float(match[1])
