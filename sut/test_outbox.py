"""The relay on a real database: at once, in order, however many relays run, and nothing lost on failure."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import cast
from uuid import UUID, uuid4

import pytest

from fixtures.testbed.postgres import NativePostgres
from sut import events, outbox
from sut.broker import Broker, BrokerUnavailable
from sut.database import Database
from sut.events import Event
from sut.outbox import Relay, relay_once
from sut.server import Part

Story = Callable[["Office"], Awaitable[None]]


class Post:
    """A broker that confirms when it likes, and keeps what it has confirmed."""

    def __init__(self) -> None:
        self.published: list[Event] = []
        self.before: Callable[[Event], Awaitable[None]] | None = None

    async def wait_connected(self) -> None:
        """Be there."""

    async def publish(self, subject: str, payload: bytes, headers: Mapping[str, str]) -> None:
        """Confirm, unless what happens before says otherwise."""
        event = events.from_json(payload)
        assert headers["Nats-Msg-Id"] == str(event.event_id)
        if self.before:
            await self.before(event)
        self.published.append(event)


class Office:
    """A database whose outbox is emptied by as many relays as a test starts."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.database = Database(url, name="writer")

    async def tells(self, order_id: UUID, *types: str) -> None:
        """Write events of an order, each in a transaction of its own."""
        for type_ in types:
            async with self.database.transaction() as connection:
                await outbox.put(connection, events.new(type_, order_id, "7F3K-0192", operator="Vera"))

    @asynccontextmanager
    async def relaying(self, *posts: Post) -> AsyncIterator[None]:
        """Run a relay for each post, with a pool of its own as another process has it."""
        databases = [Database(self._url, name="relay") for _ in posts]
        relays = [Relay(each, cast(Broker, post)) for each, post in zip(databases, posts, strict=True)]
        for part in cast(list[Part], [*databases, *relays]):
            await part.start()
        try:
            yield
        finally:
            for part in cast(list[Part], [*relays, *databases]):
                await part.stop()

    async def once(self, post: Post) -> int:
        """Relay what there is, once."""
        return await relay_once(self.database, cast(Broker, post))

    async def unsent(self) -> int:
        """Count what waits."""
        async with self.database.connection() as connection:
            return int(await connection.fetchval("SELECT count(*) FROM outbox WHERE sent_at IS NULL"))

    async def emptied(self) -> None:
        """Wait until nothing waits any more."""
        for _ in range(1000):
            if not await self.unsent():
                return
            await asyncio.sleep(0.01)
        pytest.fail("the outbox is not emptied")


@pytest.fixture
def tell(own_postgres: NativePostgres) -> Callable[[Story], None]:
    """Run a story in an office whose outbox is empty."""

    async def run(story: Story) -> None:
        office = Office(own_postgres.url("pricing"))
        await office.database.start()
        try:
            async with office.database.connection() as connection:
                await connection.execute("TRUNCATE outbox")
            await story(office)
        finally:
            await office.database.stop()

    return lambda story: asyncio.run(run(story))


