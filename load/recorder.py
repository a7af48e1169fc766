"""Records every request's time and outcome in HDR histograms, which merge without loss over workers.

Locust's own statistics round response times (whole ms below 100, two digits above); these keep three
significant digits, from 1 µs to 10 minutes.
"""

import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from load.series import LONGEST_MS, PERCENTILES, Series

__all__ = [
    "LONGEST_MS",
    "OPERATIONS_KEPT",
    "OTHER_OPERATIONS",
    "PROGRESS",
    "RECORDED",
    "Recorder",
    "Series",
    "write_csv",
]

RECORDED = "load-recorded.json"
"""Where a generator leaves what it measured, for whoever started it."""
PROGRESS = "load  "
BEGINS = f"{PROGRESS}begins"
"""How the lines begin that say how a generator is getting on."""
FAILURE_KINDS_KEPT = 50
OPERATIONS_KEPT = 1000
"""How many names have histograms of their own: a name per order would take some 20 kB for each."""
OTHER_OPERATIONS = "other operations"
"""Where requests of further names are counted. Give them one name: `name=` in the call."""
MESSAGE_LENGTH = 300


class Recorder:
    """What one generator process measured: operations (requests) and spans (times across services)."""

    def __init__(self) -> None:
        self.operations: dict[str, Series] = {}
        self.spans: dict[str, Series] = {}
        self._failures: Counter[tuple[str, str]] = Counter()

    def request(
        self,
        operation: str,
        time_ms: float,
        failure: str | None = None,
        *,
        ours_ms: float = 0.0,
        service_ms: float | None = None,
        intended: float | None = None,
    ) -> None:
        """Record one answered or failed request, of which `ours_ms` may be our own lateness.

        Units: ms; `intended`, by `time.perf_counter`, says in which second it was to begin.
        """
        series = self._series(operation)
        failed = failure is not None
        series.record(time_ms, failed=failed, ours_ms=ours_ms, service_ms=service_ms, intended=intended)
        if failure is not None:
            self._count_failure(operation, failure[:MESSAGE_LENGTH], 1)

    def note(
        self, operation: str, intended: float, sent: float, ended: float, failure: str | None = None
    ) -> None:
        """Record one request cheaply. Units: seconds, by `time.perf_counter`."""
        series = self.operations.get(operation)
        if series is None:
            series = self._series(operation)
        series.note(intended, sent, ended)
        if failure is not None:
            series.fail(intended)
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
        for name, series in packed["operations"].items():
            self._series(name).merge(Series.unpack(series))
        for name, series in packed["spans"].items():
            self.spans.setdefault(name, Series()).merge(Series.unpack(series))
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

    def _series(self, operation: str) -> Series:
        if operation not in self.operations and len(self.operations) >= OPERATIONS_KEPT:
            operation = OTHER_OPERATIONS
        return self.operations.setdefault(operation, Series())

    def _count_failure(self, operation: str, message: str, count: int) -> None:
        kind = (operation, message)
        if kind not in self._failures and len(self._failures) >= FAILURE_KINDS_KEPT:
            kind = (operation, "other failures")
        self._failures[kind] += count


def write_csv(path: Path, evidence: Mapping[str, Any]) -> None:
    """Write one line per operation and span, for spreadsheets."""
    columns = [
        "requests",
        "failures",
        *(f"p{p:g}_ms" for p in PERCENTILES),
        "max_ms",
        "mean_ms",
        "rate_per_s",
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["operation", *columns], restval="")
        writer.writeheader()
        for name, figures in [*evidence["operations"].items(), *evidence["slis"].items()]:
            writer.writerow({"operation": name} | {column: figures.get(column, "") for column in columns})
