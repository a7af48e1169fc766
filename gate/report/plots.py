"""The summary's pictures: small inline SVG drawings, coloured by the page's own classes."""

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from load.bounds import Bound

WIDTH = 240
_BAR_Y, _BAR_HEIGHT, _HEIGHT = 5, 8, 18
DECADES_MS = (1.0, 10.0, 100.0, 1000.0, 10_000.0)


def value_bar(value: float | None, pass_bound: str, warn_bound: str, tone: str) -> Markup:
    """Draw a figure against its bounds: the bar is what was used, the marks are what is allowed.

    A share is drawn by what it lacks to 1, so that for every figure a shorter bar is better.
    """
    bounds = [bound for text in (pass_bound, warn_bound) if (bound := _bound(text))]
    if value is None or not bounds or all(_used(bound, bound.limit) == 0 for bound in bounds):
        return Markup("")
    marks = [_used(bound, bound.limit) for bound in bounds]
    used = _used(bounds[0], value)
    scale = max([used, *marks]) * 1.1
    parts = [_rect("track", 0, WIDTH), _rect(tone, 0, max(WIDTH * used / scale, 2))]
    parts += [
        _mark("mark" if at == 0 else "mark second", WIDTH * mark / scale) for at, mark in enumerate(marks)
    ]
    return _svg(
        parts, f"{value:g}, allowed {pass_bound}" + (f", tolerated {warn_bound}" if warn_bound else "")
    )


def share_bar(share: float, tone: str = "neutral", *, label: str) -> Markup:
    """Draw a share of a whole, 0 to 1."""
    return _svg([_rect("track", 0, WIDTH), _rect(tone, 0, WIDTH * min(max(share, 0.0), 1.0))], label)


def latency_plot(told_ms: Mapping[str, float]) -> Markup:
    """Draw the percentiles that are told on a scale whose steps are tenfold, the same for every row."""
    if not told_ms:
        return Markup("")
    grid = [
        f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{_HEIGHT}"/>'
        for x in map(_log_x, DECADES_MS)
    ]
    middle = _BAR_Y + _BAR_HEIGHT / 2
    low, high = _log_x(min(told_ms.values())), _log_x(max(told_ms.values()))
    span = f'<line class="span" x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}"/>'
    dots = [
        f'<circle class="{name}" cx="{_log_x(value):.1f}" cy="{middle}" r="4"/>'
        for name, value in told_ms.items()
    ]
    return _svg([*grid, span, *dots], ", ".join(f"{name} {value:.0f} ms" for name, value in told_ms.items()))


def latency_axis() -> Markup:
    """Draw the scale of the latency plots."""
    words = [
        f'<text x="{_log_x(value):.1f}" y="13" text-anchor="{anchor}">{word}</text>'
        for value, word, anchor in zip(
            DECADES_MS, ("1 ms", "10", "100", "1 s", "10 s"), ("start", *["middle"] * 3, "end"), strict=True
        )
    ]
    return _svg(words, "scale from 1 ms to 10 s, each step tenfold")


def _bound(text: str) -> Bound | None:
    try:
        bound = Bound.parse(text)
    except ValueError:
        return None
    return None if bound.relative else bound  # what it allows is not in the text


def _used(bound: Bound, value: float) -> float:
    return 1 - value if bound.operator == ">=" else value


def _log_x(value_ms: float) -> float:
    low, high = math.log10(DECADES_MS[0]), math.log10(DECADES_MS[-1])
    at = (math.log10(max(value_ms, DECADES_MS[0])) - low) / (high - low)
    return 5 + min(at, 1.0) * (WIDTH - 10)


def _rect(name: str, x: float, width: float) -> str:
    return (
        f'<rect class="{name}" x="{x:.1f}" y="{_BAR_Y}" width="{width:.1f}" height="{_BAR_HEIGHT}" rx="2"/>'
    )


def _mark(name: str, x: float) -> str:
    return f'<line class="{name}" x1="{x:.1f}" x2="{x:.1f}" y1="1" y2="{_HEIGHT - 1}"/>'


def _svg(parts: Sequence[str], label: str) -> Markup:
    head = f'<svg class="plot" viewBox="0 0 {WIDTH} {_HEIGHT}" role="img">'
    # every part is made above of numbers and our own words; only the label is given from outside
    return Markup("{}<title>{}</title>{}</svg>").format(Markup(head), label, Markup("".join(parts)))  # noqa: S704
