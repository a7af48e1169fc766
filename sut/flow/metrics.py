"""Where orders wait, for how long, and how long they took: the board's facts as metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import Metric

from sut.database import Connection, Row
from sut.events import Event
from sut.flow import questions, store
from sut.flow.deadlines import Deadlines
from sut.flow.hops import HOPS, INTAKE, STATE_FROM
from sut.flow.projection import MARK_OF_EVENT, Order
from sut.flow.sources import sources_of
from sut.metrics.registry import gauge, gauges

_HOUR_S, _DAY_S = 3600, 86_400
# Around the deadlines of deadlines.toml, so that what is too late can be read off exactly.
_BUCKETS_S = (
    *(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
    *(_HOUR_S, 4 * _HOUR_S, _DAY_S, 2 * _DAY_S, 3 * _DAY_S, 14 * _DAY_S),
)
# Reads the index of what waits; closed orders are not in it.
_WAITING = """
    SELECT orders.hop, count(*) AS waiting,
        count(*) FILTER (WHERE waiting_since < now() - make_interval(secs => due.seconds)) AS late,
        extract(epoch FROM now() - min(waiting_since))::float8 AS oldest_s
    FROM orders JOIN unnest($1::text[], $2::float8[]) AS due (hop, seconds) ON due.hop = orders.hop
    GROUP BY orders.hop
"""
_ODD = """
    SELECT now() AS as_of,
        (SELECT count(*) FROM orders WHERE NOT confirmed_by_api AND unknown_to_api) AS unexpected,
        (SELECT count(*) FROM orders WHERE cardinality(work_orders) > 1) AS doubled
"""


class Waiting:
    """Reads the gauges of open orders; `deadlines` say what is late."""

    def __init__(self, deadlines: Deadlines) -> None:
        self._due = [*deadlines], [deadline.seconds for deadline in deadlines.values()]

    async def read(self, connection: Connection) -> Sequence[Metric]:
        """Read how many orders are where and since when, and what is wrong with any."""
        rows = {row["hop"]: row for row in await connection.fetch(_WAITING, *self._due)}
        odd = await connection.fetchrow(_ODD)
        sources = sources_of(await connection.fetch(questions.SOURCES), odd["as_of"])
        return [
            *_of_orders(rows),
            gauge("assay_orders_unexpected", "Orders that api does not know.", odd["unexpected"]),
            gauge("assay_orders_doubled", "Orders that the MES has more than once.", odd["doubled"]),
            gauges(
                "assay_flow_source_answers",
                "1 if a source that the flow must ask answers; else what it would tell may be old.",
                "source",
                [(source.name, 0 if source.trouble else 1) for source in sources],
            ),
        ]


def _of_orders(rows: Mapping[str, Row]) -> list[Metric]:
    waiting = {hop.name: rows[hop.name]["waiting"] if hop.name in rows else 0 for hop in HOPS}
    oldest = {hop.name: max(0.0, rows[hop.name]["oldest_s"]) if hop.name in rows else 0.0 for hop in HOPS}
    late = {hop.name: rows[hop.name]["late"] if hop.name in rows else 0 for hop in HOPS}
    states: dict[str, list[Any]] = {}
    for hop in HOPS:
        states.setdefault(str(STATE_FROM[hop.begins]), []).append(hop.name)
    return [
        gauges(
            "assay_orders",
            "Open orders by state.",
            "state",
            [(state, sum(waiting[hop] for hop in hops)) for state, hops in states.items()],
        ),
        gauges(
            "assay_orders_oldest_seconds",
            "How long the order that waits longest in a state has waited in its hop.",
            "state",
            [(state, max(oldest[hop] for hop in hops)) for state, hops in states.items()],
        ),
        gauges("assay_hop_waiting", "Open orders by the hop that they wait in.", "hop", waiting.items()),
        gauges(
            "assay_orders_overdue",
            "Orders that wait longer in a hop than its deadline; the first hop's are lost.",
            "hop",
            [(hop.name, late[hop.name]) for hop in HOPS if hop is not INTAKE],
        ),
        gauge(
            "assay_orders_lost",
            "Orders that api accepted and the MES did not get within the deadline.",
            late[INTAKE.name],
        ),
    ]


class HopTimes:
    """Projects events, and takes the time of each hop that an event ends."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._seconds = Histogram(
            "assay_hop_seconds",
            "How long orders took from one mark to the next, by what the events say.",
            ["hop"],
            buckets=_BUCKETS_S,
            registry=registry,
        )
        for hop in HOPS:
            self._seconds.labels(hop.name)  # so that a hop which nobody has passed reads 0

    async def project(self, connection: Connection, event: Event) -> None:
        """Apply an event to its order."""
        before = await store.project(connection, event)
        for hop, seconds in passed(before, event):
            self._seconds.labels(hop).observe(seconds)


def passed(before: Order, event: Event) -> list[tuple[str, float]]:
    """Return the hops that an event ends and their times.

    Events may come in any order: a hop is timed when the later news of its two marks comes. What only an
    audit has told does not count as news, because its moment is rougher than the event's.
    """
    mark = MARK_OF_EVENT.get(event.type)
    found: list[tuple[str, float]] = []
    for hop in HOPS:
        if hop.ends is mark and hop.begins in before.marks:
            found.append((hop.name, _seconds(before.marks[hop.begins], event.occurred_at)))
        elif hop.begins is mark and hop.ends in before.marks and mark not in before.marks:
            found.append((hop.name, _seconds(event.occurred_at, before.marks[hop.ends])))
    return found


def _seconds(began: datetime, ended: datetime) -> float:
    """Clocks of two machines may differ a little; nothing takes less than no time."""
    return max(0.0, (ended - began).total_seconds())
