"""Programs that end by themselves."""

import os
import subprocess
from pathlib import Path

from ..processes import Failure


def run(command, environment: dict[str, str], text: str = "") -> str:
    """What a program prints that ends by itself."""
    done = subprocess.run(
        [str(word) for word in command],
        env={**{name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}, **environment},
        input=text,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Failure(f"{Path(str(command[0])).name} {command[1]} failed:\n{done.stderr.strip()}")
    return done.stdout
