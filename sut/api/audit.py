"""Every accepted order, for whoever has to prove that none is lost; not in the partner API's document."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse

from sut import bearer
from sut.api import shown
from sut.api.parts import Wired
from sut.api.shapes import Cursor
from sut.api.strict import StrictRoute
from sut.database import Row
from sut.events import timestamp
from sut.problems import invalid
from sut.telemetry.place import parse


async def auditor(request: Request, parts: Wired) -> None:
    """Refuse whoever has not the audit's token."""
    bearer.check(request.headers.get("Authorization", ""), parts.settings.api_audit_token)


router = APIRouter(route_class=StrictRoute, include_in_schema=False, dependencies=[Depends(auditor)])

_OLDEST = (datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))
_IDS_MOST = 100

# The first event of an order has the order's own id, which leads to its row in the outbox. Once that could be
# pruned it was sent, though nobody knows any more when: the moment of acceptance stands for it.
_ACCEPTED = """
    SELECT orders.id, number, state, channel, customer, orders.created_at, updated_at,
           orders.traceparent,
           CASE WHEN outbox.id IS NULL AND orders.created_at < now() - $1 * interval '1 second'
                THEN orders.created_at ELSE outbox.sent_at END AS sent_at
    FROM orders LEFT JOIN outbox ON outbox.event_id = orders.id
"""
_AFTER = f"""
    {_ACCEPTED} WHERE (orders.created_at, orders.id) > ($2, $3)
    ORDER BY orders.created_at, orders.id LIMIT $4
"""
_OF_IDS = f"{_ACCEPTED} WHERE orders.id = ANY($2::uuid[]) ORDER BY orders.created_at, orders.id"


@router.get("/audit/orders")
async def list_accepted(
    parts: Wired,
    after: Annotated[Cursor | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    order_ids: Annotated[str | None, Query(description="Only these, separated by commas.")] = None,
) -> JSONResponse:
    """List accepted orders, oldest first; `event_sent_at` is null while the first event waits in the outbox.

    An order's position is given before its transaction commits, so whoever follows a running system by
    `after` reads the last seconds again.
    """
    if order_ids is not None:
        rows, more = await _of_ids(parts, order_ids), False
    else:
        position, keep_s = shown.position(after) if after else _OLDEST, parts.settings.outbox_keep_s
        async with parts.database.connection() as connection:
            rows = list(await connection.fetch(_AFTER, keep_s, *position, limit + 1))
        rows, more = rows[:limit], len(rows) > limit
    items = [_shown(row) for row in rows]
    return JSONResponse({"items": items, "next_after": items[-1]["position"] if more else None})


async def _of_ids(parts: Wired, text: str) -> list[Row]:
    words = text.split(",")
    try:
        ids = [UUID(word) for word in words]
    except ValueError:
        raise invalid([("query.order_ids", "must be UUIDs, separated by commas")]) from None
    if len(ids) > _IDS_MOST:
        raise invalid([("query.order_ids", f"must be at most {_IDS_MOST}")])
    async with parts.database.connection() as connection:
        return list(await connection.fetch(_OF_IDS, parts.settings.outbox_keep_s, ids))


def _shown(row: Row) -> dict[str, str | None]:
    place = parse(row["traceparent"])
    return {
        "order_id": str(row["id"]),
        "order_number": row["number"],
        "state": row["state"],
        "channel": row["channel"],
        "customer": row["customer"],
        "accepted_at": timestamp(row["created_at"]),
        "updated_at": timestamp(row["updated_at"]),
        "event_sent_at": row["sent_at"] and timestamp(row["sent_at"]),
        "trace_id": place.trace_id.hex() if place else None,
        "position": shown.cursor(row),
    }
