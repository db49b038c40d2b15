"""Processes that are ended by their own id, whatever happens, and what they take of the machine."""

import ctypes
import os
import signal
import subprocess
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class Failure(Exception):
    """One sentence for whoever runs the benchmark."""


class Process:
    """A program that was started here, with its children."""

    def __init__(self, command, *, log: Path, environment=None, stdout=None):
        self.name = Path(command[0]).name
        self.log = log
        with open(log, "ab") as output:
            self.popen = subprocess.Popen(
                [str(word) for word in command],
                env=None if environment is None else {**_plain_environment(), **environment},
                stdin=subprocess.DEVNULL,
                stdout=output if stdout is None else stdout,
                stderr=output,
                # Ctrl-C is for the runner, which then ends everything in order; and nothing outlives the runner.
                start_new_session=True,
                preexec_fn=_end_with_parent,
                text=True,
            )

    def check(self):
        if self.popen.poll() is not None:
            raise Failure(f"{self.name} ended by itself with status {self.popen.returncode}:\n{self.last_words()}")

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])

    def pids(self) -> list[int]:
        """The process and its descendants."""
        found = []
        queue = [self.popen.pid]
        while queue:
            pid = queue.pop()
            found.append(pid)
            try:
                for task in os.listdir(f"/proc/{pid}/task"):
                    queue += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
            except OSError:
                continue
        return found

    def stop(self, patience=10.0):
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(patience)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()


class ProcessorTime:
    """Seconds of a processor that a process, its descendants, and those of them that have ended have taken until now; and
    what the machine's processors have done."""

    def __init__(self, process: Process):
        tick = os.sysconf("SC_CLK_TCK")
        ticks = 0
        for pid in process.pids():
            try:
                # Behind the name, which may hold anything: fields 14 to 17 of proc(5).
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            ticks += sum(map(int, fields[11:15]))
        self.seconds = ticks / tick
        machine = list(map(int, Path("/proc/stat").read_text().splitlines()[0].split()[1:9]))
        self.machine, self.idle = sum(machine), machine[3]

    def idle_share_since(self, before: "ProcessorTime") -> float:
        return (self.idle - before.idle) / max(1, self.machine - before.machine)


class Usage:
    """What a process and its descendants take at this moment."""

    def __init__(self, process: Process):
        self.pss = self.rss = self.threads = self.descriptors = self.processes = 0
        for pid in process.pids():
            try:
                memory = _fields(f"/proc/{pid}/smaps_rollup")
                self.threads += int(_fields(f"/proc/{pid}/status")["Threads"])
                self.descriptors += len(os.listdir(f"/proc/{pid}/fd"))
            except OSError:
                continue
            self.processes += 1
            # Several processes share pages: each counts for its part of them, so that the sum is what they take together.
            self.pss += int(memory["Pss"].split()[0])
            self.rss += int(memory["Rss"].split()[0])

    @property
    def megabytes(self) -> float:
        return (self.rss if self.processes == 1 else self.pss) / 1024


def processor_seconds(process: Process) -> float:
    """What a process and its descendants have used of the processors so far."""
    ticks = 0
    for pid in process.pids():
        try:
            # The name of a program may hold anything; what follows its parenthesis begins with the third field.
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def wait_until(condition, what: str, process: Process, seconds=15.0):
    deadline = time.monotonic() + seconds
    while not condition():
        process.check()
        if time.monotonic() > deadline:
            raise Failure(f"{what} took longer than {seconds:.0f} s:\n{process.last_words()}")
        time.sleep(0.02)


def _fields(path: str) -> dict[str, str]:
    lines = Path(path).read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _plain_environment() -> dict[str, str]:
    """Only what every program needs, so that the caller's own settings decide nothing."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}


def _end_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
