"""Background tasks that really end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

log = logging.getLogger(__name__)


async def end(tasks: Iterable[asyncio.Task[object] | None], *, within_s: float = 0.5) -> None:
    """Cancel tasks until they have ended, because a library below may swallow a cancellation."""
    pending = {task for task in tasks if task and not task.done()}
    rounds = 10
    for _ in range(rounds):
        if not pending:
            return
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=within_s / rounds)
    for task in pending:
        log.warning("%s does not end", task.get_name())
