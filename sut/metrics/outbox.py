"""What waits in a service's outbox: how many events, and for how long."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client.core import Metric

from sut.database import Connection
from sut.metrics.registry import gauge

#: So many are counted at most: whoever has more waiting needs no better figure.
COUNTED_MOST = 100_000

# Reads the index of what is unsent, and of each lane the oldest row alone.
_BACKLOG = f"""
    SELECT (SELECT count(*) FROM (
               SELECT FROM outbox WHERE sent_at IS NULL LIMIT {COUNTED_MOST}) AS unsent) AS waiting,
        (SELECT extract(epoch FROM now() - min(oldest.created_at))::float8
         FROM outbox_lanes CROSS JOIN LATERAL (
               SELECT created_at FROM outbox WHERE outbox.lane = outbox_lanes.lane AND sent_at IS NULL
               ORDER BY id LIMIT 1) AS oldest) AS oldest_s
"""  # noqa: S608  # our number


async def read(connection: Connection) -> Sequence[Metric]:
    """Read the backlog and the age of its oldest event; an empty outbox has the age 0."""
    row = await connection.fetchrow(_BACKLOG)
    return [
        gauge(
            "assay_outbox_backlog",
            f"Events that wait in the outbox, counted up to {COUNTED_MOST}.",
            row["waiting"],
        ),
        gauge(
            "assay_outbox_oldest_seconds",
            "Age of the oldest event that waits in the outbox.",
            max(0.0, row["oldest_s"] or 0.0),
        ),
    ]
