"""Reads the audits of `api` and MES on and on, and tells each order what they say of it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Generic, TypeVar
from uuid import UUID

from sut.database import Database
from sut.flow import store
from sut.flow.asking import MesAudit, Page
from sut.flow.reconciliation import Follower, Word, WorkOrder, told

W = TypeVar("W", bound=Word)

_PAGES_A_LOOK = 4
_POSITION = "SELECT position FROM positions WHERE audit = $1"
_KEEP_POSITION = """
    INSERT INTO positions (audit, position) VALUES ($1, $2)
    ON CONFLICT (audit) DO UPDATE SET position = excluded.position
"""


async def absorb(database: Database, words: Iterable[Word]) -> None:
    """Tell orders what is said of them; only those are held and written that learn something new."""
    of_order: dict[tuple[UUID, str], list[Word]] = defaultdict(list)
    for word in words:
        of_order[word.order_id, word.number].append(word)
    if not of_order:
        return
    async with database.connection() as connection:
        seen_at: datetime = await connection.fetchval("SELECT now()")
        known = await store.known(connection, [order_id for order_id, _ in of_order])
    changes = {}
    for (order_id, number), said in of_order.items():
        before = known.get(order_id)
        if before is None or told(before, said, seen_at) != before:
            changes[order_id, number] = partial(told, words=said, seen_at=seen_at)
    if changes:
        async with database.transaction() as connection:
            await store.change(connection, changes)


class Following(Generic[W]):
    """One audit that is followed to its end; how far it was read outlives this process."""

    def __init__(self, name: str, after: Callable[[str], Awaitable[Page[W]]], database: Database) -> None:
        self._name = name
        self._after = after
        self._database = database
        self._follower: Follower | None = None
        self._absorbed: dict[str, W] = {}

    async def look(self) -> str:
        """Read on, a bounded number of pages; the remark says when the end was not reached."""
        follower = self._follower or await self._begin()
        kept, position = follower.position, follower.position
        seen: dict[str, W] = {}
        for _ in range(_PAGES_A_LOOK):
            page = await self._after(position)
            await self._absorb(page.items)
            seen.update((item.position, item) for item in page.items)
            if page.next_after is None:
                follower.read_to_end(page.end or position, asyncio.get_running_loop().time())
                break
            follower.left_behind(position)
            position = await self._next(page)
        self._absorbed = seen
        await self._keep(kept, follower.position)
        return "" if page.next_after is None else "its list is still being read"

    async def _absorb(self, items: Sequence[W]) -> None:
        """Take in what is new: the last seconds are read again each time, and mostly say the same."""
        news = [item for item in items if self._absorbed.get(item.position) != item]
        await absorb(self._database, await self._of_interest(news))

    async def _of_interest(self, items: Sequence[W]) -> Sequence[W]:
        return items

    async def _next(self, page: Page[W]) -> str:
        return str(page.next_after)

    async def _begin(self) -> Follower:
        async with self._database.connection() as connection:
            self._follower = Follower(await connection.fetchval(_POSITION, self._name) or "")
        return self._follower

    async def _keep(self, kept: str, position: str) -> None:
        if position != kept:
            async with self._database.connection() as connection:
                await connection.execute(_KEEP_POSITION, self._name, position)


class FollowingMes(Following[WorkOrder]):
    """The MES's audit, in which imports of the time before this flow are passed over."""

    def __init__(self, audit: MesAudit, database: Database) -> None:
        super().__init__("mes", audit.after, database)
        self._audit = audit
        self._since: datetime | None = None

    async def _of_interest(self, items: Sequence[WorkOrder]) -> Sequence[WorkOrder]:
        """Return the work orders of our time; older ones only of orders that we know."""
        since = await self._watching_since()
        old = [item.order_id for item in items if item.created_at < since]
        async with self._database.connection() as connection:
            known = await store.known(connection, old) if old else {}
        return [item for item in items if item.created_at >= since or item.order_id in known]

    async def _next(self, page: Page[WorkOrder]) -> str:
        """Return the next position; behind a page of nothing but imports, far behind it."""
        position = int(page.next_after or 0)
        since = await self._watching_since()
        stride = MesAudit.PAGE if all(item.created_at < since for item in page.items) else 0
        while stride >= MesAudit.PAGE:
            ahead = await self._audit.after(str(position + stride), limit=1)
            if ahead.items and ahead.items[0].created_at < since:
                position, stride = position + stride, stride * 2
            else:
                stride //= 2
        return str(position)

    async def _watching_since(self) -> datetime:
        if self._since is None:
            async with self._database.connection() as connection:
                self._since = await connection.fetchval("SELECT since FROM watch")
        assert self._since
        return self._since
