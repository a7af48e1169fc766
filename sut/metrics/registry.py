"""One process's metrics: what is counted as it happens, and what is read from the database when asked for."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence

import prometheus_client
from prometheus_client import CollectorRegistry, Gauge, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sut.database import Connection, Database, DatabaseUnavailable

log = logging.getLogger(__name__)

#: Reads some figures; all readers of a service share one connection, one after the other.
Reader = Callable[[Connection], Awaitable[Sequence[Metric]]]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_FRESH_S = 1.0
_WITHIN_S = 0.8  # a drill scrapes every second


class Metrics:
    """The metrics of this process; `registry` takes those that are counted as they happen."""

    def __init__(self, database: Database, *readers: Reader) -> None:
        # A series more for each, and nobody asks when it began.
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # the library's
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._complete = Gauge(
            "assay_metrics_complete",
            "1 while the figures that are read from the database could be read, else 0 and they are absent.",
            registry=self.registry,
        )
        self._database = database
        self._readers = readers
        self._read = _Read()
        self.registry.register(self._read)
        self._reading: asyncio.Task[list[Metric]] | None = None
        self._asking = asyncio.Lock()
        self._fresh_until_s = 0.0

    async def text(self) -> bytes:
        """Return everything in Prometheus' text format; what the database tells is at most a second old."""
        async with self._asking:
            if time.monotonic() >= self._fresh_until_s:
                await self._refresh()
        # A thread, because a few thousand lines take so long that requests would notice.
        return await asyncio.to_thread(prometheus_client.generate_latest, self.registry)

    async def _refresh(self) -> None:
        """Read again; without an answer in time there are no figures, rather than old ones."""
        if self._reading is None or self._reading.done():  # what a slow one brought meanwhile is old
            self._reading = asyncio.create_task(self._read_all(), name="metrics")
        await asyncio.wait({self._reading}, timeout=_WITHIN_S)
        if not self._reading.done():
            log.warning("the database did not give the metrics' figures within %g s", _WITHIN_S)
            # Not cancelled: that would wait for the database as well.
            self._reading.add_done_callback(_outcome)
            self._take(None)
            return
        self._fresh_until_s = time.monotonic() + _FRESH_S
        self._take(_outcome(self._reading))

    def _take(self, families: list[Metric] | None) -> None:
        self._complete.set(0 if families is None else 1)
        self._read.families = families or []

    async def _read_all(self) -> list[Metric]:
        async with self._database.connection() as connection:
            return [family for reader in self._readers for family in await reader(connection)]


class _Read(Collector):
    """Gives out what was read last."""

    def __init__(self) -> None:
        self.families: list[Metric] = []

    def collect(self) -> Iterable[Metric]:
        return self.families


def _outcome(reading: asyncio.Task[list[Metric]]) -> list[Metric] | None:
    try:
        return None if reading.cancelled() else reading.result()
    except DatabaseUnavailable as away:
        log.warning("no figures for the metrics: %s", away)
    except Exception:  # a bug in one query must not take the other metrics away
        log.exception("reading the metrics' figures failed")
    return None


def gauge(name: str, what: str, value: float) -> Metric:
    """Return one figure without labels."""
    return GaugeMetricFamily(name, what, value=value)


def gauges(name: str, what: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    """Return a figure for each value of a label."""
    family = GaugeMetricFamily(name, what, labels=[label])
    for word, value in values:
        family.add_metric([word], value)
    return family
