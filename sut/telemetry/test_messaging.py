"""An event's trace over outbox, broker and consumer, on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from nats.aio.msg import Msg

from fixtures.testbed.postgres import NativePostgres
from sut import dead, events, outbox
from sut.broker import Broker, BrokerUnavailable
from sut.database import Connection, Database
from sut.events import Event
from sut.inbox import Consumer
from sut.telemetry import spans
from sut.telemetry.conftest import Recorded, attributes
from sut.telemetry.place import HEADER

CLICK = spans.Named("click")


class Post:
    """A broker that keeps what is published, and refuses as often as it is told to."""

    def __init__(self) -> None:
        self.published: list[Letter] = []
        self.refusals = 0

    async def publish(self, subject: str, payload: bytes, headers: dict[str, str]) -> None:
        """Keep it, or not."""
        if self.refusals:
            self.refusals -= 1
            raise BrokerUnavailable("not now")
        self.published.append(Letter(subject, payload, headers))


class Letter:
    """A message as it is delivered."""

    def __init__(self, subject: str, data: bytes, headers: dict[str, str]) -> None:
        self.subject, self.data, self.headers = subject, data, headers
        self.metadata = SimpleNamespace(stream="ORDERS", sequence=SimpleNamespace(stream=1), timestamp="noon")

    async def ack(self) -> None:
        """Be done."""

    async def term(self) -> None:
        """Be given up."""

    async def nak(self, delay: float) -> None:
        """Come again."""


class Office:
    """Outbox and inbox of one service."""

    def __init__(self, database: Database) -> None:
        self.database, self.post = database, Post()

    async def tell(self, event: Event) -> None:
        """Write an event under a click."""
        with spans.below(CLICK):
            async with self.database.transaction() as connection:
                await outbox.put(connection, event)

    async def relay(self) -> None:
        """Publish what there is."""
        await outbox.relay_once(self.database, cast(Broker, self.post))

    async def deliver(self, letter: Letter, handler: Callable[[Connection, Event], Awaitable[None]]) -> None:
        """Have a message handled."""
        consumer = Consumer("api", self.database, cast(Broker, self.post), {"mes.made": handler})
        await consumer.accept(cast(Msg, letter))
        await consumer.stop()


Story = Callable[[Office], Awaitable[None]]


@pytest.fixture
def tell(own_postgres: NativePostgres, recorded: Recorded) -> Callable[[Story], None]:
    """Run a story in an office that traces."""

    async def run(story: Story) -> None:
        database = Database(own_postgres.url("pricing"), name="test")
        await database.start()
        try:
            async with database.connection() as connection:
                await connection.execute("TRUNCATE outbox")
            recorded.taken.clear()
            await story(Office(database))
        finally:
            await database.stop()

    return lambda story: asyncio.run(run(story))


def made(order_id: UUID | None = None) -> Event:
    """An event."""
    return events.new("mes.made", order_id or uuid4(), "7F3K-0192", operator="Vera")


def chain(recorded: Recorded, *names: str) -> list[Any]:
    """Return spans of these names, after seeing that each is right below the one before."""
    found = [recorded.named(name) for name in names]
    assert {span.trace_id for span in found} == {found[0].trace_id}
    assert [span.parent_span_id for span in found[1:]] == [span.span_id for span in found[:-1]]
    return found


def test_event_is_one_trace_from_the_click_to_its_effect(
    tell: Callable[[Story], None], recorded: Recorded
) -> None:
    """Written, published and processed, at whatever time and by whatever process, is one chain."""
    event = made()

    async def story(office: Office) -> None:
        async def handle(connection: Connection, _: Event) -> None:
            await connection.fetchval("SELECT 1 FROM inbox WHERE event_id = $1", event.event_id)

        await office.tell(event)
        await office.relay()
        await office.deliver(office.post.published[0], handle)

    tell(story)
    names = ("outbox mes.made", "publish mes.made", "process mes.made", "SELECT inbox")
    _, written, published, processed, looked = chain(recorded, "click", *names)
    assert {attributes(span)["order.id"] for span in (written, published, processed)} == {str(event.order_id)}
    assert attributes(written)["order.number"] == "7F3K-0192"
    assert attributes(published)["messaging.message.id"] == str(event.event_id)
    assert attributes(processed)["messaging.system"] == "nats"
    assert attributes(looked)["db.query.text"] == "SELECT 1 FROM inbox WHERE event_id = $1"
    assert (published.kind, processed.kind) == (published.SPAN_KIND_PRODUCER, processed.SPAN_KIND_CONSUMER)


def test_retries_stay_in_the_trace(tell: Callable[[Story], None], recorded: Recorded) -> None:
    """What fails and is done again, at the relay or in a handler, is seen as often as it was tried."""
    failures = [ValueError("a bug")]

    async def story(office: Office) -> None:
        async def handle(_: Connection, __: Event) -> None:
            if failures:
                raise failures.pop()

        await office.tell(made())
        office.post.refusals = 1
        with pytest.raises(BrokerUnavailable):
            await office.relay()
        await office.relay()
        for _ in range(2):
            await office.deliver(office.post.published[0], handle)

    tell(story)
    tries = [span for span in recorded.spans if span.name.startswith(("publish", "process"))]
    failed = [span.status.code == span.status.STATUS_CODE_ERROR for span in tries]
    assert failed == [True, False, True, False]
    assert len({span.trace_id for span in recorded.spans}) == 1


def test_dead_letter_is_replayed_in_its_orders_trace(
    tell: Callable[[Story], None], recorded: Recorded
) -> None:
    """A message that died keeps its place, so that its replay goes on in the same trace."""

    async def story(office: Office) -> None:
        await office.tell(made())
        await office.relay()
        dying = cast(Msg, office.post.published[0])
        letter = dead.letter("api", dying, "a bug")
        async with office.database.transaction() as connection:
            place = letter.headers[HEADER]
            await outbox.put_again(connection, uuid4(), dying.subject, letter.body.decode(), {}, place)
        await office.relay()

    tell(story)
    first, again = [span for span in recorded.spans if span.name == "publish mes.made"]
    assert again.parent_span_id == first.span_id


def test_events_travel_without_a_trace_while_tracing_is_off(tell: Callable[[Story], None]) -> None:
    """Without a collector messages are as they were."""

    async def story(office: Office) -> None:
        spans.switch(None)
        await office.tell(made())
        await office.relay()
        assert list(office.post.published[0].headers) == ["Nats-Msg-Id"]

    tell(story)


def test_trace_outlives_a_relay_that_does_not_trace(
    tell: Callable[[Story], None], recorded: Recorded
) -> None:
    """A process without a collector hands on what it was given."""

    async def story(office: Office) -> None:
        await office.tell(made())
        spans.switch(None)
        await office.relay()
        written = recorded.named("outbox mes.made")
        assert office.post.published[0].headers[HEADER].split("-")[2] == written.span_id.hex()

    tell(story)
