"""Counts partners' calls: in memory while they happen, in the database about each second."""

from __future__ import annotations

import asyncio
import logging
import time
from bisect import bisect_left
from collections import Counter
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sut import tasks
from sut.api.contracts import Contract
from sut.database import Database, DatabaseUnavailable

log = logging.getLogger(__name__)

_FLUSH_S = 1.0
_MINUTE_S, _HOUR_S = 60, 3600
_GROWTH = 1.08

#: Upper bounds of the buckets in ms: what is read from them is at most 8 % too high and never too low.
BOUNDS_MS: tuple[float, ...] = tuple(round(1.0 * _GROWTH**step, 2) for step in range(144))

_ADD = """
    INSERT INTO partner_calls AS kept (partner_id, span, began_at, kind, bucket, calls)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::smallint[], $6::bigint[])
    ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (partner_id, span, began_at, kind, bucket) DO UPDATE SET calls = kept.calls + excluded.calls
"""
_CLEAN = """
    DELETE FROM partner_calls
    WHERE span = 'minute' AND began_at < now() - interval '3 hours'
       OR span = 'hour' AND began_at < now() - interval '40 days'
"""


class Kind(StrEnum):
    """What became of a call: `slow` ones are counted among the answered as well."""

    ANSWERED = "answered"
    SLOW = "slow"
    FAILED = "failed"
    LIMITED = "limited"


class _Slot(NamedTuple):
    partner_id: str
    minute: int
    kind: Kind
    bucket: int


class Calls:
    """The background task that keeps the counts of this process; it adds to what others counted."""

    def __init__(self, database: Database, *, clean_every_s: int = 60) -> None:
        self._database, self._clean_every = database, max(1, round(clean_every_s / _FLUSH_S))
        self._counts: Counter[_Slot] = Counter()
        self._flushing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to keep counts."""
        self._task = asyncio.create_task(self._run(), name="calls")

    async def stop(self) -> None:
        """Stop, and keep what was counted last."""
        await tasks.end([self._task])
        await self._try_flush()

    def note(self, partner_id: str, contract: Contract, status: int | None, took_s: float) -> None:
        """Count a call by its answer's status; None where there was no answer."""
        kind = _kind(status)
        bucket = bisect_left(BOUNDS_MS, took_s * 1000) if kind is Kind.ANSWERED else 0
        minute = int(time.time()) // _MINUTE_S
        self._counts[_Slot(partner_id, minute, kind, min(bucket, len(BOUNDS_MS) - 1))] += 1
        if kind is Kind.ANSWERED and took_s * 1000 > contract.latency_ms:
            self._counts[_Slot(partner_id, minute, Kind.SLOW, 0)] += 1

    async def flush(self) -> None:
        """Add what this process counted to the database; on a failure it is kept for the next time.

        When a commit's confirmation is lost with the connection, a second's calls are counted twice.
        """
        async with self._flushing:
            taken, self._counts = self._counts, Counter()
            if not taken:
                return
            try:
                async with self._database.connection() as connection:
                    await connection.execute(_ADD, *_columns(taken))
            except BaseException:
                self._counts.update(taken)
                raise

    async def _run(self) -> None:
        rounds = 0
        while True:
            await asyncio.sleep(_FLUSH_S)
            if await self._try_flush() and rounds % self._clean_every == 0:
                await self._clean()
            rounds += 1

    async def _try_flush(self) -> bool:
        try:
            await self.flush()
        except DatabaseUnavailable as error:
            log.warning("counts of calls wait for the database: %s", error)
            return False
        return True

    async def _clean(self) -> None:
        try:
            async with self._database.connection() as connection:
                await connection.execute(_CLEAN)
        except DatabaseUnavailable as error:
            log.warning("old counts of calls are kept for now: %s", error)


def _kind(status: int | None) -> Kind:
    """A failure is ours alone: 4xx is an answer, and 429 is a call beyond the contract."""
    if status is None or status >= 500:
        return Kind.FAILED
    return Kind.LIMITED if status == 429 else Kind.ANSWERED


def _columns(counts: Counter[_Slot]) -> tuple[list[object], ...]:
    """Return the counts by minute and by hour, as columns."""
    by_hour: Counter[_Slot] = Counter()
    for slot, calls in counts.items():
        by_hour[slot._replace(minute=slot.minute // (_HOUR_S // _MINUTE_S))] += calls
    rows = [
        (UUID(slot.partner_id), span, datetime.fromtimestamp(slot.minute * length_s, UTC), *slot[2:], calls)
        for span, length_s, counted in (("minute", _MINUTE_S, counts), ("hour", _HOUR_S, by_hour))
        for slot, calls in counted.items()
    ]
    return tuple(list(column) for column in zip(*rows, strict=True))
