"""What the consumer does with each kind of message, without a broker or a database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

from nats.aio.msg import Msg

from sut import dead, events, inbox
from sut.broker import Broker, BrokerUnavailable
from sut.database import Connection, Database
from sut.events import Event
from sut.inbox import Consumer


class Letter:
    """A delivered message that notes what became of it."""

    def __init__(self, data: str, subject: str = "orders.mes.made") -> None:
        self.data, self.subject, self.headers = data.encode(), subject, dict[str, str]()
        self.metadata = SimpleNamespace(stream="ORDERS", sequence=SimpleNamespace(stream=7), timestamp="noon")
        self.fate: list[str] = []

    async def ack(self) -> None:
        """Note it."""
        self.fate.append("ack")

    async def term(self) -> None:
        """Note it."""
        self.fate.append("term")

    async def nak(self, delay: float) -> None:
        """Note it."""
        self.fate.append(f"nak {delay}")


class Seen:
    """A database that keeps event ids as the inbox table does, unless the transaction fails."""

    def __init__(self) -> None:
        self._ids: set[UUID] = set()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Seen]:
        """Undo on failure."""
        before = set(self._ids)
        try:
            yield self
        except BaseException:
            self._ids = before
            raise

    async def fetchval(self, _: str, event_id: UUID) -> UUID | None:
        """Insert unless it is there."""
        if event_id in self._ids:
            return None
        self._ids.add(event_id)
        return event_id


class Post:
    """A broker that keeps what is published."""

    def __init__(self) -> None:
        self.published: list[tuple[str, dict[str, str]]] = []

    async def publish(self, subject: str, payload: bytes, headers: dict[str, str]) -> None:
        """Keep it."""
        self.published.append((subject, headers))


def made(order_id: UUID | None = None) -> str:
    """The text of an event."""
    return events.to_json(events.new("mes.made", order_id or uuid4(), "7F3K-0192", operator="Vera"))


class Bench:
    """A consumer whose handler does what a test says."""

    def __init__(self, handle: Callable[[Event], Coroutine[Any, Any, None]]) -> None:
        self.post = Post()

        async def handler(_: Connection, event: Event) -> None:
            await handle(event)

        database, broker = cast(Database, Seen()), cast(Broker, self.post)
        self._consumer = Consumer("api", database, broker, {"mes.made": handler})

    def deliver(self, *letters: Letter) -> None:
        """Deliver messages one after another and wait until all are dealt with."""

        async def run() -> None:
            for letter in letters:
                await self._consumer.accept(cast(Msg, letter))
            await self._consumer.stop()  # which waits for what is under way

        asyncio.run(run())


async def fine(_: Event) -> None:
    """Do nothing, well."""


async def faulty(_: Event) -> None:
    """Have a bug."""
    raise LookupError("no such\nthing")


def test_handled_message_is_acknowledged() -> None:
    """The usual case."""
    letter = Letter(made())

    Bench(fine).deliver(letter)

    assert letter.fate == ["ack"]


def test_second_delivery_changes_nothing() -> None:
    """The same event twice has its effect once, and both deliveries are acknowledged."""
    handled: list[Event] = []
    text = made()
    letters = Letter(text), Letter(text)

    async def note(event: Event) -> None:
        handled.append(event)

    Bench(note).deliver(*letters)

    assert len(handled) == 1
    assert [letter.fate for letter in letters] == [["ack"], ["ack"]]


def test_foreign_subject_is_acknowledged_unread() -> None:
    """What nobody here handles does not come again, readable or not."""
    letter = Letter("garbage", subject="orders.api.closed")

    Bench(faulty).deliver(letter)

    assert letter.fate == ["ack"]


def test_poison_is_buried_at_once() -> None:
    """An unreadable message goes to the dead letters with its reason and its subject."""
    bench, letter = Bench(fine), Letter("garbage")

    bench.deliver(letter)

    [(subject, headers)] = bench.post.published
    assert (letter.fate, subject) == (["term"], "dead.api")
    assert headers["Original-Subject"] == "orders.mes.made"
    assert headers["Reason"].startswith("not JSON")


def test_bug_is_tried_five_times_and_then_buried() -> None:
    """A handler that fails gets more chances, with growing pauses, and then the message is out of the way."""
    bench, text = Bench(faulty), made()
    letters = [Letter(text) for _ in range(5)]

    for letter in letters:
        bench.deliver(letter)

    assert [letter.fate for letter in letters] == [
        ["nak 0.25"],
        ["nak 0.75"],
        ["nak 2.0"],
        ["nak 5.0"],
        ["term"],
    ]
    assert bench.post.published[0][1]["Reason"] == "LookupError: no such thing"


def test_passing_failure_is_tried_for_ever() -> None:
    """An outage, however long, buries nothing."""

    async def away(_: Event) -> None:
        raise BrokerUnavailable("away")

    bench, text = Bench(away), made()
    letters = [Letter(text) for _ in range(20)]

    for letter in letters:
        bench.deliver(letter)

    assert {fate for letter in letters for fate in letter.fate} == {f"nak {inbox.NAK_TRANSIENT_S}"}
    assert bench.post.published == []


def test_events_of_one_order_wait_behind_a_failed_one() -> None:
    """A later event of the same order does not overtake one that must be tried again; other orders go on."""
    order_id = uuid4()
    failing, later, other = Letter(made(order_id)), Letter(made(order_id)), Letter(made())
    first_id = events.from_json(failing.data).event_id

    async def fail_first(event: Event) -> None:
        await asyncio.sleep(0.01)
        if event.event_id == first_id:
            raise LookupError("not yet")

    Bench(fail_first).deliver(failing, later, other)

    assert failing.fate == ["nak 0.25"]
    assert later.fate == [f"nak {inbox.NAK_TRANSIENT_S}"]
    assert other.fate == ["ack"]


def test_message_replayed_for_another_is_passed_over() -> None:
    """Of a replayed message only the consumer that gave it up takes notice, readable or not."""
    bench, letters = Bench(faulty), [Letter("garbage"), Letter(made())]
    for letter in letters:
        letter.headers[dead.FOR] = "mes"

    bench.deliver(*letters)

    assert [letter.fate for letter in letters] == [["ack"], ["ack"]]
    assert bench.post.published == []


def test_message_that_dies_again_says_how_often_it_was_replayed() -> None:
    """The dead letter of a replayed message counts its replays; given up twice, it stays one letter."""
    bench, letter = Bench(fine), Letter("garbage")
    letter.headers |= {dead.FOR: "api", dead.REPLAYS: "2"}

    bench.deliver(letter, letter)

    (_, once), (_, again) = bench.post.published
    assert once == again
    assert once[dead.REPLAYS] == "2"


def test_dead_letter_can_be_carried_whatever_it_holds() -> None:
    """A reason that no header could hold, and a body as large as the broker takes, are cut to fit."""
    vast = Letter("x" * 1_000_000)

    written = dead.letter("api", cast(Msg, vast), "bad \r\n name \ud800 \0" + "y" * 1000)

    assert len(written.body) == dead.LARGEST_BODY_BYTES
    assert written.headers[dead.CUT] == "yes"
    assert written.headers[dead.REASON].startswith("bad name ")
    assert len(written.headers[dead.REASON]) == 500
