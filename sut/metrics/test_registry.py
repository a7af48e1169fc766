"""Figures from the database are fresh or absent, and never keep Prometheus waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from prometheus_client.core import Metric

from sut.database import Connection, Database, DatabaseUnavailable
from sut.metrics import registry
from sut.metrics.registry import Metrics, Reader, gauge


class Stub(Database):
    """A database that is there, or away."""

    def __init__(self, *, away: bool = False) -> None:
        super().__init__("postgresql://nobody@127.0.0.1:1/none", name="test")
        self.away = away

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend nothing, as the readers here need nothing."""
        if self.away:
            raise DatabaseUnavailable("gone")
        yield None


class Readings:
    """A reader that counts how often it was asked; it may be slow or broken."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.is_broken = False

    async def __call__(self, _: Connection) -> Sequence[Metric]:
        """Read how often this was called."""
        self.asked += 1
        await self.may_end.wait()
        if self.is_broken:
            raise ValueError
        return [gauge("assay_figure", "How often it was read.", self.asked)]


@pytest.fixture
def readings() -> Readings:
    """A reader that is well."""
    return Readings()


async def figures(metrics: Metrics) -> tuple[bool, str | None]:
    """Return whether the metrics say that they are complete, and the figure that was read."""
    lines = dict(line.rsplit(" ", 1) for line in (await metrics.text()).decode().splitlines())
    return lines["assay_metrics_complete"] == "1.0", lines.get("assay_figure")


def one_scrape(reader: Reader, database: Database | None = None) -> tuple[bool, str | None]:
    """Ask once."""
    return asyncio.run(figures(Metrics(database or Stub(), reader)))


def test_figures_are_read_when_asked_for(readings: Readings) -> None:
    """Nothing is read in between."""
    assert one_scrape(readings) == (True, "1.0")


def test_several_who_ask_within_a_second_share_one_reading(readings: Readings) -> None:
    """Two Prometheus servers cost the database no more than one."""

    async def story() -> None:
        metrics = Metrics(Stub(), readings)
        await asyncio.gather(*(figures(metrics) for _ in range(5)))
        assert readings.asked == 1

    asyncio.run(story())


def test_figures_are_read_again_after_a_second(readings: Readings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told what was true long ago."""
    monkeypatch.setattr(registry, "_FRESH_S", 0.0)

    async def story() -> None:
        metrics = Metrics(Stub(), readings)
        await figures(metrics)
        assert await figures(metrics) == (True, "2.0")

    asyncio.run(story())


def test_without_database_the_rest_is_told(readings: Readings) -> None:
    """An absent figure, and the word that it is absent, instead of an old one or an error."""
    assert one_scrape(readings, Stub(away=True)) == (False, None)


def test_a_broken_reading_takes_nothing_else_away(readings: Readings) -> None:
    """A bug in one query costs the figures, not the metrics."""
    readings.is_broken = True

    assert one_scrape(readings) == (False, None)


def test_a_slow_database_keeps_nobody_waiting(readings: Readings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prometheus gets what there is in time, and all of it once the database answers again."""
    monkeypatch.setattr(registry, "_WITHIN_S", 0.02)
    readings.may_end.clear()

    async def story() -> None:
        metrics = Metrics(Stub(), readings)
        assert [await figures(metrics), await figures(metrics)] == [(False, None)] * 2
        assert readings.asked == 1
        readings.may_end.set()
        monkeypatch.setattr(registry, "_WITHIN_S", 5.0)
        await asyncio.sleep(0)  # what came too late is thrown away
        assert await figures(metrics) == (True, "2.0")

    asyncio.run(story())
