"""What was planned to arrive, what came of it, and whether the figures can be trusted."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from load.histogram import Histogram

MOST_LAG_MS = 5.0
MOST_MISSED_SHARE = 0.01
CHANCE = 4.0
"""By so many standard deviations may arrivals that come by chance be fewer than on average."""
AT_THE_ENDS = 2.0
"""So many may be missing of those that keep equal distances: the first and the last one."""


@dataclass
class Account:
    """Counts of arrivals: begun; shed, as too many were in flight; overdue, as the generator came too late.

    `cut_off` of those that began were not answered when the load ended.
    """

    begun: int = 0
    shed: int = 0
    overdue: int = 0
    cut_off: int = 0
    lag: Histogram = field(default_factory=Histogram)
    expected: float = 0.0
    """How many should have come in all, where it is known; fewer planned ones were nobody's to begin."""
    first: float = 0.0
    """When the first was to arrive, by `time.perf_counter` of its machine."""
    begins_s: float = 0.0
    """How long after the load's start the first was to arrive: its class was ready no sooner."""
    is_random: bool = False
    """Whether they come by chance, so that there may be fewer than on average."""
    repeated: int = 0
    """How many requests were sent again, as the server had closed an idle connection."""

    @property
    def planned(self) -> int:
        """How many should have begun."""
        return self.begun + self.shed + self.overdue

    @property
    def missed_share(self) -> float:
        """Which share of those planned did not begin."""
        return (self.shed + self.overdue) / self.planned if self.planned else 0.0

    @property
    def lag_p99_ms(self) -> float:
        """By how much an arrival began late through the generator's own fault."""
        return self.lag.value_at(99)

    @property
    def doubt(self) -> str:
        """Why the figures cannot be trusted; empty where they can."""
        doubts = []
        if not self.planned:
            doubts.append("nothing arrived")
        if self.lag_p99_ms > MOST_LAG_MS:
            doubts.append(f"the generator was {self.lag_p99_ms:.1f} ms late (p99; at most {MOST_LAG_MS:g})")
        if self.missed_share > MOST_MISSED_SHARE:
            doubts.append(
                f"{self.missed_share:.1%} of the planned arrivals did not begin: {self.shed} were shed, "
                f"{self.overdue} overdue"
            )
        fewer = CHANCE * math.sqrt(self.expected) if self.is_random else AT_THE_ENDS
        if self.expected * (1 - MOST_MISSED_SHARE) > self.planned + fewer:
            doubts.append(f"only {self.planned} arrivals of {self.expected:.0f} were anybody's to begin")
        return "; ".join(doubts)

    def merge(self, other: Self) -> None:
        """Add another generator's, or another kind's, arrivals."""
        self.begun += other.begun
        self.shed += other.shed
        self.overdue += other.overdue
        self.cut_off += other.cut_off
        self.lag.merge(other.lag)
        self.first = min(self.first or other.first, other.first or self.first)
        self.repeated += other.repeated

    def pack(self) -> dict[str, Any]:
        """Return plain values for the way to another process."""
        counts = {"begun": self.begun, "shed": self.shed, "overdue": self.overdue, "cut_off": self.cut_off}
        return {**counts, "first": self.first, "repeated": self.repeated, "lag": self.lag.pack()}

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> Self:
        """Rebuild an account from `pack`."""
        begun, shed, overdue, cut_off = (
            int(packed[name]) for name in ("begun", "shed", "overdue", "cut_off")
        )
        lag = Histogram.unpack(packed["lag"])
        first, repeated = float(packed["first"]), int(packed["repeated"])
        return cls(begun, shed, overdue, cut_off, lag, first=first, repeated=repeated)

    def evidence(self) -> dict[str, Any]:
        """Return what evidence keeps."""
        return {
            "first": self.first,
            "planned": self.planned,
            "begun": self.begun,
            "shed": self.shed,
            "overdue": self.overdue,
            "cut_off": self.cut_off,
            "repeated": self.repeated,
            "missed_share": round(self.missed_share, 6),
            "lag_p50_ms": round(self.lag.value_at(50), 3),
            "lag_p99_ms": round(self.lag_p99_ms, 3),
            "lag_max_ms": round(self.lag.value_at(100), 3),
            "doubt": self.doubt,
        }
