"""Builds what is written in other languages, once for each form of its sources."""

import hashlib
import subprocess
import sys
from pathlib import Path

from .peers import BENCHMARKS, ROOT
from .processes import Failure

_C = ["cc", "-O2", "-Wall", "-Wextra", "-Werror"]
# Debian's package of Go's SQLite, linked with the system's library.
_GO_PATH = ["env", "GO111MODULE=off", "GOPATH=/usr/share/gocode", "go", "build", "-tags", "libsqlite3"]
PAGE = ("backend", "c-responder", "constant", "go-responder")
_PROGRAMS = {
    "backend": ([*_C, "-o", "@", "backend.c"], "backend"),
    "c-responder": (
        [*_C, "-o", "@", "responder.c", "page.c", "threads.c", "-lfcgi", "-lcurl", "-lpthread"],
        "peers/c",
    ),
    "constant": ([*_C, "-o", "@", "constant.c", "page.c", "threads.c", "-lfcgi", "-lpthread"], "peers/c"),
    "go-responder": (["go", "build", "-o", "@", "."], "peers/go"),
    "go-vault": ([*_GO_PATH, "-o", "@", "."], "peers/go-vault"),
    "floors": ([*_C, "-o", "@", "floors.c", "-lsqlite3"], "peers/floors"),
}


def program(name: str) -> Path:
    folder = ROOT / ".build/benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def build(name: str) -> Path:
    command, folder = _PROGRAMS[name]
    directory = BENCHMARKS / folder
    digest = hashlib.sha256(repr(command).encode())
    for source in sorted(path for path in directory.iterdir() if path.is_file()):
        digest.update(source.read_bytes())
    built, stamp = program(name), program(f"{name}.stamp")
    if built.exists() and stamp.exists() and stamp.read_text() == digest.hexdigest():
        return built
    print(f"Building {name} ...", file=sys.stderr)
    words = [str(built) if word == "@" else word for word in command]
    done = subprocess.run(words, cwd=directory, capture_output=True, text=True)
    if done.returncode:
        raise Failure(f"{name} does not build:\n{done.stderr}")
    stamp.write_text(digest.hexdigest())
    return built
