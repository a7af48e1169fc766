"""The times of one operation: as they were meant to begin, as they were served, and in each second."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from load.histogram import LONGEST_US, Histogram

LONGEST_MS = LONGEST_US / 1000
PERCENTILES = (10, 50, 90, 95, 99, 99.9)
SERVICE_PERCENTILES = (50, 95, 99)
_PENDING = 4 * 1024
"""To reckon with more at once takes longer than an arrival may be late."""
_CLOCK_TO_EPOCH_S = time.time() - time.perf_counter()


def second_of(moment: float) -> int:
    """Return the second since the epoch of a moment by `time.perf_counter`."""
    return math.floor(moment + _CLOCK_TO_EPOCH_S)


@dataclass
class Second:
    """What was to begin in one second."""

    latency: Histogram = field(default_factory=Histogram)
    service: Histogram = field(default_factory=Histogram)
    failures: int = 0

    def merge(self, other: "Second") -> None:
        """Add another worker's second."""
        self.latency.merge(other.latency)
        self.service.merge(other.service)
        self.failures += other.failures


class Series:
    """The times of one operation or one span, all outcomes alike, and how many of them failed.

    `latency` runs from the intended start, `service` from when it was really sent, and `at_least` is the
    latency without what the generator's own lateness may explain of each.
    """

    def __init__(self, *, is_latency_alone: bool = False) -> None:
        self._latency = Histogram(is_roomy=True)
        self._at_least, self._service = Histogram(is_roomy=True), Histogram(is_roomy=True)
        self._is_alone = is_latency_alone
        self._seconds: dict[int, Second] = {}
        self._pending: list[float] = []
        self.failures = 0
        self._sum_ms = self._max_ms = 0.0

    @property
    def requests(self) -> int:
        """How many times were recorded."""
        return self._latency.count + len(self._pending) // 4

    @property
    def latency(self) -> Histogram:
        """Times from the intended start."""
        return self._settled()._latency

    @property
    def service(self) -> Histogram:
        """Times from when it was really sent."""
        return self._settled()._service

    @property
    def seconds(self) -> dict[int, Second]:
        """What was to begin in each second since the epoch."""
        return self._settled()._seconds

    def note(self, intended: float, sent: float, ended: float, ours_s: float = 0.0) -> None:
        """Add one request, cheaply. Units: seconds, by `time.perf_counter`."""
        self._pending += (intended, sent, ended, ours_s)
        if len(self._pending) >= _PENDING:
            self._settled()

    def fail(self, intended: float) -> None:
        """Count one request, which was noted, as failed."""
        self.failures += 1
        self._seconds.setdefault(second_of(intended), Second()).failures += 1

    def record(
        self,
        time_ms: float,
        *,
        failed: bool,
        ours_ms: float = 0.0,
        service_ms: float | None = None,
        intended: float | None = None,
    ) -> None:
        """Add one time, of which `ours_ms` may be the generator's own lateness. Units: ms; `intended` s."""
        if not math.isfinite(time_ms) or time_ms < 0:
            raise ValueError(f"a time of {time_ms} ms cannot be recorded")
        latency_s = min(time_ms, LONGEST_MS) / 1000
        service_s = latency_s if service_ms is None else min(max(service_ms, 0.0) / 1000, latency_s)
        begun = time.perf_counter() - latency_s if intended is None else intended
        self.note(begun, begun + latency_s - service_s, begun + latency_s, ours_ms / 1000)
        if failed:
            self.fail(begun)

    def merge(self, other: "Series") -> None:
        """Add another worker's series."""
        for mine, theirs in zip(self._settled()._histograms(), other._settled()._histograms(), strict=True):
            mine.merge(theirs)
        for second, kept in other._seconds.items():
            self._seconds.setdefault(second, Second()).merge(kept)
        self.failures += other.failures
        self._sum_ms += other._sum_ms
        self._max_ms = max(self._max_ms, other._max_ms)

    def summary(self, elapsed_s: float) -> dict[str, float | int]:
        """Return counts, percentiles in ms and the rate, as the evidence keeps them."""
        count = self.requests
        figures: dict[str, float | int] = {"requests": count, "failures": self.failures}
        if count:
            latency, at_least, service = self._settled()._histograms()
            for each in PERCENTILES:
                figures[f"p{each:g}_ms"] = round(min(latency.value_at(each), self._max_ms), 3)
                figures[f"p{each:g}_at_least_ms"] = round(min(at_least.value_at(each), self._max_ms), 3)
            for each in SERVICE_PERCENTILES:
                figures[f"service_p{each}_ms"] = round(min(service.value_at(each), self._max_ms), 3)
            figures["max_ms"] = round(self._max_ms, 3)
            figures["mean_ms"] = round(self._sum_ms / count, 3)
        figures["rate_per_s"] = round(count / elapsed_s, 3) if elapsed_s > 0 else 0.0
        return figures

    def pack(self) -> dict[str, Any]:
        """Return the series as plain values that travel between workers."""
        return {
            "histograms": [each.pack() for each in self._settled()._histograms()],
            "seconds": {
                str(second): [kept.latency.pack(), kept.service.pack(), kept.failures]
                for second, kept in self._seconds.items()
            },
            "failures": self.failures,
            "sum_ms": self._sum_ms,
            "max_ms": self._max_ms,
        }

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> "Series":
        """Rebuild a series from `pack`."""
        series = cls()
        mine = series._histograms()
        for kept, theirs in zip(mine, packed["histograms"], strict=True):
            kept.merge(Histogram.unpack(theirs))
        for second, (latency, service, failures) in packed["seconds"].items():
            there = Second(Histogram.unpack(latency), Histogram.unpack(service), int(failures))
            series._seconds[int(second)] = there
        series.failures = int(packed["failures"])
        series._sum_ms, series._max_ms = float(packed["sum_ms"]), float(packed["max_ms"])
        return series

    def _histograms(self) -> tuple[Histogram, Histogram, Histogram]:
        return self._latency, self._at_least, self._service

    def _settled(self) -> "Series":
        if self._pending:
            pending, self._pending = self._pending, []
            self._absorb(np.array(pending).reshape(-1, 4))
        return self

    def _absorb(self, noted: "np.ndarray[Any, np.dtype[np.float64]]") -> None:
        intended, sent, ended, ours = noted.T
        latency_us = np.clip((ended - intended) * 1e6, 0, LONGEST_US)
        service_us = (ended - sent) * 1e6
        self._latency.add_many(latency_us)
        if not self._is_alone:
            self._service.add_many(service_us)
            self._at_least.add_many(latency_us - ours * 1e6)
        self._sum_ms += float(latency_us.sum()) / 1000
        self._max_ms = max(self._max_ms, float(latency_us.max()) / 1000)
        seconds = np.floor(intended + _CLOCK_TO_EPOCH_S).astype(np.int64)
        for second in np.unique(seconds).tolist():
            chosen = seconds == second
            kept = self._seconds.setdefault(second, Second())
            kept.latency.add_many(latency_us[chosen])
            if not self._is_alone:
                kept.service.add_many(service_us[chosen])