def test_event_leaves_at_its_commit(tell: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """A relay of another process hears of a commit, and need not look every now and then."""
    monkeypatch.setattr(outbox, "_POLL_S", 60.0)
    post = Post()

    async def story(office: Office) -> None:
        async with office.relaying(post):
            await asyncio.sleep(0.3)  # it listens by then
            for _ in range(3):
                begun = time.monotonic()
                await office.tells(uuid4(), "mes.made")
                await office.emptied()
                assert time.monotonic() - begun < 5

    tell(story)
    assert len(post.published) == 3


def test_relay_that_hears_nothing_looks_by_itself(
    tell: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lost announcement delays an event by one look."""
    monkeypatch.setattr(outbox, "_POLL_S", 0.05)
    monkeypatch.setattr(outbox, "CHANNEL", "silence")

    async def story(office: Office) -> None:
        async with office.relaying(Post()):
            await office.tells(uuid4(), "mes.made")
            await office.emptied()

    tell(story)


def test_second_relay_does_not_overtake_a_slow_one(tell: Callable[[Story], None]) -> None:
    """While one relay has an order's event in its hands, another leaves that order's next event alone."""
    slow, quick, order_id = Post(), Post(), uuid4()
    reached, released = asyncio.Event(), asyncio.Event()

    async def hold(_: Event) -> None:
        reached.set()
        await released.wait()

    slow.before = hold

    async def story(office: Office) -> None:
        await office.tells(order_id, "mes.taken")
        at_work = asyncio.create_task(office.once(slow))
        await reached.wait()
        await office.tells(order_id, "mes.made")
        await office.tells(UUID(int=order_id.int ^ 1), "mes.packed")  # in another lane

        assert await office.once(quick) == 1
        assert [event.type for event in quick.published] == ["mes.packed"]
        released.set()
        assert await at_work == 1
        assert await office.once(quick) == 1

    tell(story)
    assert [event.type for event in slow.published] == ["mes.taken"]
    assert [event.type for event in quick.published] == ["mes.packed", "mes.made"]


def test_three_relays_lose_nothing_and_keep_each_orders_order(tell: Callable[[Story], None]) -> None:
    """Relays that run at once, on a slow broker that fails at times, publish each order in its order."""
    chance, posts, steps = random.Random(7), [Post(), Post(), Post()], ["taken", "made", "packed", "shipped"]
    orders, confirmed = [uuid4() for _ in range(40)], list[Event]()

    async def moody(event: Event) -> None:
        await asyncio.sleep(chance.random() * 0.01)
        if chance.random() < 0.05:
            raise BrokerUnavailable("not today")
        confirmed.append(event)

    for post in posts:
        post.before = moody

    async def story(office: Office) -> None:
        async with office.relaying(*posts):
            await asyncio.gather(
                *(office.tells(order, *(f"mes.{step}" for step in steps)) for order in orders)
            )
            await office.emptied()

    tell(story)
    seen: dict[UUID, list[str]] = defaultdict(list)
    for event in confirmed:
        seen[event.order_id].append(event.type.removeprefix("mes."))
    assert seen == dict.fromkeys(orders, steps)
    assert sum(bool(post.published) for post in posts) > 1


def test_what_the_broker_did_not_confirm_waits_with_all_behind_it(tell: Callable[[Story], None]) -> None:
    """A refused event holds back its order's later ones; those of other orders are sent and marked."""
    post, order_id, other_id = Post(), uuid4(), uuid4()
    other_id = (
        other_id if outbox.lane_of(other_id) != outbox.lane_of(order_id) else UUID(int=order_id.int ^ 1)
    )

    async def refuse(event: Event) -> None:
        if event.type == "mes.made":
            raise BrokerUnavailable("full")

    post.before = refuse

    async def story(office: Office) -> None:
        await office.tells(order_id, "mes.taken", "mes.made", "mes.packed")
        await office.tells(other_id, "mes.packed")

        with pytest.raises(BrokerUnavailable):
            await office.once(post)
        assert await office.unsent() == 2
        post.before = None
        assert await office.once(post) == 2

    tell(story)
    assert [e.type for e in post.published if e.order_id == order_id] == [
        "mes.taken",
        "mes.made",
        "mes.packed",
    ]


def test_relay_that_stands_still_loses_its_lanes(
    tell: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frozen process does not keep the others from sending what it had begun with."""

    async def story(office: Office) -> None:
        await office.tells(uuid4(), "mes.taken")
        async with office.database.connection() as frozen:
            await frozen.execute("BEGIN")
            await frozen.fetch(outbox._CLAIM.replace("15s", "200ms"))
            assert await office.once(Post()) == 0
            await asyncio.sleep(0.3)
            assert await office.once(Post()) == 1

    tell(story)
