"""What an order's page tells of its past, from events in a real database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from sut.events import now
from sut.mes import store, story
from sut.mes.handlers import HANDLERS
from sut.mes.store import Entry
from sut.mes.story import Told
from sut.states import Command, State

if TYPE_CHECKING:
    from sut.mes.conftest import Factory, Story


async def _read(factory: Factory) -> list[Told]:
    order = await factory.order()
    async with factory.database.connection() as connection:
        return story.told(await store.history(connection, order.id))


def test_every_event_is_told_with_its_actor_and_hop(tell: Callable[[Story], None]) -> None:
    """From the order's submission to its receipt nothing is left out."""

    async def run(factory: Factory) -> None:
        await factory.hear("api.submitted", "pricing.quoted", "api.approved")
        for command in (Command.TAKE, Command.MAKE, Command.PACK, Command.SHIP):
            await factory.do(command)
        await factory.hear("api.closed")

        assert [(line.type, line.actor, line.hop) for line in await _read(factory)] == [
            ("api.submitted", "customer", "api → mes"),
            ("mes.pricing-requested", "mes", "mes → pricing"),
            ("pricing.quoted", "pricing", "pricing → mes"),
            ("api.approved", "customer", "api → mes"),
            ("mes.taken", "Olga", "mes → api"),
            ("mes.made", "Olga", "mes → api"),
            ("mes.packed", "Olga", "mes → api"),
            ("mes.shipped", "Olga", "mes → api"),
            ("api.closed", "customer", "api → mes"),
        ]

    tell(run)


def test_event_that_came_too_late_is_told_as_such(tell: Callable[[Story], None]) -> None:
    """A quote that the approval has overtaken belongs to the story although it changes nothing."""

    async def run(factory: Factory) -> None:
        await factory.hear("api.submitted", "api.approved", "pricing.quoted")

        last = (await _read(factory))[-1]
        assert (last.type, last.state) == ("pricing.quoted", State.APPROVED)
        assert last.detail == "Came too late to change anything."

    tell(run)


def test_event_that_comes_again_is_told_once(tell: Callable[[Story], None]) -> None:
    """Also where the inbox has forgotten it, one event is one line."""

    async def run(factory: Factory) -> None:
        await factory.hear("api.submitted")
        quoted = factory.event("pricing.quoted")
        for _ in range(2):
            async with factory.database.transaction() as connection:
                await HANDLERS[quoted.type](connection, quoted)

        assert [line.type for line in await _read(factory)].count("pricing.quoted") == 1

    tell(run)


def test_line_says_how_long_after_the_last_and_how_long_on_the_way() -> None:
    """Waiting shows; a clock that is behind makes no time negative."""
    at = now()
    entries = [
        Entry("api.submitted", State.SUBMITTED, "customer", None, at, at + timedelta(seconds=2)),
        Entry("mes.withdrawn", State.CANCELLED, "mes", None, at + timedelta(seconds=5), at),
        Entry("api.cancelled", State.CANCELLED, "customer", None, at, at - timedelta(seconds=1)),
    ]

    assert [(line.after_s, line.hop_s) for line in story.told(entries)] == [
        (None, 2.0),
        (5.0, None),
        (0.0, 0.0),
    ]
