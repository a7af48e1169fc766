"""The board's questions to the database. Each costs the same however many orders are closed."""

from __future__ import annotations

from typing import NamedTuple

from sut.database import Connection
from sut.flow import store
from sut.flow.hops import HOPS

SHOWN_MOST = 100
MOVED_MOST = 10

# Statements are made of our own names and numbers; everything from outside is an argument.
SOURCES = "SELECT name, answers, since, checked_at, detail FROM sources"
WAITING = """
    SELECT orders.hop, count(*) AS waiting, count(*) FILTER (
        WHERE waiting_since < now() - make_interval(secs => due.seconds) AND attention_since IS NULL
    ) AS late
    FROM orders JOIN unnest($1::text[], $2::float8[]) AS due (hop, seconds) ON due.hop = orders.hop
    GROUP BY orders.hop
"""
# The longest late first; each hop has its own share of the list, so that none hides another.
LATE = f"""
    SELECT late.* FROM unnest($1::text[], $2::float8[]) AS due (hop, seconds) CROSS JOIN LATERAL (
        SELECT {store.COLUMNS}, waiting_since + make_interval(secs => due.seconds) AS due_at FROM orders
        WHERE orders.hop = due.hop AND waiting_since < now() - make_interval(secs => due.seconds)
            AND attention_since IS NULL
        ORDER BY waiting_since LIMIT {SHOWN_MOST}
    ) AS late ORDER BY due_at
"""  # noqa: S608  # our words
# What needs attention does not wait for a deadline, so it is told apart from what is late.
ATTENTION = f"""
    SELECT {store.COLUMNS}, count(*) OVER () AS found FROM orders WHERE attention_since IS NOT NULL
    ORDER BY attention_since LIMIT {SHOWN_MOST}
"""  # noqa: S608  # our words
UNEXPECTED = f"""
    SELECT {store.COLUMNS} FROM orders WHERE NOT confirmed_by_api AND unknown_to_api
    ORDER BY first_seen_at DESC LIMIT {SHOWN_MOST}
"""  # noqa: S608  # our words
DOUBLED = f"""
    SELECT {store.COLUMNS} FROM orders WHERE cardinality(work_orders) > 1
    ORDER BY order_id LIMIT {SHOWN_MOST}
"""  # noqa: S608  # our words
ENDED = """
    SELECT state, count(*) AS orders FROM orders
    WHERE hop IS NULL AND moved_at > now() - interval '1 hour' GROUP BY state
"""
MOVED = (
    f"SELECT {store.COLUMNS} FROM orders WHERE moved_at IS NOT NULL ORDER BY moved_at DESC LIMIT {MOVED_MOST}"  # noqa: S608  # our words
)
_TIME = """
    percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (
        ORDER BY greatest(0, extract(epoch FROM {ends}_at - {begins}_at)::float8)
    ) FILTER (WHERE {passed}) AS {name}_s, count(*) FILTER (WHERE {passed}) AS {name}_passed
"""
_PASSED = "{ends}_at > now() - interval '1 hour' AND {begins}_at IS NOT NULL"
_TIMES = "SELECT {} FROM orders WHERE moved_at > now() - interval '1 hour'".format(  # noqa: S608  # our words
    ", ".join(
        _TIME.format(
            name=hop.name,
            begins=hop.begins,
            ends=hop.ends,
            passed=_PASSED.format(begins=hop.begins, ends=hop.ends),
        )
        for hop in HOPS
    )
)


class Times(NamedTuple):
    """How long a hop took those that left it within the last hour. Units: s."""

    p50_s: float | None
    p95_s: float | None
    passed: int


async def hop_times(connection: Connection) -> dict[str, Times]:
    """Return the times of every hop by its name."""
    row = await connection.fetchrow(_TIMES)
    return {hop.name: _times(row[f"{hop.name}_s"], row[f"{hop.name}_passed"]) for hop in HOPS}


def _times(percentiles: list[float] | None, passed: int) -> Times:
    p50_s, p95_s = percentiles or (None, None)
    return Times(p50_s, p95_s, passed)
