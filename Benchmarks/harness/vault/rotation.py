"""Reads at a steady pace while `token-vault key rotate` seals everything anew."""

from statistics import median

from .. import wrk
from ..processes import Failure, Process, wait_until
from .measure import check_answer
from .peers import OURS

# Each connection asks ten times a second.
CONNECTIONS, PAUSE_MS = 64, 100
WANTED = 500
_SECONDS = 3


def measure(stage) -> dict:
    """The reads of each few seconds, for as long as the rotation takes and once before it."""
    peer = next(peer for peer in stage.peers if peer.name == OURS)
    vault = peer.start(stage)
    rotation = None
    try:
        wait_until(stage.socket(peer.name).exists, f"{peer.label}'s start", vault)
        check_answer(stage, peer)
        before = _read(stage, peer)
        rotation = Process(
            [stage.token_vault, "key", "rotate", "--json"], log=stage.work / "rotation.log", environment=stage.environment
        )
        during = []
        while rotation.popen.poll() is None:
            during.append(_read(stage, peer))
        if rotation.popen.returncode:
            raise Failure(f"The rotation failed:\n{rotation.last_words()}")
    finally:
        for process in (rotation, vault):
            if process:
                process.stop()
    # The last one went on when the rotation was over.
    during = during[:-1] or during
    return {
        "tokens": stage.tokens,
        "before": before["rate"],
        "rate": median(turn["rate"] for turn in during),
        "lowest": min(turn["rate"] for turn in during),
        "p99": max(turn["p99"] for turn in during),
        "seconds": _SECONDS * len(during),
        "failed": sum(turn[key] for turn in during for key in ("failed", "timeouts", "broken")),
    }


def _read(stage, peer) -> dict:
    return wrk.run(
        f"http://127.0.0.1:{stage.port}/services/dropbox/tokens/token-0",
        connections=CONNECTIONS,
        seconds=_SECONDS,
        host=peer.name,
        bearer=stage.bearer,
        post=True,
        tokens=stage.tokens,
        pause=PAUSE_MS,
    )
