"""Bounds of objectives: the small language `p99 <= 300`, `share >= 0.999`, `count == 0`, `p95 <= +10 %`."""

import math
import re
from dataclasses import dataclass

DURATIONS = ("p50", "p90", "p95", "p99", "max", "mean")
_NAMES = "p50|p90|p95|p99|max|mean|share|ratio|count|s|kb"
_GRAMMAR = re.compile(rf"^\s*({_NAMES})\s*(<=|>=|==)\s*([+-]?)\s*(\d+(?:\.\d+)?)\s*(%?)\s*$")
_OPERATORS = {"share": (">=",), "ratio": ("<=", ">="), "count": ("<=", "==")}
_AT_MOST = ("<=",)
_LOOSER = (("<=", "<="), (">=", ">="), ("<=", "=="))
"""Which operators a warning bound may have, and which its pass bound then has."""
_UNITS = {"share": "share", "ratio": "times", "count": "orders", "s": "s", "kb": "kB an order"}
ALLOWED = (
    '"p99 <= 300" (or p50, p90, p95, max, mean; ms), "share >= 0.999" (0 to 1), "ratio <= 2", '
    '"ratio >= 1.5", "count == 0", "count <= 2", "s <= 5", "kb <= 4"; of the median of earlier good runs '
    '"p95 <= +10 %", "share >= -1 %"'
)


@dataclass(frozen=True)
class Bound:
    """One side of an objective: which figure, which way, how much.

    Units: ms for durations, a share from 0 to 1, how many times as much, a count, s, or kB for each order. A
    relative limit is the change in % that is allowed against earlier runs.
    """

    metric: str
    operator: str
    limit: float
    relative: bool = False

    @classmethod
    def parse(cls, text: str) -> "Bound":
        """Read a bound as it stands in objectives.toml.

        Raises:
            ValueError: the text is not a bound; the message says what is allowed.
        """
        match = _GRAMMAR.match(text)
        if match is None:
            raise ValueError(ALLOWED)
        metric, operator, sign, number, percent = match.groups()
        limit = float(f"{sign}{number}")
        way = operator in _OPERATORS.get(metric, _AT_MOST)
        if not way or (metric == "share" and not percent and limit > 1) or bool(sign) != bool(percent):
            raise ValueError(ALLOWED)
        if percent and (operator == "==" or (limit < 0) != (operator == ">=") or limit <= -100):
            raise ValueError(ALLOWED)
        if not math.isfinite(limit) or (operator == "==" and limit):
            raise ValueError(ALLOWED)
        return cls(metric, operator, limit, relative=bool(percent))

    def __str__(self) -> str:
        limit = f"{self.limit:+g} %" if self.relative else f"{self.limit:g}"
        return f"{self.metric} {self.operator} {limit}"

    @property
    def unit(self) -> str:
        """The unit of the figure: ms, share, times, orders, s or kB an order."""
        return _UNITS.get(self.metric, "ms")

    def told(self, value: float) -> str:
        """Say a figure of this metric with its unit: 345 ms, 99.12 %, 2 orders."""
        return f"{value * 100:g} %" if self.metric == "share" else f"{value:g} {self.unit}"

    def in_words(self) -> str:
        """Say the bound with its unit: p95 <= 300 ms."""
        return str(self) if self.relative else f"{self.metric} {self.operator} {self.told(self.limit)}"

    def against(self, usual: float) -> "Bound":
        """Return the absolute bound that a relative one is, where earlier runs had `usual`."""
        if not self.relative:
            return self
        limit = usual * (1 + self.limit / 100)
        return Bound(self.metric, self.operator, min(limit, 1.0) if self.metric == "share" else limit)

    def holds(self, value: float) -> bool:
        """Tell whether a figure keeps the bound."""
        if self.operator == ">=":
            return value >= self.limit
        return value <= self.limit if self.operator == "<=" else value == self.limit

    def loosens(self, other: "Bound") -> bool:
        """Tell whether this bound allows more than the other, as a warning bound must."""
        if (self.metric, self.relative) != (other.metric, other.relative):
            return False
        if (self.operator, other.operator) not in _LOOSER:
            return False
        return self.limit < other.limit if self.operator == ">=" else self.limit > other.limit

    def headroom_share(self, value: float) -> float | None:
        """Return how much of what the bound allows is left; negative where it is broken.

        For shares it is the share of the error budget that is left. None where nothing is allowed.
        """
        if self.operator == ">=" and self.metric != "share":
            return round(1 - self.limit / value, 4) if value else None
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
