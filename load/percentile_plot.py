"""Percentiles as a picture: each operation's latency from its intended start, and as it was served.

The way to the right is tenfold with each nine: a tail that an average hides is half of the picture.
"""

import math
from collections.abc import Mapping, Sequence
from html import escape

from load.histogram import Histogram

_WIDTH, _HEIGHT, _LEFT, _TOP, _LINE = 900, 420, 70, 30, 20
_NINES = (0, 50, 90, 99, 99.9, 99.99, 99.999)
_COLOURS = ("#0b5cad", "#b3261e", "#00796b", "#8e5a00", "#6a1b9a", "#455a64", "#ad1457", "#33691e")
_STEPS = 240
_STYLE = (
    "svg{font:13px system-ui,sans-serif;background:#fff}.grid{stroke:#ddd}.axis{stroke:#555}"
    ".curve{fill:none;stroke-width:2}.service{stroke-dasharray:4 4;stroke-width:1.5}"
)

Curves = Mapping[tuple[str, str], Histogram]


def percentile_svg(curves: Curves, title: str = "Latency by percentile") -> str:
    """Draw histograms of (operation, `latency` or `service`), the busiest operations first."""
    operations = _busiest(curves)
    drawn = {key: each for key, each in curves.items() if key[0] in operations and each.count}
    most = max((each.count for each in drawn.values()), default=10)
    nines = max(1.0, min(5.0, math.log10(most)))
    low, high = _decades(list(drawn.values()))
    bottom = _TOP + _HEIGHT
    height = bottom + 50 + _LINE * (len(operations) + 1)
    parts = [f'<text x="{_LEFT}" y="18" font-size="15">{escape(title)}</text>']
    parts += _axes(nines, low, high)
    for number, operation in enumerate(operations):
        colour = _COLOURS[number]
        for kind in ("latency", "service"):
            if (operation, kind) in drawn:
                parts.append(_curve(drawn[operation, kind], kind, colour, (nines, low, high)))
        y = bottom + 52 + _LINE * number
        told = f"{escape(operation)} — {_told(curves.get((operation, 'latency'), Histogram()))}"
        parts.append(f'<rect x="{_LEFT}" y="{y - 10}" width="18" height="4" fill="{colour}"/>')
        parts.append(f'<text x="{_LEFT + 26}" y="{y}">{told}</text>')
    note = "solid: from the intended start; dashed: from when it was sent"
    parts.append(f'<text x="{_LEFT}" y="{height - 10}" fill="#555">{note}</text>')
    width = _LEFT + _WIDTH + 20
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"><style>{_STYLE}</style>'
    return f"{head}{''.join(parts)}</svg>"


def percentile_page(curves: Curves, title: str) -> str:
    """Return the picture as a page that opens without anything else."""
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
    return f"{head}<body>{percentile_svg(curves, title)}</body></html>\n"


def _busiest(curves: Curves) -> list[str]:
    counts: dict[str, int] = {}
    for (operation, _), each in curves.items():
        counts[operation] = max(counts.get(operation, 0), each.count)
    return sorted(counts, key=lambda operation: (-counts[operation], operation))[: len(_COLOURS)]


def _told(histogram: Histogram) -> str:
    figures = ", ".join(f"p{each:g} {_ms(histogram.value_at(each))}" for each in (50, 95, 99, 99.9))
    return f"{histogram.count:,} requests: {figures}"


def _ms(value: float) -> str:
    return f"{value:.3g} ms" if value < 1000 else f"{value / 1000:.3g} s"


def _decades(histograms: Sequence[Histogram]) -> tuple[int, int]:
    lowest = min((each.value_at(0) for each in histograms), default=1.0)
    highest = max((each.value_at(100) for each in histograms), default=10.0)
    low = math.floor(math.log10(max(lowest, 0.001)))
    return low, max(low + 1, math.ceil(math.log10(max(highest, 0.001))))


def _axes(nines: float, low: int, high: int) -> list[str]:
    bottom, right = _TOP + _HEIGHT, _LEFT + _WIDTH
    parts = []
    for percentile in _NINES:
        if (x := _x(percentile, nines)) <= right + 1:
            parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom}"/>')
            parts.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{percentile:g} %</text>')
    for decade in range(low, high + 1):
        y = _y(10.0**decade, low, high)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{_ms(10.0**decade)}</text>')
    parts.append(f'<path class="axis" fill="none" d="M{_LEFT} {_TOP}V{bottom}H{right}"/>')
    return parts


def _curve(histogram: Histogram, kind: str, colour: str, scale: tuple[float, int, int]) -> str:
    nines, low, high = scale
    reach = min(nines, math.log10(max(histogram.count, 2)))
    points = []
    for step in range(_STEPS + 1):
        percentile = 100 * (1 - 10 ** (-reach * step / _STEPS))
        x, y = _x(percentile, nines), _y(histogram.value_at(percentile), low, high)
        points.append(f"{x:.1f},{y:.1f}")
    shape = "curve service" if kind == "service" else "curve"
    return f'<polyline class="{shape}" stroke="{colour}" points="{" ".join(points)}"/>'


def _x(percentile: float, nines: float) -> float:
    return _LEFT + _WIDTH * -math.log10(max(1 - percentile / 100, 1e-12)) / nines


def _y(value_ms: float, low: int, high: int) -> float:
    at = (math.log10(max(value_ms, 10.0**low)) - low) / (high - low)
    return _TOP + _HEIGHT * (1 - at)
