"""A program under callgrind, and what it counted: instructions, calls, and who called whom."""

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

from .processes import Failure

ALLOCATING = ("malloc", "calloc", "realloc", "memalign", "aligned_alloc", "posix_memalign")


def command(program: Path, output: Path) -> list:
    """Counts each thread apart, into files that begin with the output's name."""
    return ["valgrind", "--tool=callgrind", "--separate-threads=yes", f"--callgrind-out-file={output}", program]


def without_debug_information(program: Path, copy: Path) -> Path:
    """What valgrind of Debian 12 can read: Swift's debug information is newer."""
    tool = shutil.which("llvm-objcopy") or shutil.which("objcopy")
    if subprocess.run([tool or "objcopy", "--strip-debug", program, copy]).returncode:
        raise Failure("The program's debug information could not be removed: see the message above.")
    return copy


def control(pid: int, order: str):
    """`--zero` begins to count anew, `--dump` writes what was counted."""
    done = subprocess.run(["callgrind_control", order, str(pid)], capture_output=True, text=True)
    if done.returncode:
        raise Failure(f"callgrind_control {order} failed: {done.stdout}{done.stderr}")


class Profile:
    """One thread's counts, by function as it is called in the program."""

    def __init__(self, path: Path):
        self.own, self.calls = Counter(), Counter()
        self._names = {}
        function = called = ""
        count = None
        for line in path.read_text(errors="replace").splitlines():
            if line.startswith("fn="):
                function = self._name(line[3:])
            elif line.startswith("cfn="):
                called = self._name(line[4:])
            elif line.startswith("calls="):
                count = int(line[6:].split()[0])
            elif line[:1].isdigit() or line[:1] in ("+", "-", "*"):
                # Behind `calls=` stands the cost of what was called, which is counted there.
                if count is None:
                    self.own[function] += int(line.split()[1])
                else:
                    self.calls[called] += count
                    count = None

    @property
    def instructions(self) -> int:
        return sum(self.own.values())

    @property
    def allocations(self) -> int:
        return sum(self.calls[name] for name in ALLOCATING)

    def _name(self, text: str) -> str:
        """A name is written once, with a number that stands for it from then on."""
        match = re.match(r"\((\d+)\)(?: (.*))?$", text)
        if not match:
            return text
        if match[2]:
            self._names[match[1]] = match[2]
        return self._names.get(match[1], match[1])
