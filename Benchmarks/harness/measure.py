"""One measurement: one peer under one load."""

import threading
import time

from . import wrk
from .peers import Load, Peer
from .processes import Failure, ProcessorTime, Usage, wait_until
from .backend import TOKEN_PREFIX

WARM_UP = 1


def measure(stage, peer: Peer, load: Load, seconds: int) -> dict:
    stage.backend.set_delay(load.delay)
    process = peer.start(stage, load)
    try:
        wait_until(stage.socket(peer).exists, f"{peer.label}'s start", process)
        size = _check_page(stage, peer)
        url = f"http://127.0.0.1:{stage.nginx.port}/"
        wrk.run(url, connections=load.browsers, seconds=WARM_UP, host=peer.name)
        stage.backend.reset()
        # What a peer takes is looked at while it is busy, once, since looking costs time too.
        usage = []
        look = threading.Timer(seconds * 0.7, lambda: usage.append(Usage(process)))
        look.start()
        before = ProcessorTime(process)
        result = wrk.run(url, connections=load.browsers, seconds=seconds, host=peer.name)
        after = ProcessorTime(process)
        look.join()
        counters = stage.backend.counters()
        process.check()
    finally:
        process.stop()
    pages = max(1, result["pages"])
    return result | {
        "peer": peer.name,
        "delay": load.delay,
        "browsers": load.browsers,
        "size": size,
        "megabytes": usage[0].megabytes,
        "threads": usage[0].threads,
        "processes": usage[0].processes,
        "processorMicroseconds": (after.seconds - before.seconds) * 1e6 / pages,
        "idle": after.idle_share_since(before),
        "calls": counters["calls"] / pages,
        "mostCalls": counters["mostAtOnce"],
        "connections": counters["accepted"],
    }


def _check_page(stage, peer: Peer) -> int:
    """The page must be the page: a fast refusal is no result."""
    deadline = time.monotonic() + 10
    while True:
        status, body = stage.nginx.get(peer.name)
        if status == 200 and TOKEN_PREFIX.encode() in body and b"Principal Used:" in body:
            return len(body)
        if time.monotonic() > deadline:
            raise Failure(f"{peer.label} does not show the page, but {status}: {body[:300].decode(errors='replace')}")
        time.sleep(0.05)
