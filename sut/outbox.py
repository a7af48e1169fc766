"""Events leave a service through its database: written with the change they tell of, published after it."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from sut import events, tasks
from sut.broker import Broker, BrokerUnavailable
from sut.database import Connection, Database, DatabaseUnavailable, Row
from sut.events import Event

log = logging.getLogger(__name__)

_PUT = "INSERT INTO outbox (event_id, subject, payload) VALUES ($1, $2, $3)"
_OLDEST = """
    SELECT id, event_id, subject, payload, headers FROM outbox
    WHERE sent_at IS NULL ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
"""
_MARK_SENT = "UPDATE outbox SET sent_at = now() WHERE id = ANY($1::bigint[])"
_POLL_S = 1.0
_PAUSE_AFTER_FAILURE_S = 0.2


async def put(connection: Connection, event: Event) -> None:
    """Write an event in the caller's transaction; the relay publishes it after the commit."""
    await connection.execute(_PUT, event.event_id, event.subject, events.to_json(event))


async def relay_once(database: Database, broker: Broker, *, limit: int = 200) -> int:
    """Publish the oldest unsent events in order; return how many.

    At least once: on any failure the batch stays unsent and is published again, so consumers drop event ids
    they have seen.

    Raises:
        BrokerUnavailable: the broker did not confirm; nothing was marked sent.
        DatabaseUnavailable: the database is away.
    """
    async with database.connection() as connection, connection.transaction():
        rows = await connection.fetch(_OLDEST, limit)
        if rows:
            await asyncio.gather(*(_publish(broker, row) for row in rows))
            await connection.execute(_MARK_SENT, [row["id"] for row in rows])
    return len(rows)


async def _publish(broker: Broker, row: Row) -> None:
    headers = {**row["headers"], "Nats-Msg-Id": str(row["event_id"])}
    await broker.publish(row["subject"], row["payload"].encode(), headers)


class Relay:
    """The background task that empties the outbox: woken by each commit, and once a second in any case."""

    def __init__(self, database: Database, broker: Broker, *, limit: int = 200) -> None:
        self._database = database
        self._broker = broker
        self._limit = limit
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        database.on_commit(self._wake.set)

    async def start(self) -> None:
        """Begin to relay."""
        self._task = asyncio.create_task(self._run(), name="relay")

    async def stop(self) -> None:
        """Stop; what is unsent stays in the outbox."""
        await tasks.end([self._task])

    @property
    def running(self) -> bool:
        """Whether the task is alive."""
        return self._task is not None and not self._task.done()

    async def _run(self) -> None:
        while True:
            await self._broker.wait_connected()
            self._wake.clear()
            try:
                sent = await relay_once(self._database, self._broker, limit=self._limit)
            except (BrokerUnavailable, DatabaseUnavailable) as error:
                log.warning("relay failed, trying again: %s", error)
                await asyncio.sleep(_PAUSE_AFTER_FAILURE_S)
                continue
            if sent < self._limit:
                await self._sleep()

    async def _sleep(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_POLL_S):
                await self._wake.wait()
