"""One turn of one peer, with a number of connections."""

import time

from .. import wrk
from ..processes import Failure, Usage, processor_seconds, wait_until
from .stage import TOKEN_PREFIX

WARM_UP = 1


def measure(stage, peer, connections: int, seconds: float) -> dict:
    process = peer.start(stage)
    try:
        wait_until(stage.socket(peer.name).exists, f"{peer.label}'s start", process)
        check_answer(stage, peer)
        url = f"http://127.0.0.1:{stage.port}/services/dropbox/tokens/token-0"
        options = {
            "connections": connections,
            "host": peer.name,
            "bearer": stage.bearer,
            "post": True,
            "tokens": stage.tokens,
        }
        wrk.run(url, seconds=WARM_UP, **options)
        before, begin = processor_seconds(process), time.monotonic()
        result = wrk.run(url, seconds=seconds, **options)
        used = processor_seconds(process) - before
        usage = Usage(process)
        process.check()
    finally:
        process.stop()
    return result | {
        "peer": peer.name,
        "connections": connections,
        "tokens": stage.tokens,
        "processor": used / max(1, result["pages"]),
        "megabytes": usage.megabytes,
        "threads": usage.threads,
    }


def check_answer(stage, peer):
    """A fast refusal is no result: the token has to be the one that was asked for."""
    number = stage.tokens - 1
    wanted = f'"{TOKEN_PREFIX}{number:0120d}"'.encode()
    deadline = time.monotonic() + 10
    while True:
        status, body = stage.post(peer.name, f"/services/dropbox/tokens/token-{number}")
        if status == 200 and wanted in body:
            return
        if time.monotonic() > deadline:
            raise Failure(f"{peer.label} gives no token, but {status}: {body[:300].decode(errors='replace')}")
        time.sleep(0.05)
