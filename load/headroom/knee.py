"""The knee as a picture: rate against p50, p95, p99 and failures; needs nothing but itself."""

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape

from load.headroom.search import Held
from load.headroom.steps import Step

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 920, 430, 62, 70, 24, 78
LETTER_WIDE, LINE_HIGH, GAP = 7.5, 16, 4
COLOURS = {"p50": "#4a6fa5", "p95": "#8a5a00", "p99": "#b3261e"}
FAILED = "#6b3fa0"
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1c2430}.soft{fill:#5a6675}.grid{stroke:#d9dee5}"
    ".axis{stroke:#5a6675}.held{fill:#e7f4ec}.broke{fill:#fbe9e7}"
)


def knee(steps: Sequence[Step], contract_per_s: float, held: float | None, broke: float | None) -> str:
    """Return an SVG picture of all rates that were applied; one that was applied twice, as it was then."""
    last = {step.rate_per_s: step for step in steps if step.p50_ms is not None}
    shown = sorted(last.values(), key=lambda step: step.rate_per_s)
    if not shown:
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} 40"></svg>'
    x = _logarithmic([contract_per_s, *(step.rate_per_s for step in shown)], LEFT, WIDTH - RIGHT)
    times = [value for step in shown for value in (step.p50_ms, step.p99_ms) if value]
    y = _logarithmic(times, HEIGHT - BOTTOM, TOP)
    parts = [*_ground(x, held, broke), *_grid(y, times), _contract(x(contract_per_s))]
    curves = {
        name: [(x(step.rate_per_s), y(getattr(step, f"{name}_ms"))) for step in shown] for name in COLOURS
    }
    parts += [_line(points, COLOURS[name]) for name, points in curves.items()]
    parts += _names({name: points[-1] for name, points in curves.items()})
    parts += _failures(shown, x)
    parts += _rates(shown, x)
    parts.append(
        f'<text class="soft" x="{LEFT}" y="{HEIGHT - 6}">orders a second; with seconds where it was '
        "to be confirmed; bars: the share that failed</text>"
    )
    parts.append(f'<text class="soft" x="4" y="{TOP - 8}">ms, POST /v1/orders</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>Rate against latency</title><style>{_STYLE}</style>"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>{"".join(parts)}</svg>'
    )


def _ground(x: Callable[[float], float], held: float | None, broke: float | None) -> list[str]:
    low, high, bottom = LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = []
    if held is not None:
        width = x(held) - low
        parts.append(f'<rect class="held" x="{low}" y="{TOP}" width="{width:.1f}" height="{bottom - TOP}"/>')
    if broke is not None:
        left, width = x(broke), high - x(broke)
        parts.append(
            f'<rect class="broke" x="{left:.1f}" y="{TOP}" width="{width:.1f}" height="{bottom - TOP}"/>'
        )
    return parts


def _grid(y: Callable[[float], float], times: Sequence[float]) -> list[str]:
    low, high = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))
    parts = []
    for value in (times_ten * 10.0**power for power in range(low, high + 1) for times_ten in (1, 2, 5)):
        at = y(value)
        if TOP - 1 <= at <= HEIGHT - BOTTOM + 1:
            line = f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>'
            label = f'<text class="soft" x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{value:g}</text>'
            parts.append(line + label)
    return parts


def _contract(at: float) -> str:
    return (
        f'<line class="axis" stroke-dasharray="4 4" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" '
        f'y2="{HEIGHT - BOTTOM}"/><text class="soft" x="{at + 5:.1f}" y="{TOP + 14}">contract</text>'
    )


def _line(points: Sequence[tuple[float, float]], colour: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}'


def _failures(shown: Sequence[Step], x: Callable[[float], float]) -> list[str]:
    """Draw failures as bars from the ground; where there are none, none."""
    room = (HEIGHT - BOTTOM - TOP) / 3
    most = max((step.failed_share for step in shown), default=0.0)
    if not most:
        return []
    parts = []
    for step in shown:
        if step.failed_share:
            high = max(2.0, room * step.failed_share / most)
            at = x(step.rate_per_s)
            parts.append(
                f'<rect x="{at - 6:.1f}" y="{HEIGHT - BOTTOM - high:.1f}" width="12" height="{high:.1f}" '
                f'fill="{FAILED}" opacity="0.6"/><text x="{at + 9:.1f}" y="{HEIGHT - BOTTOM - 4}" '
                f'class="soft">{step.failed_share:.1%}</text>'
            )
    return parts


def _names(ends: Mapping[str, tuple[float, float]]) -> list[str]:
    """Write each curve's name at its end, or above the name below it."""
    parts, free = [], float("inf")
    for name, (x, y) in sorted(ends.items(), key=lambda end: -end[1][1]):
        free = min(y + 4, free)
        parts.append(f'<text x="{x + 10:.1f}" y="{free:.1f}">{name}</text>')
        free -= LINE_HIGH
    return parts


def _rates(shown: Sequence[Step], x: Callable[[float], float]) -> list[str]:
    """Write each rate below its points, in the first line where it meets no other."""
    parts, ends = list[str](), list[float]()
    for step in shown:
        words = f"{step.rate_per_s:.3g}, {step.seconds:g} s" if step.confirms else f"{step.rate_per_s:.3g}"
        at, half = x(step.rate_per_s), len(words) * LETTER_WIDE / 2 + GAP
        line = next((number for number, end in enumerate(ends) if end < at - half), len(ends))
        ends[line:] = [at + half, *ends[line + 1 :]]
        parts.append(_rate(step, words, at, HEIGHT - BOTTOM + 18 + line * LINE_HIGH))
    return parts


def _rate(step: Step, words: str, at: float, low: float) -> str:
    told = {Held.YES: "held", Held.NO: "broke", Held.UNKNOWN: "?"}[step.held]
    return (
        f'<text x="{at:.1f}" y="{low}" text-anchor="middle">{words}'
        f"<title>{escape(step.why or told)}</title></text>"
    )


def _logarithmic(values: Sequence[float], start: float, end: float) -> Callable[[float], float]:
    low, high = math.log(min(values) / 1.15), math.log(max(values) * 1.15)
    return lambda value: start + (math.log(max(value, 1e-9)) - low) / (high - low) * (end - start)
