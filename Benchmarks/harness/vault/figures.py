"""Medians and ratios of a run's turns, as tables."""

from statistics import median

from ..tables import table
from . import floors, rotation
from .peers import OURS, POSTGRES, all_peers

_MEDIANS = ("rate", "p50", "p99", "processor", "megabytes", "threads")
_SUMS = ("failed", "timeouts", "broken")
# What is aimed at with 64 connections.
_RATE, _P99, _AMONG_MANY, _ON_POSTGRES = 6000, 25, 0.9, 0.5


class VaultFigures:
    def __init__(self, run: dict):
        self.facts = run["facts"]
        self.floors = run["floors"]
        self.turns = run["turns"]
        self.rotation = run.get("rotation")
        self.labels = {peer.name: peer.label for peer in all_peers()}
        self.loads = sorted({(turn["tokens"], turn["connections"]) for turn in self.turns})

    def row(self, load: tuple[int, int], peer: str) -> dict | None:
        turns = self._of(load, peer)
        if not turns:
            return None
        row = {key: median(turn[key] for turn in turns) for key in _MEDIANS}
        return row | {
            "errors": sum(turn[key] for turn in turns for key in _SUMS),
            "ratio": self.ratio(load, OURS, load, peer),
            "cost": self.ratio(load, peer, load, OURS, key="processor"),
        }

    def ratio(self, load, peer, other_load, other, key="rate") -> float | None:
        """The median of the rounds' own ratios."""
        others = {turn["round"]: turn[key] for turn in self._of(other_load, other)}
        pairs = [(turn[key], others.get(turn["round"])) for turn in self._of(load, peer)]
        ratios = [mine / theirs for mine, theirs in pairs if theirs]
        return median(ratios) if ratios else None

    def floor(self, name: str) -> float | None:
        rates = [rates[name] for rates in self.floors if name in rates]
        return median(rates) if rates else None

    def conditions(self) -> str:
        run = self.facts
        return (
            f"{run['date']}, {run['machine']}; {run['versions']}. {run['rounds']} rounds of {run['seconds']:g} s each, after "
            f"{run['warmUp']} s of warming up. Load of the machine before it began: {run['load']:.1f}"
            + (", so something else was busy and the figures are rough." if run["load"] > 0.5 else ".")
        )

    def tables(self) -> str:
        parts = [self._floors()]
        for tokens, connections in self.loads:
            parts.append(f"#### {connections:,} connection{'s' if connections > 1 else ''}, {tokens:,} tokens\n")
            rows = []
            for name, label in self.labels.items():
                row = self.row((tokens, connections), name)
                if row:
                    rows.append(_cells(label, row, is_ours=name == OURS))
            columns = ("", "reads/s", "ours ÷ this", "p50 ms", "p99 ms", "processor µs a read", "errors", "memory MB", "threads")
            parts.append(table(columns, rows) + "\n")
        if self.rotation:
            parts.append("#### While `key rotate` seals everything anew\n")
            parts.append(self._rotation())
        return "\n".join(parts)

    def _rotation(self) -> str:
        run = self.rotation
        columns = ("values of", "asked for", "reads/s before", "during", "lowest 3 s", "p99 ms, highest", "failed", "s")
        asked = f"{rotation.CONNECTIONS * 1000 / rotation.PAUSE_MS:,.0f}/s at most"
        row = (f"{run['tokens']:,} tokens", asked, f"{run['before']:,.0f}", f"{run['rate']:,.0f}", f"{run['lowest']:,.0f}")
        return table(columns, [(*row, f"{run['p99']:.0f}", f"{run['failed']:,}", f"{run['seconds']}")]) + "\n"

    def goals(self) -> str:
        few = min((load for load in self.loads if load[1] == 64), default=None)
        if few is None:
            return ""
        row = self.row(few, OURS)
        rows = []

        def add(text, value, wanted, unit="", at_most=False):
            if value is not None:
                met = value <= wanted if at_most else value >= wanted
                words = f"{'at most' if at_most else 'at least'} {wanted:,g}{unit}"
                rows.append((text, words, f"{value:,.3g}{unit}" if value < 1000 else f"{value:,.0f}{unit}", "yes" if met else "no"))

        if row:
            add("64 connections: reads a second, each in the audit on the disk", row["rate"], _RATE)
            add("64 connections: p99", row["p99"], _P99, " ms", at_most=True)
        for peer in ("go", "go-fcgi", "python"):
            add(f"64 connections: reads ÷ {self.labels[peer]}", self.ratio(few, OURS, few, peer), 1, " ×")
        add("64 connections: reads on PostgreSQL ÷ on SQLite", self.ratio(few, POSTGRES, few, OURS), _ON_POSTGRES, " ×")
        many = max(load for load in self.loads if load[1] == 64)
        if many != few:
            text = f"64 connections: reads with {many[0]:,} tokens ÷ with {few[0]:,}"
            add(text, self.ratio(many, OURS, few, OURS), _AMONG_MANY, " ×")
        if self.rotation:
            add("reads a second during `key rotate`, lowest of 3 s", self.rotation["lowest"], rotation.WANTED)
            add("reads that failed during it", self.rotation["failed"], 0, at_most=True)
        return table(("goal", "wanted", "here", "met"), rows)

    def summary(self) -> str:
        few = min((load for load in self.loads if load[1] == 64), default=None)
        row = self.row(few, OURS) if few else None
        if not row:
            return "vault: not measured with 64 connections"
        ratio = self.ratio(few, OURS, few, "go")
        beside = f", {ratio:.2f} × Go" if ratio else ""
        return (
            f"vault, 64 connections: {row['rate']:,.0f} reads/s, p99 {row['p99']:.1f} ms, "
            f"{row['processor'] * 1e6:.0f} µs of processor a read{beside}; {self.floor('fsync'):,.0f} fsyncs/s here"
        )

    def _floors(self) -> str:
        rows = [(label, f"{self.floor(name):,.0f}") for name, label in floors.LABELS.items() if self.floor(name)]
        return table(("what the machine allows", "a second"), rows) + "\n"

    def _of(self, load: tuple[int, int], peer: str) -> list[dict]:
        return [turn for turn in self.turns if (turn["tokens"], turn["connections"]) == load and turn["peer"] == peer]


def _cells(label: str, row: dict, is_ours: bool) -> tuple[str, ...]:
    return (
        label,
        f"{row['rate']:,.0f}",
        "" if is_ours else f"{row['ratio']:.2f}" if row["ratio"] else "",
        f"{row['p50']:.1f}",
        f"{row['p99']:.1f}",
        f"{row['processor'] * 1e6:.0f}",
        f"{row['errors']:,}",
        f"{row['megabytes']:.0f}",
        f"{row['threads']:.0f}",
    )
