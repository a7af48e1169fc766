"""Tells whoever waits that something was committed, whichever process of the service committed it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import asyncpg

log = logging.getLogger(__name__)

_RECONNECT_S = 0.5
_ALIVE_S = 10.0  # proxies and browsers take a silent stream for a dead one
_WATCH_S = 2.0
_MOST = 500  # open pages of one process


class Live:
    """Hears a channel of the database (LISTEN) and wakes everybody who follows.

    A wake-up carries nothing: whoever is woken reads what is new from the database. So one that comes late or
    twice does no harm, and after a lost connection everybody is woken once.
    """

    def __init__(self, database_url: str, channel: str) -> None:
        self._url = database_url
        self._channel = channel
        self._followers: set[asyncio.Event] = set()
        self._task: asyncio.Task[None] | None = None
        self._ending = False

    async def start(self) -> None:
        """Begin to listen as soon as the database can be reached."""
        self._task = asyncio.create_task(self._run(), name=f"live-{self._channel}")

    async def stop(self) -> None:
        """Stop, and let every stream end."""
        self.end_streams()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def end_streams(self) -> None:
        """Let every stream end, so that a server that is told to stop need not wait for open pages."""
        self._ending = True
        self._wake()

    @property
    def is_full(self) -> bool:
        """Whether no further page can be served."""
        return len(self._followers) >= _MOST

    async def wake_ups(self, quiet_s: float = _ALIVE_S) -> AsyncIterator[bool]:
        """Yield True at once and at each commit that was announced, False after each quiet while."""
        with self.following() as woken:
            yield True
            while not self._ending:
                try:
                    await asyncio.wait_for(woken.wait(), timeout=quiet_s)
                except TimeoutError:
                    yield False
                else:
                    woken.clear()
                    if not self._ending:
                        yield True

    @contextmanager
    def following(self) -> Iterator[asyncio.Event]:
        """Lend an event that is set at each commit that was announced; whoever reacts clears it."""
        woken = asyncio.Event()
        self._followers.add(woken)
        try:
            yield woken
        finally:
            self._followers.discard(woken)

    def _wake(self, *_: object) -> None:
        for woken in self._followers:
            woken.set()

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.info("not listening to %s, trying again: %s", self._channel, error)
            await asyncio.sleep(_RECONNECT_S)

    async def _listen(self) -> None:
        connection = await asyncpg.connect(self._url, timeout=5)
        try:
            await connection.add_listener(self._channel, self._wake)
            self._wake()  # for what was missed while nobody listened
            while not connection.is_closed():
                await connection.fetchval("SELECT 1", timeout=5)  # notices a server that left silently
                await asyncio.sleep(_WATCH_S)
        finally:
            await connection.close(timeout=1)
