"""What a page of the dashboard shows, and the stream that tells an open one what has changed since."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple

from sut.database import Database, DatabaseUnavailable
from sut.live import Live
from sut.mes import store, wanted
from sut.mes.store import WorkOrder
from sut.mes.wanted import Filter
from sut.states import State

CHANNEL = "mes_work_orders"

_ALLOWED_EVERY_S = 10.0
# A busy factory changes orders all the time; nobody reads faster than this, and each look costs a query.
_LOOK_EVERY_S = 0.3


class Shown(NamedTuple):
    """What a page shows: its orders, where the next page begins, and how many orders are in each state."""

    orders: list[WorkOrder]
    next_after: int | None
    counts: dict[State, int]

    @property
    def mark(self) -> str:
        """A word that changes with what is shown."""
        return f"{zlib.crc32(repr(self).encode()):08x}"


async def look(database: Database, query: Filter) -> Shown:
    """Return what a page shows now."""
    async with database.connection() as connection:
        orders, next_after = await store.page(connection, query)
        counts = await store.counts(connection)
    return Shown(orders, next_after, {state: counts.get(state, 0) for state in wanted.STATES})


async def frames(
    live: Live,
    database: Database,
    query: Filter,
    seen: str,
    row: Callable[[WorkOrder], str],
    allowed: Callable[[], Awaitable[bool]],
) -> AsyncIterator[str]:
    """Yield an event for each change of a page that was last `seen` with this mark, and beats in between."""
    clock = asyncio.get_running_loop().time
    before: Shown | None = None
    checked_at_s = clock()
    yield "retry: 1000\n\n"
    async for _ in live.wake_ups():  # also after a quiet while: an age filter changes by itself
        try:
            if clock() - checked_at_s >= _ALLOWED_EVERY_S:
                checked_at_s = clock()
                if not await allowed():
                    yield "event: over\ndata:\n\n"
                    return
            now = await look(database, query)
        except DatabaseUnavailable:
            return  # the browser comes back by itself and says what it has seen
        if now != before and (before or now.mark != seen):
            yield f"event: orders\ndata: {json.dumps(_change(query, before, now, row))}\n\n"
        before = now
        yield "event: beat\ndata:\n\n"
        await asyncio.sleep(_LOOK_EVERY_S)


def _change(
    query: Filter, before: Shown | None, now: Shown, row: Callable[[WorkOrder], str]
) -> dict[str, object]:
    known = before.orders if before else []
    return {
        "shown": [order.order_number for order in now.orders],
        "rows": {order.order_number: row(order) for order in now.orders if order not in known},
        "counts": now.counts,
        "next": query.query(now.next_after) if now.next_after else "",
    }
