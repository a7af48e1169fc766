"""Records every request's time and outcome in HDR histograms, which merge without loss over workers.

Locust's own statistics round response times (whole ms below 100, two digits above); these keep three
significant digits, from 1 µs to 10 minutes.
"""

import csv
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hdrh.histogram import HdrHistogram

RECORDED = "load-recorded.json"
"""Where a generator leaves what it measured, for whoever started it."""
PROGRESS = "load  "
"""How the lines begin that say how a generator is getting on."""
LONGEST_MS = 600_000.0
PERCENTILES = (10, 50, 90, 95, 99)
FAILURE_KINDS_KEPT = 50
MESSAGE_LENGTH = 300


def new_histogram() -> Any:
    """Return an empty histogram of microseconds."""
    return HdrHistogram(1, int(LONGEST_MS * 1000), 3)


@dataclass
class Series:
    """The times of one operation or one span, all outcomes alike, and how many of them failed."""

    histogram: Any = field(default_factory=new_histogram)
    at_least: Any = field(default_factory=new_histogram)
    """The same times without what the generator's own lateness may explain of each."""
    failures: int = 0
    sum_ms: float = 0.0
    max_ms: float = 0.0

    @property
    def requests(self) -> int:
        """How many times were recorded."""
        return int(self.histogram.get_total_count())

    def record(self, time_ms: float, *, failed: bool, ours_ms: float = 0.0) -> None:
        """Add one time, of which `ours_ms` may be the generator's own lateness. Units: ms."""
        if not math.isfinite(time_ms) or time_ms < 0:
            raise ValueError(f"a time of {time_ms} ms cannot be recorded")
        kept_ms = min(time_ms, LONGEST_MS)
        self.histogram.record_value(max(1, round(kept_ms * 1000)))
        self.at_least.record_value(max(1, round((kept_ms - ours_ms) * 1000)))
        self.sum_ms += kept_ms
        self.max_ms = max(self.max_ms, kept_ms)
        self.failures += failed

    def merge(self, other: "Series") -> None:
        """Add another worker's series."""
        self.histogram.add(other.histogram)
        self.at_least.add(other.at_least)
        self.failures += other.failures
        self.sum_ms += other.sum_ms
        self.max_ms = max(self.max_ms, other.max_ms)

    def summary(self, elapsed_s: float) -> dict[str, float | int]:
        """Return counts, percentiles in ms and the rate, as the evidence keeps them."""
        count = self.requests
        figures: dict[str, float | int] = {"requests": count, "failures": self.failures}
        if count:
            for percentile in PERCENTILES:
                value_us = self.histogram.get_value_at_percentile(percentile)
                figures[f"p{percentile}_ms"] = round(min(value_us / 1000, self.max_ms), 3)
                least_us = self.at_least.get_value_at_percentile(percentile)
                figures[f"p{percentile}_at_least_ms"] = round(min(least_us / 1000, self.max_ms), 3)
            figures["max_ms"] = round(self.max_ms, 3)
            figures["mean_ms"] = round(self.sum_ms / count, 3)
        figures["rate_per_s"] = round(count / elapsed_s, 3) if elapsed_s > 0 else 0.0
        return figures

    def pack(self) -> dict[str, Any]:
        """Return the series as plain values that travel between workers."""
        encoded, least = (each.encode().decode("ascii") for each in (self.histogram, self.at_least))
        kept = {"failures": self.failures, "sum_ms": self.sum_ms, "max_ms": self.max_ms}
        return {"hdr": encoded, "hdr_at_least": least, **kept}

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> "Series":
        """Rebuild a series from `pack`."""
        histogram, least = (HdrHistogram.decode(packed[name]) for name in ("hdr", "hdr_at_least"))
        return cls(
            histogram, least, int(packed["failures"]), float(packed["sum_ms"]), float(packed["max_ms"])
        )


class Recorder:
    """What one generator process measured: operations (requests) and spans (times across services)."""

    def __init__(self) -> None:
        self.operations: dict[str, Series] = {}
        self.spans: dict[str, Series] = {}
        self._failures: Counter[tuple[str, str]] = Counter()

    def request(
        self, operation: str, time_ms: float, failure: str | None = None, *, ours_ms: float = 0.0
    ) -> None:
        """Record one answered or failed request, of which `ours_ms` may be our own lateness. Units: ms."""
        series = self.operations.setdefault(operation, Series())
        series.record(time_ms, failed=failure is not None, ours_ms=ours_ms)
        if failure is not None:
            self._count_failure(operation, failure[:MESSAGE_LENGTH], 1)

    def span(self, sli: str, time_ms: float) -> None:
        """Record one time across services, such as order_to_price. Units: ms."""
        self.spans.setdefault(sli, Series()).record(time_ms, failed=False)

    @property
    def requests(self) -> int:
        """How many requests were recorded in all."""
        return sum(series.requests for series in self.operations.values())

    @property
    def failed(self) -> int:
        """How many requests failed in all."""
        return sum(series.failures for series in self.operations.values())

    def pack(self) -> dict[str, Any]:
        """Return everything recorded as plain values, for the way to another process."""
        return {
            "operations": {name: series.pack() for name, series in self.operations.items()},
            "spans": {name: series.pack() for name, series in self.spans.items()},
            "failures": [[*kind, count] for kind, count in self._failures.items()],
        }

    def merge(self, packed: Mapping[str, Any]) -> None:
        """Add what another process packed."""
        for mine, theirs in ((self.operations, packed["operations"]), (self.spans, packed["spans"])):
            for name, series in theirs.items():
                mine.setdefault(name, Series()).merge(Series.unpack(series))
        for operation, message, count in packed["failures"]:
            self._count_failure(operation, message, count)

    def take(self) -> dict[str, Any]:
        """Pack everything recorded and start anew: what is reported once is not reported again."""
        packed = self.pack()
        self.operations, self.spans, self._failures = {}, {}, Counter()
        return packed

    def evidence(self, elapsed_s: float) -> dict[str, Any]:
        """Return the summaries as evidence/load.json keeps them."""
        kinds = self._failures.most_common()
        return {
            "operations": {
                name: self.operations[name].summary(elapsed_s) for name in sorted(self.operations)
            },
            "slis": {name: self.spans[name].summary(elapsed_s) for name in sorted(self.spans)},
            "failures": [
                {"operation": operation, "count": count, "message": message}
                for (operation, message), count in kinds
            ],
        }

    def _count_failure(self, operation: str, message: str, count: int) -> None:
        kind = (operation, message)
        if kind not in self._failures and len(self._failures) >= FAILURE_KINDS_KEPT:
            kind = (operation, "other failures")
        self._failures[kind] += count


def write_csv(path: Path, evidence: Mapping[str, Any]) -> None:
    """Write one line per operation and span, for spreadsheets."""
    columns = ["requests", "failures", *(f"p{p}_ms" for p in PERCENTILES), "max_ms", "mean_ms", "rate_per_s"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["operation", *columns], restval="")
        writer.writeheader()
        for name, figures in [*evidence["operations"].items(), *evidence["slis"].items()]:
            writer.writerow({"operation": name} | {column: figures.get(column, "") for column in columns})
