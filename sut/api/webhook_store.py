"""The SQL of webhooks: each function is one round trip."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sut.database import Connection, Row

MOST = 10
#: For how long a process that dies keeps others from an endpoint; longer than a third of it and a batch.
LEASE_S = 12
AT_ONCE = 8

# Two requests at once may pass the limit by one: it is a limit still.
_ADD = """
    INSERT INTO webhook (id, tenant, url, secret, created_at)
    SELECT $1, $2, $3, $4, $5 WHERE (SELECT count(*) FROM webhook WHERE tenant = $2) < $6
    RETURNING *
"""
_LIST = "SELECT * FROM webhook WHERE tenant = $1 ORDER BY created_at, id"
_FIND = "SELECT * FROM webhook WHERE id = $1 AND tenant = $2"
# No foreign key leads from the log to the endpoint: removing one must not break the change of an order.
_REMOVE = """
    WITH removed AS (DELETE FROM webhook WHERE id = $1 AND tenant = $2 RETURNING id),
         forgotten AS (DELETE FROM delivery WHERE webhook_id IN (SELECT id FROM removed))
    SELECT id FROM removed
"""
_DELIVERIES = "SELECT * FROM delivery WHERE webhook_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
_CLAIM = """
    UPDATE webhook SET leased_until = now() + make_interval(secs => $1)
    WHERE id IN (
        SELECT id FROM webhook
        WHERE next_try_at <= now() AND leased_until <= now() AND id <> ALL($2::uuid[]) AND EXISTS (
            SELECT FROM delivery
            WHERE webhook_id = webhook.id AND state = 'pending' AND delivery.next_try_at <= now()
        )
        ORDER BY next_try_at LIMIT $3 FOR UPDATE SKIP LOCKED
    )
    RETURNING *
"""
# The oldest of each order: what happened to an order is told in its order.
_DUE = """
    SELECT * FROM (
        SELECT DISTINCT ON (order_id) * FROM (
            SELECT * FROM delivery WHERE webhook_id = $1 AND state = 'pending' ORDER BY id LIMIT 500
        ) AS waiting
        ORDER BY order_id, id
    ) AS oldest
    WHERE next_try_at <= now() ORDER BY id LIMIT $2
"""
_NOTE = """
    UPDATE delivery SET state = $2, attempts = attempts || $3::jsonb,
        next_try_at = now() + make_interval(secs => $4)
    WHERE id = $1
"""
_RELEASE = """
    UPDATE webhook SET leased_until = '-infinity', failures = $2,
        next_try_at = now() + make_interval(secs => $3)
    WHERE id = $1
"""
_CLEAN = """
    DELETE FROM delivery
    WHERE (state <> 'pending' AND occurred_at < now() - interval '30 days')
       OR NOT EXISTS (SELECT FROM webhook WHERE webhook.id = webhook_id)
"""


async def add(connection: Connection, *values: Any) -> Row | None:
    """Add an endpoint (id, tenant, url, secret, created_at); None when the partner has enough."""
    row: Row | None = await connection.fetchrow(_ADD, *values, MOST)
    return row


async def of_tenant(connection: Connection, tenant: str) -> list[Row]:
    """Return a partner's endpoints, oldest first."""
    return list(await connection.fetch(_LIST, tenant))


async def find(connection: Connection, webhook_id: UUID, tenant: str) -> Row | None:
    """Return one of a partner's own endpoints."""
    row: Row | None = await connection.fetchrow(_FIND, webhook_id, tenant)
    return row


async def remove(connection: Connection, webhook_id: UUID, tenant: str) -> bool:
    """Remove an endpoint with its log; False when the partner has none such."""
    return await connection.fetchval(_REMOVE, webhook_id, tenant) is not None


async def deliveries(connection: Connection, webhook_id: UUID, before: int, limit: int) -> list[Row]:
    """Return what was sent to an endpoint, newest first."""
    return list(await connection.fetch(_DELIVERIES, webhook_id, before, limit))


async def claim(connection: Connection, busy: list[UUID], limit: int) -> list[Row]:
    """Take endpoints for which something waits; nobody else gets them until they are released."""
    return list(await connection.fetch(_CLAIM, LEASE_S, busy, limit))


async def due(connection: Connection, webhook_id: UUID, limit: int) -> list[Row]:
    """Return what waits for an endpoint and may be tried now, at most one delivery of each order."""
    return list(await connection.fetch(_DUE, webhook_id, limit))


async def note(
    connection: Connection, delivery_id: int, state: str, attempt: dict[str, Any], again_in_s: float
) -> None:
    """Keep what came of an attempt."""
    await connection.execute(_NOTE, delivery_id, state, [attempt], again_in_s)


async def release(connection: Connection, webhook_id: UUID, failures: int, again_in_s: float) -> None:
    """Give an endpoint back."""
    await connection.execute(_RELEASE, webhook_id, failures, again_in_s)


async def clean(connection: Connection) -> None:
    """Forget what was sent long ago."""
    await connection.execute(_CLEAN)
