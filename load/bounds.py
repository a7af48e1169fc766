"""Bounds of objectives: the small language `p99 <= 300`, `share >= 0.999`, `ratio <= 2`, `count == 0`."""

import math
import re
from dataclasses import dataclass

DURATIONS = ("p50", "p90", "p95", "p99", "max", "mean")
_GRAMMAR = re.compile(r"^\s*(p50|p90|p95|p99|max|mean|share|ratio|count)\s*(<=|>=|==)\s*(\d+(?:\.\d+)?)\s*$")
_OPERATORS = {"share": ">=", "ratio": "<="} | dict.fromkeys(DURATIONS, "<=")
ALLOWED = (
    '"p99 <= 300" (or p50, p90, p95, max, mean; ms), "share >= 0.999" (0 to 1), "ratio <= 2", '
    '"count == 0", "count <= 2"'
)


@dataclass(frozen=True)
class Bound:
    """One side of an objective: which figure, which way, how much.

    Units: ms for durations, a share from 0 to 1, how many times as much, or a count.
    """

    metric: str
    operator: str
    limit: float

    @classmethod
    def parse(cls, text: str) -> "Bound":
        """Read a bound as it stands in objectives.toml.

        Raises:
            ValueError: the text is not a bound; the message says what is allowed.
        """
        match = _GRAMMAR.match(text)
        if match is None:
            raise ValueError(ALLOWED)
        metric, operator, limit = match.group(1), match.group(2), float(match.group(3))
        way = operator in ("<=", "==") if metric == "count" else operator == _OPERATORS[metric]
        if not way or (metric == "share" and limit > 1):
            raise ValueError(ALLOWED)
        return cls(metric, operator, limit)

    def __str__(self) -> str:
        return f"{self.metric} {self.operator} {self.limit:g}"

    @property
    def unit(self) -> str:
        """The unit of the figure: ms, share, times or orders."""
        return {"share": "share", "ratio": "times", "count": "orders"}.get(self.metric, "ms")

    def holds(self, value: float) -> bool:
        """Tell whether a figure keeps the bound."""
        if self.operator == ">=":
            return value >= self.limit
        return value <= self.limit if self.operator == "<=" else value == self.limit

    def loosens(self, other: "Bound") -> bool:
        """Tell whether this bound allows more than the other, as a warning bound must."""
        if self.metric != other.metric:
            return False
        return self.limit < other.limit if self.operator == ">=" else self.limit > other.limit

    def headroom_share(self, value: float) -> float | None:
        """Return how much of what the bound allows is left; negative where it is broken.

        For shares it is the share of the error budget that is left. None where nothing is allowed.
        """
        allowed = 1 - self.limit if self.operator == ">=" else self.limit
        if allowed == 0:
            return None
        used = 1 - value if self.operator == ">=" else value
        return round(1 - used / allowed, 4)


def figure(value: object) -> float | None:
    """Return a measured figure, or None where it is missing, NaN, infinite or negative."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None
