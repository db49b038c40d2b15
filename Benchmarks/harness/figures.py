"""Medians and ratios of a run's measurements."""

from statistics import median

from .peers import Load, all_peers

OURS = "token-page"
_MEDIANS = ("rate", "p50", "p99", "megabytes", "threads", "calls", "processorMicroseconds", "idle")
_SUMS = ("failed", "timeouts", "broken")


class Figures:
    """A saved run: its facts, and its measurements by load and peer."""

    def __init__(self, run: dict):
        self.facts = run["facts"]
        self.micro = run.get("micro", [])
        self.egress = run.get("egress", [])
        self.measurements = run["measurements"]
        self.loads = sorted({Load(m["delay"], m["browsers"]) for m in self.measurements}, key=_order)
        self.labels = {peer.name: peer.label for peer in all_peers()}

    def peers(self, load: Load) -> list[str]:
        present = {m["peer"] for m in self._of(load)}
        return [name for name in self.labels if name in present]

    def row(self, load: Load, peer: str) -> dict:
        rounds = [m for m in self._of(load) if m["peer"] == peer]
        row = {key: median(m[key] for m in rounds) for key in _MEDIANS}
        row |= {"errors": sum(m[key] for m in rounds for key in _SUMS), "size": rounds[-1]["size"]}
        row |= {"mostCalls": max(m["mostCalls"] for m in rounds)}
        return row | {"ratio": self.ratio(load, OURS, peer), "label": self.labels[peer]}

    def ratio(self, load: Load, peer: str, other: str) -> float | None:
        """Pages of one for each page of the other: the median of the rounds' own ratios."""
        rates = {name: self._rates(load, name) for name in (peer, other)}
        pairs = [(rates[peer][i], rates[other][i]) for i in rates[peer] if i in rates[other]]
        return median(a / b for a, b in pairs if b) if pairs else None

    def egress_rows(self) -> list[dict]:
        """Medians of both, with the requests of the plain one for each of egress: the median of the rounds' own ratios."""
        by_name = {}
        for measurement in self.egress:
            by_name.setdefault(measurement["name"], []).append(measurement)
        rows = []
        for rounds in by_name.values():
            row = {key: median(m[key] for m in rounds) for key in ("rate", "p50", "p99", "calls")}
            row |= {"label": rounds[0]["label"], "errors": sum(m[key] for m in rounds for key in _SUMS)}
            row["ratio"] = median(m["rate"] / plain["rate"] for m, plain in zip(rounds, by_name["plain"]))
            rows.append(row)
        return rows

    def _of(self, load: Load) -> list[dict]:
        return [m for m in self.measurements if (m["delay"], m["browsers"]) == (load.delay, load.browsers)]

    def _rates(self, load: Load, peer: str) -> dict[int, float]:
        return {m["round"]: m["rate"] for m in self._of(load) if m["peer"] == peer}


def _order(load: Load):
    return load.browsers, load.delay
