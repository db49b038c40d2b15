"""A run's figures as Markdown, which reads well in a terminal too."""

from .figures import OURS, Figures

_COLUMNS = (
    ("", "pages/s", "ours ÷ this", "processor µs a page", "machine idle", "p50 ms", "p99 ms", "errors", "memory MB")
    + ("threads", "calls a page", "calls at once")
)


def tables(figures: Figures) -> str:
    parts = []
    for load in figures.loads:
        parts.append(f"### Vault {load.delay} ms, {load.browsers:,} browsers\n")
        rows = [_cells(name, figures.row(load, name)) for name in figures.peers(load)]
        parts.append(table(_COLUMNS, rows) + "\n")
    if figures.egress:
        parts.append("### Egress, 64 programs, an API without TLS\n")
        rows = [
            (row["label"], f"{row['rate']:,.0f}", f"{row['ratio']:.2f}", f"{row['p50']:.1f}", f"{row['p99']:.1f}")
            + (f"{row['errors']:,}", f"{row['calls']:,.0f}")
            for row in figures.egress_rows()
        ]
        columns = ("", "requests/s", "÷ plain", "p50 ms", "p99 ms", "errors", "calls of the vault")
        parts.append(table(columns, rows) + "\n")
    if figures.micro:
        parts.append("### Inside\n")
        rows = [(m["name"], f"{m['nanoseconds']:,.0f}", f"{m['allocations']:,.1f}") for m in figures.micro]
        parts.append(table(("", "ns", "allocations"), rows) + "\n")
    return "\n".join(parts)


def facts(figures: Figures) -> str:
    run = figures.facts
    return (
        f"{run['date']}, {run['machine']}; {run['versions']}. {run['rounds']} rounds of {run['seconds']:g} s each, "
        f"after {run['warmUp']} s of warming up. The back end alone answers "
        f"{run['backendCeiling']:,.0f} calls a second here. Load of the machine before it began: {run['load']:.1f}"
        + (", so something else was busy and the figures are rough." if run["load"] > 0.5 else ".")
    )


def goals(figures: Figures) -> str:
    """What is aimed at, and what this run has of it."""
    rows = []

    def add(text: str, value: float | None, wanted: float, unit="", at_most=False):
        if value is None:
            return
        met = value <= wanted if at_most else value >= wanted
        rows.append((text, f"{'at most' if at_most else 'at least'} {wanted:g}{unit}", f"{value:.3g}{unit}", "yes" if met else "no"))

    def ratio(delay: int, browsers: int, peer: str, ours=OURS):
        load = next((l for l in figures.loads if (l.delay, l.browsers) == (delay, browsers)), None)
        return figures.ratio(load, ours, peer) if load else None

    for peer, wanted in (("c-kept", 1.3), ("c", 1.3), ("go-kept", 4), ("go", 4), ("php-curl", 4), ("constant-kept", 0.5)):
        add(f"vault 0 ms, 64 browsers: pages ÷ {figures.labels[peer]}", ratio(0, 64, peer), wanted, " ×")
    add(
        f"vault 0 ms, 64 browsers, a connection a page: pages ÷ {figures.labels['constant']}",
        ratio(0, 64, "constant", ours="token-page-new"),
        0.6,
        " ×",
    )
    for peer in ("c-kept", "c"):
        add(f"vault 0 ms, 16 browsers: pages ÷ {figures.labels[peer]}", ratio(0, 16, peer), 1, " ×")
    for browsers in (16, 64):
        load = next((l for l in figures.loads if (l.delay, l.browsers) == (0, browsers)), None)
        if load and OURS in figures.peers(load):
            idle = 100 * figures.row(load, OURS)["idle"]
            add(f"vault 0 ms, {browsers} browsers: machine idle", idle, 10, " %", at_most=True)
    for peer in ("c-kept", "c"):
        add(f"vault 100 ms, 1,000 browsers: pages ÷ {figures.labels[peer]}", ratio(100, 1000, peer), 1, " ×")
    busy = next((l for l in figures.loads if (l.delay, l.browsers) == (100, 1000)), None)
    if busy and OURS in figures.peers(busy):
        row = figures.row(busy, OURS)
        for text, key, wanted, unit in (
            ("p99", "p99", 150, " ms"),
            ("memory", "megabytes", 80, " MB"),
            ("threads", "threads", 20, ""),
            ("errors", "errors", 0, ""),
        ):
            add(f"vault 100 ms, 1,000 browsers: {text}", row[key], wanted, unit, at_most=True)
    for peer in ("go-kept", "php-kept"):
        value = ratio(20, 64, peer, ours="token-page-unshared")
        add(f"calls not shared, vault 20 ms, 64 browsers: pages ÷ {figures.labels[peer]}", value, 1, " ×")
    for micro in figures.micro:
        if micro.get("most") is not None:
            add(f"{micro['name']}", micro["nanoseconds"], micro["most"], " ns", at_most=True)
        if micro.get("mostAllocations") is not None:
            add(f"{micro['name']}: allocations", micro["allocations"], micro["mostAllocations"], at_most=True)
    return table(("goal", "wanted", "here", "met"), rows)


def summary(figures: Figures) -> str:
    """One line: how the page stands beside the fastest other that calls the vault, for each load."""
    parts = []
    for load in figures.loads:
        others = [name for name in figures.peers(load) if not name.startswith((OURS, "constant"))]
        if OURS not in figures.peers(load) or not others:
            continue
        fastest = max(others, key=lambda name: figures.row(load, name)["rate"])
        row = figures.row(load, OURS)
        parts.append(
            f"{load.label}: {row['rate']:,.0f} pages/s, {row['processorMicroseconds']:.0f} µs a page, "
            f"{figures.ratio(load, OURS, fastest):.2f} × {figures.labels[fastest]}"
        )
    return "In short: " + "; ".join(parts) + "."


def _cells(name: str, row: dict) -> tuple[str, ...]:
    ratio = "" if name == OURS or row["ratio"] is None else f"{row['ratio']:.2f}"
    return (
        row["label"],
        f"{row['rate']:,.0f}",
        ratio,
        f"{row['processorMicroseconds']:.0f}",
        f"{row['idle']:.0%}",
        f"{row['p50']:.1f}",
        f"{row['p99']:.1f}",
        f"{row['errors']:,}",
        f"{row['megabytes']:.0f}",
        f"{row['threads']:.0f}",
        f"{row['calls']:.3f}",
        f"{row['mostCalls']:,}",
    )


def table(columns, rows) -> str:
    widths = [max(len(str(row[i])) for row in [columns, *rows]) for i in range(len(columns))]

    def line(cells):
        return "| " + " | ".join(
            str(cell).ljust(width) if i == 0 else str(cell).rjust(width)
            for i, (cell, width) in enumerate(zip(cells, widths))
        ) + " |"

    rule = "|" + "|".join("-" * (width + 2) if i == 0 else "-" * (width + 1) + ":" for i, width in enumerate(widths)) + "|"
    return "\n".join([line(columns), rule, *map(line, rows)])
