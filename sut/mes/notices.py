"""Notices of new orders to make: written with the change they tell of, seen in the page, sent by mail."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import asyncpg

from sut.mes.changes import Held
from sut.telemetry import spans

SCHEMA = Path(__file__).with_name("notices.sql")
CHANNEL = "mes_notices"

# A notice's id is given before its transaction commits, so a lower one may appear after a higher one.
_LATE_BY = 200

_TELL = f"""
    WITH told AS (
        INSERT INTO notices (work_order_id, order_number, material, quantity, traceparent)
        SELECT id, order_number, material, quantity, $3 FROM work_orders WHERE id = $1 AND state = $2
        ON CONFLICT (work_order_id) DO NOTHING
        RETURNING id
    ), mailed AS (
        INSERT INTO notice_mails (notice_id, account_id)
        SELECT told.id, account_id FROM told CROSS JOIN notice_preferences WHERE by_mail
    )
    SELECT pg_notify('{CHANNEL}', '') FROM told
"""  # noqa: S608  # the channel is ours
_SINCE = "SELECT id, order_number, material, quantity FROM notices WHERE id > $1 ORDER BY id LIMIT 500"
_NEWEST = "SELECT coalesce(max(id), 0) FROM notices"
_PREFERENCES = "SELECT by_mail, in_page FROM notice_preferences WHERE account_id = $1"
_PREFER = """
    INSERT INTO notice_preferences (account_id, by_mail, in_page) VALUES ($1, $2, $3)
    ON CONFLICT (account_id) DO UPDATE SET by_mail = excluded.by_mail, in_page = excluded.in_page
"""


class Notice(NamedTuple):
    """An order that is to be made."""

    id: int
    order_number: str
    material: str
    quantity: int


class Preferences(NamedTuple):
    """How an operator wants to be told."""

    by_mail: bool = False
    in_page: bool = True


class Unseen:
    """What one open page has not been told yet, whatever the order in which notices are committed.

    `after` is the last notice the page says it has seen; a page that says nothing has seen all there is.
    """

    def __init__(self, after: int | None) -> None:
        self._after = after
        self._told: set[int] | None = None

    async def fetch(self, connection: asyncpg.Connection) -> list[Notice]:
        """Return the notices that came since the last call, oldest first."""
        if self._after is None:
            self._after = int(await connection.fetchval(_NEWEST))
        rows = await connection.fetch(_SINCE, self._after - _LATE_BY)
        recent = [Notice(*row) for row in rows]
        if self._told is None:
            self._told = {notice.id for notice in recent if notice.id <= self._after}
        fresh = [notice for notice in recent if notice.id not in self._told]
        self._after = max([self._after, *(notice.id for notice in fresh)])
        self._told = {notice.id for notice in recent if notice.id > self._after - _LATE_BY}
        return fresh


async def tell(connection: asyncpg.Connection, held: Held) -> None:
    """Tell the operators that a work order can be made, once and with the change that made it so."""
    await connection.execute(_TELL, held.id, held.state, spans.traceparent())


async def preferences(connection: asyncpg.Connection, account_id: UUID) -> Preferences:
    """Return how an operator wants to be told."""
    row = await connection.fetchrow(_PREFERENCES, account_id)
    return Preferences(*row) if row else Preferences()


async def prefer(connection: asyncpg.Connection, account_id: UUID, wanted: Preferences) -> None:
    """Keep how an operator wants to be told."""
    await connection.execute(_PREFER, account_id, wanted.by_mail, wanted.in_page)
