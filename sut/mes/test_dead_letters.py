"""Dead letters as the MES keeps them: each once, replayed once, and never what nobody could read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast
from uuid import uuid4

import pytest
from nats.aio.msg import Msg

from sut import dead
from sut.mes import dead_letter_store as store
from sut.mes.conftest import Factory, Story
from sut.mes.dead_letter_store import DeadLetter, Final, NoSuchLetter

_OUTBOX = "SELECT subject, payload, headers FROM outbox WHERE event_id = $1"


def buried(body: bytes, *, subject: str = "orders.api.submitted", **headers: str) -> Msg:
    """A message as the stream DEAD brings it."""
    known = {
        dead.ID: str(uuid4()),
        dead.ORIGINAL_SUBJECT: subject,
        dead.REASON: "not JSON",
        dead.REPLAYS: "1",
    }
    place = SimpleNamespace(
        stream="DEAD", sequence=SimpleNamespace(stream=1), timestamp=datetime(2026, 11, 22, tzinfo=UTC)
    )
    return cast(
        Msg, SimpleNamespace(subject="dead.pricing", data=body, headers=known | headers, metadata=place)
    )


async def kept(factory: Factory, message: Msg) -> DeadLetter:
    """Keep a message, twice, and return the newest letter."""
    async with factory.database.connection() as connection:
        await store.keep(connection, message)
        await store.keep(connection, message)
        letters, _ = await store.page(connection, before=None, everything=True)
    assert [str(letter.id) for letter in letters].count((message.headers or {})[dead.ID]) == 1
    return letters[0]


async def replay(factory: Factory, letter: DeadLetter) -> None:
    """Replay a letter."""
    async with factory.database.transaction() as connection:
        await store.replay(connection, letter.id, "Olga")


def test_letter_is_replayed_once_to_its_service(tell: Callable[[Story], None]) -> None:
    """A replay leaves by the outbox, for the service alone that gave it up; a second one is refused."""

    async def story(factory: Factory) -> None:
        letter = await kept(factory, buried(b"{}"))
        await replay(factory, letter)
        with pytest.raises(Final, match="already, by Olga"):
            await replay(factory, letter)

        async with factory.database.connection() as connection:
            [row] = await connection.fetch(_OUTBOX, letter.id)
            waiting, _ = await store.page(connection, before=None, everything=False)
        assert (row["subject"], row["payload"]) == ("orders.api.submitted", "{}")
        assert row["headers"] == {dead.FOR: "pricing", dead.REPLAYS: "2"}
        assert letter.id not in {each.id for each in waiting}

    tell(story)


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (buried(b"\xff\xfe"), "not text"),
        (buried(b"a\0b"), "not text"),
        (buried(b"{}", subject="orders.nobody reads"), "no service reads"),
        (buried(b"{}", **{dead.CUT: "yes"}), "too large"),
    ],
    ids=["bytes", "nul", "subject", "cut"],
)
def test_what_nobody_could_read_is_shown_and_not_replayed(
    message: Msg, why: str, tell: Callable[[Story], None]
) -> None:
    """A message that would block the outbox or die again for certain is refused with the reason."""

    async def story(factory: Factory) -> None:
        letter = await kept(factory, message)
        assert letter.excerpt
        with pytest.raises(Final, match=why):
            await replay(factory, letter)

    tell(story)


def test_unknown_letter_is_told(tell: Callable[[Story], None]) -> None:
    """An address that somebody made up leads nowhere."""

    async def story(factory: Factory) -> None:
        async with factory.database.transaction() as connection:
            with pytest.raises(NoSuchLetter):
                await store.replay(connection, uuid4(), "Olga")

    tell(story)


def test_letters_are_read_page_by_page(tell: Callable[[Story], None]) -> None:
    """However many died, a page holds a bounded number and leads to the next."""

    async def story(factory: Factory) -> None:
        async with factory.database.connection() as connection:
            await connection.execute("TRUNCATE dead_letters")
            for number in range(store.PAGE + 3):
                await store.keep(connection, buried(b"letter %d" % number))
            first, before = await store.page(connection, before=None, everything=False)
            second, end = await store.page(connection, before=before, everything=False)
        assert (len(first), len(second), end) == (store.PAGE, 3, None)
        assert [letter.body for letter in second] == [b"letter 2", b"letter 1", b"letter 0"]

    tell(story)
