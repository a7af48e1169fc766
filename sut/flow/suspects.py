"""Asks both sides about single orders: those about to be late, and those that `api` has not confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from sut.database import Connection, Database
from sut.flow.asking import ApiAudit, MesAudit, Silent
from sut.flow.deadlines import Deadlines
from sut.flow.following import absorb
from sut.flow.reconciliation import Word

_AT_ONCE = 20
_AHEAD_S = 1.0
_GRACE_S = 3.0

# Asked about a second before the deadline, so that the board is right when it passes; then every five
# seconds, and ever more rarely the longer it lasts.
_LATE = """
    SELECT late.order_id
    FROM unnest($1::text[], $2::float8[]) AS due (hop, seconds) CROSS JOIN LATERAL (
        SELECT order_id FROM orders
        WHERE orders.hop = due.hop AND waiting_since < now() - make_interval(secs => due.seconds - $3)
        AND (checked_at IS NULL OR checked_at < now() - greatest(
            interval '5 s', (now() - waiting_since - make_interval(secs => due.seconds)) / 10))
        LIMIT $4
    ) AS late LIMIT $4
"""
_UNCONFIRMED = """
    SELECT order_id FROM orders
    WHERE NOT confirmed_by_api AND first_seen_at < now() - make_interval(secs => $1)
    AND (checked_at IS NULL OR checked_at < now() - greatest(interval '5 s', (now() - first_seen_at) / 10))
    LIMIT $2
"""
_CHECKED = "UPDATE orders SET checked_at = now() WHERE order_id = ANY($1::uuid[])"
_UNKNOWN = """
    UPDATE orders SET unknown_to_api = NOT confirmed_by_api AND order_id <> ALL($2::uuid[])
    WHERE order_id = ANY($1::uuid[])
"""


class Suspects:
    """The part of the reconciliation that looks at single orders."""

    def __init__(self, database: Database, api: ApiAudit, mes: MesAudit, deadlines: Deadlines) -> None:
        self._database = database
        self._api = api
        self._mes = mes
        self._hops = [*deadlines], [deadline.seconds for deadline in deadlines.values()]

    async def look(self) -> str:
        """Ask about a bounded number of orders; who does not answer now is asked again."""
        async with self._database.connection() as connection:
            late = await _ids(connection, _LATE, *self._hops, _AHEAD_S, _AT_ONCE)
            unconfirmed = await _ids(connection, _UNCONFIRMED, _GRACE_S, _AT_ONCE)
        suspects = [*dict.fromkeys(late + unconfirmed)]
        if suspects:
            with suppress(Silent):  # the watches of api and MES tell the board
                await self._ask_api(suspects)
            with suppress(Silent):
                await self._ask_mes(suspects)
            async with self._database.connection() as connection:
                await connection.execute(_CHECKED, suspects)
        return ""

    async def _ask_api(self, suspects: Sequence[UUID]) -> None:
        accepted = await self._api.of(suspects)
        await absorb(self._database, accepted)
        async with self._database.connection() as connection:
            await connection.execute(_UNKNOWN, suspects, [word.order_id for word in accepted])

    async def _ask_mes(self, suspects: Sequence[UUID]) -> None:
        words: list[Word] = []
        for order_id in suspects:
            words += await self._mes.of(order_id)
        await absorb(self._database, words)


async def _ids(connection: Connection, query: str, *arguments: object) -> list[UUID]:
    return [row["order_id"] for row in await connection.fetch(query, *arguments)]
