"""Deletes what has done its service: sent events, ids of handled events, used keys; a few rows at a time."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from sut import tasks
from sut.database import Database, DatabaseUnavailable
from sut.settings import EventSettings

log = logging.getLogger(__name__)

BATCH = 1000
_PAUSE_S = 0.05  # between batches, so that a long backlog does not keep the service from its work


@dataclass(frozen=True)
class Aged:
    """Rows that may go once the moment in one of their columns is older than `keep_s`; NULL never is."""

    table: str
    moment: str
    keep_s: int

    @property
    def statement(self) -> str:
        """Delete the oldest, those that another process deletes just now left out; our own words alone."""
        return f"""
            DELETE FROM {self.table} WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM {self.table} WHERE {self.moment} < now() - $1 * interval '1 second'
                ORDER BY {self.moment} LIMIT {BATCH} FOR UPDATE SKIP LOCKED
            ))
        """  # noqa: S608


def of_settings(settings: EventSettings) -> tuple[Aged, ...]:
    """Return what every service prunes."""
    return (
        # Unsent ones have no sent_at, so they stay however old they are.
        Aged("outbox", "sent_at", settings.outbox_keep_s),
        Aged("inbox", "received_at", settings.inbox_keep_s),
    )


async def prune(database: Database, aged: Aged, *, limit: int = BATCH) -> int:
    """Delete at most one batch; return how many rows went.

    Raises:
        DatabaseUnavailable: the database is away.
    """
    async with database.connection() as connection:
        done: str = await connection.execute(aged.statement, aged.keep_s)
    return int(done.rpartition(" ")[2])


class Pruning:
    """The background task that prunes again and again; several processes may run it at once."""

    def __init__(self, database: Database, *aged: Aged, every_s: int) -> None:
        self._database = database
        self._aged = aged
        self._every_s = every_s
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin; the first look is one interval away."""
        self._task = asyncio.create_task(self._run(), name="pruning")

    async def stop(self) -> None:
        """Stop; what is left goes another time."""
        await tasks.end([self._task])

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            try:
                for aged in self._aged:
                    await self._empty(aged)
            except DatabaseUnavailable as error:
                log.info("pruning waits: %s", error)

    async def _empty(self, aged: Aged) -> None:
        gone = 0
        while (now_gone := await prune(self._database, aged)) == BATCH:
            gone += now_gone
            await asyncio.sleep(_PAUSE_S)
        if gone + now_gone:
            log.info("%d rows of %s were old enough to go", gone + now_gone, aged.table)
