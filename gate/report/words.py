"""Figures and bounds in the words that people use."""

from gate.criteria import Criterion
from load.bounds import Bound

_SIGNS = {"<=": "≤", ">=": "≥", "==": "="}


def milliseconds(value: float | None) -> str:
    """Say a duration: 0.4 ms, 84 ms, 1.25 s; a dash where it cannot be told."""
    if value is None:
        return "–"
    if value >= 1000:
        return f"{value / 1000:.2f} s"
    return f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"


def megabytes(size_bytes: float) -> str:
    """Say a size, or a dash where none was measured."""
    return f"{size_bytes / 1e6:.0f} MB" if size_bytes else "–"


def value(criterion: Criterion) -> str:
    """Say a criterion's figure: 84 ms, 99.20 %, 3 of 4 tests passed."""
    if criterion.value is None:
        return "–"
    match criterion.unit:
        case "ms":
            return milliseconds(criterion.value)
        case "share":
            return f"{criterion.value:.2%}"
        case unit:
            return f"{criterion.value:g} {unit}".strip()


def bound(text: str) -> str:
    """Say a bound: p95 ≤ 300 ms."""
    try:
        parsed = Bound.parse(text)
    except ValueError:
        return text
    limit = f"{parsed.limit:.2%}" if parsed.unit == "share" else f"{parsed.limit:g} {parsed.unit}"
    return f"{parsed.metric} {_SIGNS[parsed.operator]} {limit}"


def headroom(share: float) -> str:
    """Say how much of what is allowed is left, or by how much it was exceeded."""
    return f"{share:.0%} left" if share >= 0 else f"{-share:.0%} over"


def capital(words: str) -> str:
    """Begin with a capital letter."""
    return words[:1].upper() + words[1:]
