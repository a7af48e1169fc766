"""Events enter a service once: the event's id is kept in the same transaction as its effect."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing

import nats.errors
import nats.js.errors
from nats.aio.msg import Msg

from sut import dead, events, tasks
from sut.broker import Broker, BrokerUnavailable
from sut.database import Connection, Database, DatabaseUnavailable
from sut.events import Event, PoisonMessage
from sut.pulling import ACK_WAIT_S, ConsumerGone, ensure_consumer, messages
from sut.telemetry import messaging
from sut.telemetry.spans import Span

log = logging.getLogger(__name__)

Handler = Callable[[Connection, Event], Awaitable[None]]

_SEEN = "INSERT INTO inbox (event_id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING event_id"
_TRIES = 5
# Together longer than a killed process delays what it held, so that an event survives overtaking another.
_BACK_OFF_S = (0.25, 0.75, 2.0, 5.0)
NAK_TRANSIENT_S = 0.5
_AT_ONCE = 8
_STILL_AT_WORK_S = ACK_WAIT_S / 3
_GRACE_S = 0.5
_TRANSIENT = (DatabaseUnavailable, BrokerUnavailable)


class Consumer:
    """A service's durable consumer of the order events it has handlers for.

    `handlers` maps an event's type to `handler(connection, event)`, which runs in the transaction that also
    keeps the event's id. Events of one order run in sequence, those of different orders at once.
    """

    def __init__(
        self, name: str, database: Database, broker: Broker, handlers: Mapping[str, Handler]
    ) -> None:
        self._name = name
        self._database = database
        self._broker = broker
        self._handlers = {f"orders.{type_}": handler for type_, handler in handlers.items()}
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._lanes: dict[str, asyncio.Task[bool]] = {}
        self._held: dict[asyncio.Task[bool], Msg] = {}
        self._tries: Counter[str] = Counter()
        self._tasks: list[asyncio.Task[None]] = []
        self._subscribed = False

    async def start(self) -> None:
        """Begin to consume as soon as the broker can be used."""
        self._tasks = [
            asyncio.create_task(self._run(), name=f"consumer-{self._name}"),
            asyncio.create_task(self._keep_held(), name=f"consumer-{self._name}-at-work"),
        ]

    async def stop(self) -> None:
        """Take no more and finish what is under way; what takes too long is delivered again later."""
        await tasks.end(self._tasks)
        if self._held:
            await asyncio.wait(list(self._held), timeout=_GRACE_S)
        await tasks.end(list(self._held))

    @property
    def running(self) -> bool:
        """Whether it has subscribed and its task is alive."""
        return self._subscribed and not any(task.done() for task in self._tasks)

    async def _run(self) -> None:
        while True:
            await self._broker.wait_connected()
            try:
                await ensure_consumer(self._broker.jetstream, events.STREAM, self._name, self._filter())
                self._subscribed = True
                stream = messages(self._broker.client, events.STREAM, self._name, batch=_AT_ONCE)
                async with aclosing(stream):
                    async for message in stream:
                        await self.accept(message)
            except (ConsumerGone, nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError) as error:
                log.warning("consuming was interrupted: %s", error)
                await asyncio.sleep(0.2)

    def _filter(self) -> str:
        """Name what the broker delivers: it filters by one subject, or by none."""
        return next(iter(self._handlers)) if len(self._handlers) == 1 else events.SUBJECTS

    async def accept(self, message: Msg) -> None:
        """Start on a message once a slot is free; behind the earlier message of the same order, if any."""
        handler = self._handlers.get(message.subject)
        if handler is None or self._is_for_another(message):
            await message.ack()
            return
        try:
            event = events.from_json(message.data)
        except PoisonMessage as poison:
            await self._bury(message, str(poison))
            return
        await self._slots.acquire()
        lane = str(event.order_id)
        task = asyncio.create_task(self._deliver(message, event, handler, self._lanes.get(lane)))
        self._lanes[lane] = task
        self._held[task] = message
        task.add_done_callback(lambda done: self._leave(lane, done))

    def _is_for_another(self, message: Msg) -> bool:
        """Say whether a message was replayed for one consumer, and that is not this one."""
        return (message.headers or {}).get(dead.FOR, self._name) != self._name

    def _leave(self, lane: str, task: asyncio.Task[bool]) -> None:
        self._slots.release()
        del self._held[task]
        if self._lanes.get(lane) is task:
            del self._lanes[lane]
        if not task.cancelled() and task.exception():
            log.error("a message will be delivered again: %s", task.exception())

    async def _keep_held(self) -> None:
        """Tell the broker that long work goes on, so that it does not deliver the message again."""
        while True:
            await asyncio.sleep(_STILL_AT_WORK_S)
            for message in list(self._held.values()):
                try:
                    await message.in_progress()
                except (nats.errors.Error, OSError) as error:
                    log.debug("could not ask for more time: %s", error)

    async def _deliver(
        self, message: Msg, event: Event, handler: Handler, earlier: asyncio.Task[bool] | None
    ) -> bool:
        """Handle one message; False when its order's later events must wait for it."""
        if earlier and not await _succeeded(earlier):
            await message.nak(delay=NAK_TRANSIENT_S)
            return False
        with messaging.processed(message.headers, event, self._name) as span:
            return await self._dealt_with(message, event, handler, span)

    async def _dealt_with(self, message: Msg, event: Event, handler: Handler, span: Span) -> bool:
        try:
            await self._handle(event, handler, span)
        except _TRANSIENT as error:
            log.info("event %s waits: %s", event.event_id, error)
            await message.nak(delay=NAK_TRANSIENT_S)
            return False
        except PoisonMessage as poison:
            await self._bury(message, str(poison))
            return True
        except Exception as error:  # any bug of a handler: the event must neither vanish nor block the rest
            return await self._retry_or_bury(message, event, error)
        self._tries.pop(str(event.event_id), None)
        await message.ack()
        return True

    async def _handle(self, event: Event, handler: Handler, span: Span) -> None:
        try:
            async with self._database.transaction() as connection:
                if await connection.fetchval(_SEEN, event.event_id) is None:
                    log.info("event %s came again", event.event_id)
                    return
                await handler(connection, event)
        except Exception as error:
            span.fail(type(error).__name__)
            raise

    async def _retry_or_bury(self, message: Msg, event: Event, error: Exception) -> bool:
        key = str(event.event_id)
        self._tries[key] += 1
        tries = self._tries[key]
        log.exception("handling %s %s failed, try %d of %d", event.type, key, tries, _TRIES)
        if tries < _TRIES:
            await message.nak(delay=_BACK_OFF_S[tries - 1])
            return False
        del self._tries[key]
        await self._bury(message, f"{type(error).__name__}: {error}")
        return True

    async def _bury(self, message: Msg, reason: str) -> None:
        """Move a message to the dead letters; when the broker is away it is delivered again later."""
        letter = dead.letter(self._name, message, reason)
        try:
            await self._broker.publish(letter.subject, letter.body, letter.headers)
            await message.term()
        except BrokerUnavailable as error:
            log.warning("could not bury a message, it will come again: %s", error)
        else:
            log.error("dead letter from %s: %s", message.subject, reason)


async def _succeeded(task: asyncio.Task[bool]) -> bool:
    await asyncio.wait({task})
    return not task.cancelled() and task.exception() is None and task.result()
