"""Runs wrk and reads what it measured."""

import json
import os
import subprocess
from pathlib import Path

from .processes import Failure

_REPORT = Path(__file__).parent / "report.lua"


def run(
    url: str, *, connections: int, seconds: int, host: str | None = None, headers=None, post=False, tokens=0, bearer=None, pause=0
) -> dict:
    """Requests a second, latencies in milliseconds, and errors; one thread, since the machine is small.

    With a number of tokens, each request replaces the number that the URL ends with by another one below that.
    With a pause, each connection waits that many milliseconds before it asks again. A bearer token goes through the environment, since arguments can be read by everybody
    on the machine.
    """
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(_REPORT)]
    for name, value in (headers or ({"Host": host} if host else {})).items():
        command += ["-H", f"{name}: {value}"]
    done = subprocess.run(
        [*command, url, "--", "post" if post else "get", str(tokens), str(pause)],
        env=os.environ | ({"WRK_BEARER": bearer} if bearer else {}),
        capture_output=True,
        text=True,
        timeout=seconds + 60,
    )
    line = next((line for line in done.stdout.splitlines() if line.startswith("{")), None)
    if line is None:
        raise Failure(f"wrk did not run: {done.stderr.strip() or done.stdout.strip()}")
    return json.loads(line)
