"""What the dashboard owes its operators, held against what was measured; pure."""

from collections.abc import Mapping
from typing import NamedTuple

FIRST_BYTE_P95_MS = 30.0
ROWS_VISIBLE_P95_MS = 300.0
MOST_GROWTH = 1.2
LEAST_RATIO = 10.0
FILLED_WITHIN_S = 15.0
FILLED_FOR_ORDERS = 1_000_000
Summary = Mapping[str, float]


class Figures(NamedTuple):
    """What was measured of each variant, by its name: short, long, undone."""

    orders: Mapping[str, int]
    filled_s: Mapping[str, float]
    first_byte_ms: Mapping[str, Summary]
    rows_visible_ms: Mapping[str, Summary]


class Judged(NamedTuple):
    """One target, what was seen of it, and whether it was met."""

    name: str
    seen: float
    wanted: str
    is_met: bool


def judged(figures: Figures) -> list[Judged]:
    """Hold the figures against the targets; growth and ratio are of medians: busy moments move them least."""
    first, rows = figures.first_byte_ms, figures.rows_visible_ms
    found = [
        _at_most("first byte, long history, p95 in ms", first["long"]["p95"], FIRST_BYTE_P95_MS),
        _at_most("rows visible, long history, p95 in ms", rows["long"]["p95"], ROWS_VISIBLE_P95_MS),
        _at_most("first byte, growth from short to long", _ratio(first, "long", "short"), MOST_GROWTH),
        _at_most("rows visible, growth from short to long", _ratio(rows, "long", "short"), MOST_GROWTH),
    ]
    if figures.orders["long"] <= FILLED_FOR_ORDERS:
        found.append(_at_most("long history filled, in s", figures.filled_s["long"], FILLED_WITHIN_S))
    if "undone" in first:
        ratio = _ratio(first, "undone", "long")
        found.append(Judged("first byte, undone to long", ratio, f">= {LEAST_RATIO:g}", ratio >= LEAST_RATIO))
        seen = _ratio(rows, "undone", "long")
        found.append(Judged("rows visible, undone to long", seen, "told, not judged", is_met=True))
    return found


def _at_most(name: str, seen: float, bound: float) -> Judged:
    return Judged(name, seen, f"<= {bound:g}", seen <= bound)


def _ratio(of: Mapping[str, Summary], one: str, other: str) -> float:
    return round(of[one]["p50"] / of[other]["p50"], 2)
