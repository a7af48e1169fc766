"""Asks one source again and again, and keeps in the database whether it answers and since when that is so."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sut import tasks
from sut.database import Database, DatabaseUnavailable
from sut.flow.asking import Silent

log = logging.getLogger(__name__)

EVERY_S = 1.0
_NOTED_EVERY_S = 2.0
_NOTE = """
    INSERT INTO sources (name, answers, since, checked_at, detail) VALUES ($1, $2, now(), now(), $3)
    ON CONFLICT (name) DO UPDATE SET
        answers = excluded.answers, checked_at = excluded.checked_at, detail = excluded.detail,
        since = CASE WHEN sources.answers = excluded.answers THEN sources.since ELSE excluded.since END
"""


class Watch:
    """One source's part of the service: `look` returns a remark, or raises `Silent` with what is wrong."""

    def __init__(
        self, name: str, look: Callable[[], Awaitable[str]], database: Database, *, every_s: float = EVERY_S
    ) -> None:
        self._name = name
        self._every_s = every_s
        self._look = look
        self._database = database
        self._noted: tuple[bool, str] | None = None
        self._noted_at_s = 0.0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._run(), name=f"watch-{self._name}")

    async def stop(self) -> None:
        """Stop looking."""
        await tasks.end([self._task])

    async def _run(self) -> None:
        while True:
            began_s = asyncio.get_running_loop().time()
            try:
                await self._note(*await self._outcome())
            except DatabaseUnavailable as error:
                log.warning("nothing noted of %s: %s", self._name, error)
            took_s = asyncio.get_running_loop().time() - began_s
            await asyncio.sleep(max(self._every_s - took_s, self._every_s / 5))

    async def _outcome(self) -> tuple[bool, str]:
        try:
            return True, await self._look()
        except Silent as silent:
            return False, str(silent)
        except DatabaseUnavailable:
            raise
        except Exception:  # any bug: the board must say that it is blind, not go on as if all were well
            log.exception("looking at %s failed", self._name)
            return False, "the flow itself failed while it asked; its log says how"

    async def _note(self, answers: bool, detail: str) -> None:
        now_s = asyncio.get_running_loop().time()
        if (answers, detail) == self._noted and now_s - self._noted_at_s < _NOTED_EVERY_S:
            return
        if self._noted is None or self._noted[0] != answers:
            log.log(logging.INFO if answers else logging.WARNING, "%s: %s", self._name, detail or "answers")
        async with self._database.connection() as connection:
            await connection.execute(_NOTE, self._name, answers, detail)
        self._noted, self._noted_at_s = (answers, detail), now_s
