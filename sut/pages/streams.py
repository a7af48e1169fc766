"""Streams of server-sent events: how an event is written, and how a stream is answered.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse

#: How long browsers wait before they come back to a stream that broke off.
RETRY = "retry: 1000\n\n"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def frame(event: str, data: str) -> str:
    """Write an event; each line of its data has a field of its own."""
    lines = "".join(f"data: {line}\n" for line in data.splitlines() or [""])
    return f"event: {event}\n{lines}\n"


def answer(frames: AsyncIterator[str]) -> StreamingResponse:
    """Answer with a stream that neither browsers nor proxies keep or hold back."""
    return StreamingResponse(frames, media_type="text/event-stream", headers=_HEADERS)
