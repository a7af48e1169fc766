"""Events leave a service through its database: written with the change they tell of, published after it."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from sut import events, tasks
from sut.broker import Broker, BrokerUnavailable
from sut.database import Connection, Database, DatabaseUnavailable, Row
from sut.events import Event, PoisonMessage
from sut.live import Live
from sut.telemetry import messaging

log = logging.getLogger(__name__)

CHANNEL = "outbox"
LANES = 16  # as many as shared.sql makes

_PUT = "INSERT INTO outbox (event_id, subject, payload, lane, traceparent) VALUES ($1, $2, $3, $4, $5)"
_PUT_AGAIN = """
    INSERT INTO outbox (event_id, subject, payload, lane, headers, traceparent)
    VALUES ($1, $2, $3, $4, $5, $6)
"""
# A relay that stands still in the middle loses its lanes to the others after this time.
_CLAIM = """
    SELECT lane, set_config('idle_in_transaction_session_timeout', '15s', true) FROM outbox_lanes
    WHERE EXISTS (SELECT FROM outbox WHERE outbox.lane = outbox_lanes.lane AND sent_at IS NULL)
    ORDER BY lane FOR UPDATE SKIP LOCKED
"""
# A statement of its own, so that it sees what the lane's last holder has marked sent.
_OLDEST = """
    SELECT oldest.* FROM unnest($1::smallint[]) AS claimed (lane) CROSS JOIN LATERAL (
        SELECT id, event_id, lane, subject, payload, headers, traceparent FROM outbox
        WHERE outbox.lane = claimed.lane AND sent_at IS NULL ORDER BY id LIMIT $2
    ) AS oldest
    ORDER BY oldest.id
"""
_MARK_SENT = "UPDATE outbox SET sent_at = now() WHERE id = ANY($1::bigint[])"
_PUBLISH_WITHIN_S = 5.0
_POLL_S = 1.0
_PAUSE_AFTER_FAILURE_S = 0.2


def lane_of(order_id: UUID) -> int:
    """Return the lane in which all events of an order leave."""
    return order_id.int % LANES


async def put(connection: Connection, event: Event, led_here: Iterable[str | None] = ()) -> None:
    """Write an event in the caller's transaction; the relay publishes it after the commit.

    `led_here` are places of traces from which it comes, beside what is under way.
    """
    lane = lane_of(event.order_id)
    with messaging.written(event, led_here) as span:
        await connection.execute(
            _PUT, event.event_id, event.subject, events.to_json(event), lane, span.traceparent
        )


async def put_again(
    connection: Connection,
    message_id: UUID,
    subject: str,
    payload: str,
    headers: dict[str, str],
    traceparent: str | None,
) -> None:
    """Write a message that was published before, under an id of its own; it may be no readable event."""
    try:
        lane = lane_of(events.from_json(payload).order_id)
    except PoisonMessage:
        lane = 0
    await connection.execute(_PUT_AGAIN, message_id, subject, payload, lane, headers, traceparent)


async def relay_once(database: Database, broker: Broker, *, limit: int = 400) -> int:
    """Publish the oldest unsent events, those of an order in their order; return how many.

    Several relays may do so at once: each takes the lanes that nobody holds. At least once: what was not
    confirmed stays unsent and is published again, so consumers drop event ids they have seen.

    Raises:
        BrokerUnavailable: the broker did not confirm everything; what it did confirm is marked sent.
        DatabaseUnavailable: the database is away.
    """
    async with database.connection() as connection, connection.transaction():
        lanes = [row["lane"] for row in await connection.fetch(_CLAIM)]
        if not lanes:
            return 0
        rows = await connection.fetch(_OLDEST, lanes, max(1, limit // LANES))
        sent, failure = await _publish_all(broker, rows)
        if sent:
            await connection.execute(_MARK_SENT, sent)
    if failure:
        raise failure
    return len(sent)


async def _publish_all(broker: Broker, rows: Iterable[Row]) -> tuple[list[int], BrokerUnavailable | None]:
    """Publish lanes side by side and each in its order; a lane ends where the broker does not confirm."""
    lanes: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        lanes[row["lane"]].append(row)
    sent: list[int] = []
    try:
        async with asyncio.timeout(_PUBLISH_WITHIN_S):
            failures = await asyncio.gather(*(_publish_lane(broker, lane, sent) for lane in lanes.values()))
    except TimeoutError:
        return sent, BrokerUnavailable(f"not confirmed within {_PUBLISH_WITHIN_S:g} s")
    return sent, next(filter(None, failures), None)


async def _publish_lane(broker: Broker, rows: list[Row], sent: list[int]) -> BrokerUnavailable | None:
    for row in rows:
        headers = {**row["headers"], "Nats-Msg-Id": str(row["event_id"])}
        try:
            with messaging.published(row, headers):
                await broker.publish(row["subject"], row["payload"].encode(), headers)
        except BrokerUnavailable as unconfirmed:
            return unconfirmed
        sent.append(row["id"])
    return None


class Relay:
    """The background task that empties the outbox: woken by each commit, and once a second in any case."""

    def __init__(self, database: Database, broker: Broker, *, limit: int = 400) -> None:
        self._database = database
        self._broker = broker
        self._limit = limit
        self._commits = Live(database.url, CHANNEL)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to relay."""
        await self._commits.start()
        self._task = asyncio.create_task(self._run(), name="relay")

    async def stop(self) -> None:
        """Stop; what is unsent stays in the outbox."""
        await tasks.end([self._task])
        await self._commits.stop()

    @property
    def running(self) -> bool:
        """Whether the task is alive."""
        return self._task is not None and not self._task.done()

    async def _run(self) -> None:
        with self._commits.following() as woken:
            while True:
                await self._broker.wait_connected()
                woken.clear()
                try:
                    sent = await relay_once(self._database, self._broker, limit=self._limit)
                except (BrokerUnavailable, DatabaseUnavailable) as error:
                    log.warning("relay failed, trying again: %s", error)
                    await asyncio.sleep(_PAUSE_AFTER_FAILURE_S)
                    continue
                if sent < self._limit // LANES:  # else a lane may hold more than was taken of it
                    await _wait(woken)


async def _wait(woken: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_POLL_S):
            await woken.wait()
