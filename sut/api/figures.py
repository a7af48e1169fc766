"""A partner's service level over rolling windows: pure, from counts of calls to figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sut.api.calls import BOUNDS_MS, Kind
from sut.api.contracts import Contract
from sut.database import Row
from sut.events import timestamp


@dataclass(frozen=True)
class Window:
    """A time that ends now; what is short is read by minutes, what is long by hours."""

    name: str
    length: timedelta
    span: str

    def since(self, now: datetime) -> datetime:
        """Return where it begins: at a whole minute or hour, so that it is never too short."""
        began = now - self.length
        return began.replace(minute=began.minute if self.span == "minute" else 0, second=0, microsecond=0)


WINDOWS = (
    Window("5m", timedelta(minutes=5), "minute"),
    Window("1h", timedelta(hours=1), "minute"),
    Window("30d", timedelta(days=30), "hour"),
)


@dataclass
class Counts:
    """What became of the calls of one window."""

    of_kind: Counter[str] = field(default_factory=Counter)
    answered_in: Counter[int] = field(default_factory=Counter)

    def add(self, row: Row) -> None:
        """Add a row of the database."""
        self.of_kind[row["kind"]] += int(row["calls"])
        if row["kind"] == Kind.ANSWERED:
            self.answered_in[row["bucket"]] += int(row["calls"])

    @property
    def calls(self) -> int:
        """Calls within the contract's rate: those beyond it are refused, and owe nobody anything."""
        return self.of_kind[Kind.ANSWERED] + self.of_kind[Kind.FAILED]

    def percentile_ms(self, share: float) -> float | None:
        """Return the time within which a share of the answered calls was answered; None without any."""
        answered = self.of_kind[Kind.ANSWERED]
        reached = 0
        for bucket in sorted(self.answered_in):
            reached += self.answered_in[bucket]
            if reached >= share * answered:
                return BOUNDS_MS[bucket]
        return None


def by_window(rows: Iterable[Row]) -> dict[str, Counts]:
    """Sort rows by their window."""
    found: dict[str, Counts] = {}
    for row in rows:
        found.setdefault(row["window"], Counts()).add(row)
    return found


def shown(window: Window, now: datetime, counts: Counts, contract: Contract) -> dict[str, Any]:
    """Show the service level of one window."""
    answered, failed, slow = (counts.of_kind[kind] for kind in (Kind.ANSWERED, Kind.FAILED, Kind.SLOW))
    return {
        "window": window.name,
        "since": timestamp(window.since(now)),
        "calls": counts.calls,
        "failed": failed,
        "slow": slow,
        "limited": counts.of_kind[Kind.LIMITED],
        "availability_share": round(answered / counts.calls, 6) if counts.calls else None,
        "p50_ms": counts.percentile_ms(0.50),
        "p95_ms": counts.percentile_ms(0.95),
        "p99_ms": counts.percentile_ms(0.99),
        "availability_budget": _budget(counts.calls, failed, contract.availability_share),
        "latency_budget": _budget(answered, slow, contract.latency_share),
    }


def _budget(calls: int, spent: int, promised_share: float) -> dict[str, Any]:
    """Show how many calls may fall short, how many did, and what is left: below 0 it is overspent."""
    allowed = calls * (1 - promised_share)
    left = round(1 - spent / allowed, 4) if allowed else 1.0 if not spent else None
    return {
        "allowed_calls": round(allowed, 6),
        "spent_calls": spent,
        "left_share": left,
        "kept": spent <= allowed,
    }
