"""All turns of a run: the floors in every round, then every peer under every load."""

import time

from .. import machine
from .figures import VaultFigures
from .floors import Floors
from .measure import WARM_UP
from .measure import measure as measure_turn
from . import postgres, rotation
from .peers import OURS, POSTGRES, all_peers
from .stage import VaultStage

CONNECTIONS = [1, 16, 64]
TOKENS = [1_000, 100_000]
# With fewer than 64 connections, if nobody named others: all of them would take twice the time.
_WITH_FEW = (OURS, "token-vault-batched", POSTGRES, "go")


def measure(*, rounds: int, seconds: int, connections, tokens, peers=None, token_vault=None) -> dict:
    """The rates of the floors, a dictionary for each round, and the turns.

    With the fewest tokens and 64 connections everybody has a turn; with more tokens ours and the first of the others.
    """
    chosen = [peer for peer in all_peers() if not peers or peer.name in peers]
    if not postgres.programs():
        chosen = [peer for peer in chosen if peer.name != POSTGRES]
    facts = machine.describe() | {"rounds": rounds, "seconds": seconds, "warmUp": WARM_UP}
    result = {"facts": facts, "floors": [], "turns": []}
    few, *many = sorted(tokens)
    with VaultStage(chosen, tokens=few, token_vault=token_vault, with_postgres=True) as stage:
        floors = Floors(stage)
        stages = [stage]
        try:
            for count in many:
                stages.append(VaultStage(chosen, tokens=count, token_vault=stage.token_vault).__enter__())
            plan = [
                (stage, peer, number)
                for number in connections
                for peer in chosen
                if peers or number >= 64 or peer.name in _WITH_FEW
            ]
            plan += [(other, peer, 64) for other in stages[1:] for peer in chosen if peer.name in (OURS, "go")]
            _rounds(result, plan, floors, rounds, seconds)
            if OURS in {peer.name for peer in chosen}:
                # It needs many values to take its time.
                result["rotation"] = rotation.measure(stages[-1])
        finally:
            for other in stages[1:]:
                other.__exit__()
    return result


def _rounds(result: dict, plan, floors: Floors, rounds: int, seconds: int):
    started = time.monotonic()
    total = len(plan) * rounds
    for number in range(rounds):
        result["floors"].append(floors.measure(max(2, seconds // 2)))
        for stage, peer, connections in plan:
            turn = measure_turn(stage, peer, connections, seconds) | {"round": number}
            result["turns"].append(turn)
            done = len(result["turns"])
            left = (time.monotonic() - started) / done * (total - done)
            print(
                f"{done:3}/{total}, {left / 60:4.1f} min left: {connections} connections, {stage.tokens:,} tokens: "
                f"{peer.label}: {turn['rate']:,.0f} reads/s, p99 {turn['p99']:.1f} ms, "
                f"{turn['processor'] * 1e6:.0f} µs of processor, {turn['failed'] + turn['timeouts'] + turn['broken']} errors",
                flush=True,
            )


def report(result: dict) -> str:
    """As Markdown, which reads well in a terminal too; the last line is the summary."""
    figures = VaultFigures(result)
    return f"\n{figures.conditions()}\n\n{figures.goals()}\n\n{figures.tables()}\n{figures.summary()}"
