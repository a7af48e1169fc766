"""Parts of pages that stay fresh by server-sent events: sent whole, and only when they have changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.responses import StreamingResponse

from sut.database import DatabaseUnavailable
from sut.events import now, timestamp
from sut.pages import streams

EVERY_S = 0.5
_BEAT_EVERY_S = 2.0
_ALLOWED_EVERY_S = 10.0
_MOST = 200


class Lives:
    """The open streams of this process."""

    def __init__(self) -> None:
        self._stopping = asyncio.Event()
        self._open = 0

    def end(self) -> None:
        """End every stream: the process stops, and their readers will find the next one."""
        self._stopping.set()

    @property
    def is_full(self) -> bool:
        """Whether no more can be served."""
        return self._open >= _MOST

    def stream(
        self, made: Callable[[], Awaitable[str]], allowed: Callable[[], Awaitable[bool]]
    ) -> StreamingResponse:
        """Answer with a part each time that it has changed, as long as its reader may see it."""
        return streams.answer(self._frames(made, allowed))

    async def _frames(
        self, made: Callable[[], Awaitable[str]], allowed: Callable[[], Awaitable[bool]]
    ) -> AsyncIterator[str]:
        self._open += 1
        try:
            yield streams.RETRY
            async for frame in _changes(made, allowed, self._stopping):
                yield frame
        finally:
            self._open -= 1


async def _changes(
    made: Callable[[], Awaitable[str]], allowed: Callable[[], Awaitable[bool]], stopping: asyncio.Event
) -> AsyncIterator[str]:
    clock = asyncio.get_running_loop().time
    shown, beat_at_s, checked_at_s = "", 0.0, clock()
    while not stopping.is_set():
        try:
            if clock() - checked_at_s >= _ALLOWED_EVERY_S:
                checked_at_s = clock()
                if not await allowed():
                    yield streams.frame("over", "")
                    return
            part = await made()
        except DatabaseUnavailable:
            pass  # without beats the page says by itself that it is not live
        else:
            if part != shown:
                shown = part
                yield streams.frame("part", part)
            if clock() - beat_at_s >= _BEAT_EVERY_S:
                beat_at_s = clock()
                yield streams.frame("beat", timestamp(now()))
        await _pause(stopping)


async def _pause(stopping: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), EVERY_S)
    except TimeoutError:
        return
