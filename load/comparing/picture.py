"""The comparison as a page of its own: each change with its interval, on one scale."""

from collections.abc import Sequence
from html import escape

from load.comparing.findings import Comparison
from load.comparing.pairs import Difference, Said

WIDTH, LABEL, ROW, TOP = 960, 330, 22, 34
SCALE_SHARE = 0.30
COLOURS = {Said.WORSE: "#b3261e", Said.BETTER: "#17733f", Said.SAME: "#4a6fa5", Said.UNCLEAR: "#8a8f98"}
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem;
  color: #1c2430; background: #fff }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.1rem; margin: 1.6rem 0 .3rem }
svg { width: 100%; height: auto }
text { font: 13px system-ui, sans-serif; fill: #1c2430 } .soft { fill: #5a6675; color: #5a6675 }
.grid { stroke: #d9dee5 } .zero { stroke: #5a6675 } .band { fill: #eef1f5 }
"""


def page(comparison: Comparison, before: str, after: str, told: Sequence[str]) -> str:
    """Return the page as HTML that needs nothing else."""
    measures = list(dict.fromkeys(each.measure.name for each in comparison.differences))
    plots = [
        f"<h2>{escape(name)}</h2>"
        + _plot([each for each in comparison.differences if each.measure.name == name])
        for name in measures
    ]
    lines = "".join(f"<li>{escape(line)}</li>" for line in told)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Comparison</title>'
        f"<style>{_STYLE}</style></head><body>"
        f"<h1>{comparison.outcome}: {escape(before)} → {escape(after)}</h1>"
        f"<p class='soft'>{comparison.rounds} rounds in {comparison.elapsed_s:.0f} s; a bar is the interval "
        "of a change, the band is what is ignored; claimed is only what lies wholly outside of it.</p>"
        f"<ul>{lines}</ul>{''.join(plots)}</body></html>\n"
    )


def _plot(differences: Sequence[Difference]) -> str:
    height = TOP + ROW * len(differences) + 6
    ignored = differences[0].measure.ignored_share
    parts = [
        f'<rect class="band" x="{_x(-ignored):.1f}" y="{TOP - 6}" width="{_x(ignored) - _x(-ignored):.1f}" '
        f'height="{height - TOP}"/>'
    ]
    for mark in (-0.2, -0.1, 0.0, 0.1, 0.2):
        kind = "grid" if mark else "zero"
        parts.append(
            f'<line class="{kind}" x1="{_x(mark):.1f}" x2="{_x(mark):.1f}" y1="{TOP - 6}" y2="{height - 6}"/>'
        )
        label = f"{mark:+.0%}" if mark else "same"
        parts.append(f'<text class="soft" x="{_x(mark):.1f}" y="18" text-anchor="middle">{label}</text>')
    parts += [_row(each, TOP + ROW * number + ROW / 2) for number, each in enumerate(differences)]
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img">{"".join(parts)}</svg>'


def _row(each: Difference, y: float) -> str:
    ends = (each.low_share, each.high_share) if each.has_interval else (-SCALE_SHARE, SCALE_SHARE)
    colour, (low, high) = COLOURS[each.said], map(_x, ends)
    figures = f"{each.before:.3g} → {each.after:.3g} {each.measure.unit}"
    interval = f"{each.low_share:+.1%} to {each.high_share:+.1%}" if each.has_interval else "too few rounds"
    title = f"{each.operation}: {each.change_share:+.1%} ({interval})"
    text = f"{each.change_share:+.1%}  {figures}"
    return (
        f"<g><title>{escape(title)}</title>"
        f'<text x="0" y="{y + 4:.1f}">{escape(each.operation)}</text>'
        f'<text class="soft" x="{WIDTH}" y="{y + 4:.1f}" text-anchor="end">{escape(text)}</text>'
        f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}" stroke-width="7" '
        f'stroke-linecap="round" opacity="0.45"/>'
        f'<circle cx="{_x(each.change_share):.1f}" cy="{y:.1f}" r="4.5" fill="{colour}"/></g>'
    )


def _x(share: float) -> float:
    left, right = LABEL, WIDTH - 210
    within = min(max(share, -SCALE_SHARE), SCALE_SHARE)
    return left + (within + SCALE_SHARE) / (2 * SCALE_SHARE) * (right - left)
