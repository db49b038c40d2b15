"""A run's pages a second as bars, one panel for each load: an SVG that needs nothing from elsewhere."""

from html import escape

from .figures import OURS, Figures

_PANEL_WIDTH, _ROW, _HEAD, _GAP, _MARGIN = 520, 24, 34, 26, 20
_LABEL_WIDTH, _VALUE_WIDTH = 290, 70
_COLORS = {OURS: "#0b63ce", "token-page-unshared": "#6ea8e8", "token-page-new": "#6ea8e8"}
_OTHERS = "#9aa3ad"


def chart(figures: Figures) -> str:
    """Two columns, few browsers to the left and many to the right; the delay grows downwards."""
    columns = sorted({load.browsers for load in figures.loads})
    delays = sorted({load.delay for load in figures.loads})
    parts, top = [], _MARGIN
    for delay in delays:
        row = [load for load in figures.loads if load.delay == delay]
        for load in row:
            left = _MARGIN + columns.index(load.browsers) * (_PANEL_WIDTH + _GAP)
            parts.append(_panel(figures, load, left, top))
        top += _HEAD + max(len(figures.peers(load)) for load in row) * _ROW + _GAP
    width = 2 * _MARGIN + len(columns) * (_PANEL_WIDTH + _GAP) - _GAP
    height = top - _GAP + _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="system-ui, sans-serif" font-size="13" role="img">\n'
        "<title>Pages a second, by delay of the vault and number of browsers</title>\n"
        f'<rect width="{width}" height="{height}" rx="8" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _panel(figures: Figures, load, left: int, top: int) -> str:
    rows = [(name, figures.row(load, name)) for name in figures.peers(load)]
    scale = (_PANEL_WIDTH - _LABEL_WIDTH - _VALUE_WIDTH) / max(row["rate"] for _, row in rows)
    title = f"{load.browsers:,} browsers, a vault that takes {load.delay} ms: pages a second"
    lines = [f'<text x="{left}" y="{top + 14}" font-weight="600" fill="#1b2430">{escape(title)}</text>']
    for i, (name, row) in enumerate(rows):
        y = top + _HEAD + i * _ROW
        x = left + _LABEL_WIDTH
        length = max(1, row["rate"] * scale)
        weight = ' font-weight="600"' if name == OURS else ""
        lines += [
            f'<text x="{x - 8}" y="{y + 13}" text-anchor="end" fill="#1b2430"{weight}>{escape(row["label"])}</text>',
            f'<rect x="{x}" y="{y}" width="{length:.1f}" height="{_ROW - 6}" rx="2" fill="{_COLORS.get(name, _OTHERS)}"/>',
            f'<text x="{x + length + 6:.1f}" y="{y + 13}" fill="#1b2430"{weight}>{row["rate"]:,.0f}</text>',
        ]
    return "\n".join(lines)
