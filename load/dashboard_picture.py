"""What operators in browsers saw while the load ran, as a picture: each look over time. SVG, alone."""

import math
from collections.abc import Sequence

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 920, 360, 62, 24, 40, 40
COLOURS = {
    "dashboard_first_byte": ("first byte", "#4a6fa5"),
    "dashboard_rows": ("rows visible", "#17733f"),
    "dashboard_interaction": ("interaction to next paint", "#b3261e"),
}
_STYLE = "text{font:13px system-ui,sans-serif;fill:#1c2430}.soft{fill:#5a6675}.grid{stroke:#d9dee5}"
Seen = Sequence[tuple[str, float, float]]


def picture(seen: Seen) -> str:
    """Return the picture of what was seen: which figure, at which second since the epoch, and its ms."""
    began = min((at for _, at, _ in seen), default=0.0)
    lasted = max((at - began for _, at, _ in seen), default=1.0) or 1.0
    times = [max(time_ms, 1.0) for _, _, time_ms in seen] or [1.0, 1000.0]
    low, high = math.log10(min(times) / 1.3), math.log10(max(times) * 1.3)

    def x(at: float) -> float:
        return LEFT + (at - began) / lasted * (WIDTH - LEFT - RIGHT)

    def y(time_ms: float) -> float:
        share = (math.log10(max(time_ms, 1.0)) - low) / (high - low)
        return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)

    values = [times_ten * 10.0**power for power in range(5) for times_ten in (1, 2, 5)]
    parts = [_level(value, y(value)) for value in values if low <= math.log10(value) <= high]
    parts += [
        f'<text class="soft" x="{x(began + at):.1f}" y="{HEIGHT - 16}" text-anchor="middle">{at} s</text>'
        for at in range(0, int(lasted) + 1, max(1, math.ceil(lasted / 8)))
    ]
    parts += [_legend(place, *each) for place, each in enumerate(COLOURS.values())]
    parts += [
        f'<circle cx="{x(at):.1f}" cy="{y(time_ms):.1f}" r="3.5" fill="{COLOURS[name][1]}" opacity="0.75"/>'
        for name, at, time_ms in seen
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>The dashboard in a browser while the load ran, ms</title><style>{_STYLE}</style>"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/><text class="soft" x="8" y="20">ms</text>'
        f"{''.join(parts)}</svg>"
    )


def _level(value: float, y: float) -> str:
    return (
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="soft" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>'
    )


def _legend(place: int, words: str, colour: str) -> str:
    left = LEFT + 12 + place * 170
    return f'<circle cx="{left}" cy="16" r="5" fill="{colour}"/><text x="{left + 10}" y="20">{words}</text>'
