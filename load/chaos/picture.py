"""Faults and what was felt of them, second by second, as a picture. SVG, alone."""

import math
from collections.abc import Callable, Sequence
from html import escape

from load.chaos.nemesis import Happened
from load.chaos.seconds import Second

WIDTH, LEFT, RIGHT, TOP, LANE = 960, 96, 24, 70, 22
BARS, TIMES, GAP = 150, 150, 34
COLOURS = {"kill": "#b3261e", "pause": "#8a5a00", "end": "#6b3fa0"}
WORDS = {"kill": "killed", "pause": "frozen", "end": "ended in order"}
ANSWERED, FAILED, ANSWERS, WAITS = "#9db7d8", "#1c2430", "#4a6fa5", "#17733f"
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1c2430}.soft{fill:#5a6675}.grid{stroke:#d9dee5}"
    ".line{fill:none;stroke-width:1.8}"
)
Scale = Callable[[float], float]


def picture(name: str, seconds: Sequence[Second], happened: Sequence[Happened]) -> str:
    """Return the picture: a lane for each process, requests and failures of each second, and their times."""
    moments = [*(float(each.at) for each in seconds), *(each.ended for each in happened)] or [0.0, 1.0]
    began, ended = min(moments), max(moments) + 1
    lanes = list(dict.fromkeys(each.fault.process for each in happened))
    bars_top = TOP + LANE * len(lanes) + GAP
    times_top = bars_top + BARS + GAP
    height = times_top + TIMES + 44

    def x(at: float) -> float:
        return LEFT + (at - began) / (ended - began) * (WIDTH - LEFT - RIGHT)

    parts = [
        f'<text x="{LEFT}" y="21" font-weight="600">{escape(name)}: {_faults(len(happened))}</text>',
        *_legend(),
        *_shades(happened, x, times_top + TIMES),
        *_lanes(lanes, happened, x),
        *_bars(seconds, x, bars_top),
        *_times(seconds, x, times_top),
        *_axis(began, ended, x, height),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
        f"<title>{escape(name)}: faults, and what was felt of them</title><style>{_STYLE}</style>"
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>{"".join(parts)}</svg>'
    )


def _faults(count: int) -> str:
    return f"{count} fault{'s'[: count != 1]}"


def _legend() -> list[str]:
    words = [(WORDS[kind], colour) for kind, colour in COLOURS.items()]
    words += [("answered", ANSWERED), ("failed", FAILED)]
    words += [("answer, p90", ANSWERS), ("way to MES and price, p90", WAITS)]
    parts, left = [], LEFT
    for text, colour in words:
        parts.append(f'<rect x="{left}" y="36" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{left + 17}" y="47">{text}</text>')
        left += 34 + round(7.2 * len(text))
    return parts


def _shades(happened: Sequence[Happened], x: Scale, bottom: float) -> list[str]:
    return [
        f'<rect x="{x(each.began):.1f}" y="{TOP}" width="{x(each.ended) - x(each.began):.1f}" '
        f'height="{bottom - TOP:.1f}" fill="{COLOURS[each.fault.kind]}" opacity="0.07"/>'
        for each in happened
    ]


def _lanes(lanes: Sequence[str], happened: Sequence[Happened], x: Scale) -> list[str]:
    parts = []
    for place, process in enumerate(lanes):
        y = TOP + LANE * place
        parts.append(f'<text x="{LEFT - 10}" y="{y + 15}" text-anchor="end">{process}</text>')
        parts += [
            f'<rect x="{x(each.began):.1f}" y="{y + 4}" width="{max(x(each.ended) - x(each.began), 3):.1f}" '
            f'height="{LANE - 8}" rx="3" fill="{COLOURS[each.fault.kind]}">'
            f"<title>{each.fault} for {each.ended - each.began:.1f} s</title></rect>"
            for each in happened
            if each.fault.process == process
        ]
    return parts


def _bars(seconds: Sequence[Second], x: Scale, top: float) -> list[str]:
    most = max((each.requests for each in seconds), default=0) or 1
    parts = [f'<text class="soft" x="{LEFT}" y="{top - 6}">requests begun in each second</text>']
    parts += _level(top, f"{most}") + _level(top + BARS, "0")
    for each in seconds:
        high, failed = (BARS * count / most for count in (each.requests, min(each.failures, each.requests)))
        left, wide = x(each.at), max(x(each.at + 1) - x(each.at) - 1, 0.5)
        parts.append(_bar(left, top + BARS - high, wide, high, ANSWERED))
        parts.append(_bar(left, top + BARS - failed, wide, failed, FAILED))
    return parts


def _bar(left: float, top: float, wide: float, high: float, colour: str) -> str:
    return f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{high:.1f}" fill="{colour}"/>'


def _times(seconds: Sequence[Second], x: Scale, top: float) -> list[str]:
    known = [value for each in seconds for value in (each.p90_ms, each.waits_p90_ms) if value]
    low, high = 0, max(3, math.ceil(math.log10(max(known, default=1000.0))))

    def y(time_ms: float) -> float:
        return top + TIMES * (1 - (math.log10(max(time_ms, 1.0)) - low) / (high - low))

    parts = [f'<text class="soft" x="{LEFT}" y="{top - 6}">how long what begins in that second takes</text>']
    for power in range(low, high + 1):
        parts += _level(y(10.0**power), f"{10**power} ms" if power < 3 else f"{10 ** (power - 3)} s")
    for colour, of in ((ANSWERS, "p90_ms"), (WAITS, "waits_p90_ms")):
        points = [(each.at, getattr(each, of)) for each in seconds if getattr(each, of) is not None]
        for stretch in _stretches(points):
            drawn = " ".join(f"{x(at + 0.5):.1f},{y(value):.1f}" for at, value in stretch)
            parts.append(f'<polyline class="line" stroke="{colour}" points="{drawn}"/>')
    return parts


def _stretches(points: Sequence[tuple[int, float]]) -> list[list[tuple[int, float]]]:
    """Split a line where a second gave nothing: nobody knows what lies between."""
    found: list[list[tuple[int, float]]] = []
    for at, value in points:
        if not found or at > found[-1][-1][0] + 1:
            found.append([])
        found[-1].append((at, value))
    return found


def _level(y: float, words: str) -> list[str]:
    return [
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>',
        f'<text class="soft" x="{LEFT - 10}" y="{y + 4:.1f}" text-anchor="end">{words}</text>',
    ]


def _axis(began: float, ended: float, x: Scale, height: float) -> list[str]:
    step = max(5, math.ceil((ended - began) / 12 / 5) * 5)
    return [
        f'<text class="soft" x="{x(began + at):.1f}" y="{height - 14}" text-anchor="middle">{at} s</text>'
        for at in range(0, int(ended - began) + 1, step)
    ]
