"""What waits for pricing's stages."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client.core import Metric

from sut.database import Connection
from sut.metrics.registry import gauge, gauges
from sut.pricing.stages import STAGES

# Whatever is priced leaves these tables, so they are as long as the queue.
_QUEUE = """
    SELECT stage, count(*) AS waiting, extract(epoch FROM now() - min(asked_at))::float8 AS oldest_s
    FROM stages JOIN requests USING (order_id)
    WHERE finding IS NULL AND due_at IS NOT NULL GROUP BY stage
"""
_FAILED = "SELECT count(*) FROM requests WHERE failed_at IS NOT NULL"


async def read(connection: Connection) -> Sequence[Metric]:
    """Read each stage's queue, and how many orders could not be priced."""
    rows = {row["stage"]: row for row in await connection.fetch(_QUEUE)}
    waiting = {stage: rows[stage]["waiting"] if stage in rows else 0 for stage in STAGES}
    oldest = {stage: max(0.0, rows[stage]["oldest_s"]) if stage in rows else 0.0 for stage in STAGES}
    return [
        gauges(
            "assay_pricing_queue",
            "Stages that wait for a worker or are being worked on.",
            "stage",
            waiting.items(),
        ),
        gauges(
            "assay_pricing_oldest_seconds",
            "How long ago the order of the oldest unfinished stage was asked for.",
            "stage",
            oldest.items(),
        ),
        gauge(
            "assay_pricing_failed",
            "Orders that could not be priced and need attention.",
            await connection.fetchval(_FAILED),
        ),
    ]
