"""What the MES makes of others' events, in a real database: twice, late, out of order."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from sut import events
from sut.events import PoisonMessage
from sut.mes.changes import UnknownOrder
from sut.mes.handlers import HANDLERS
from sut.mes.production import Refused
from sut.states import Command, State

if TYPE_CHECKING:
    from sut.mes.conftest import Factory, Story

_STEPS = (Command.TAKE, Command.MAKE, Command.PACK, Command.SHIP)


def test_submitted_order_waits_for_its_price(tell: Callable[[Story], None]) -> None:
    """A new order is seen at once and its price is asked for."""

    async def story(factory: Factory) -> None:
        await factory.hear("api.submitted")

        order = await factory.order()
        assert (order.state, order.price_total, order.customer) == (State.SUBMITTED, None, "ada")
        assert await factory.told() == ["mes.pricing-requested"]

    tell(story)


def test_whole_life_is_told_step_by_step(tell: Callable[[Story], None]) -> None:
    """Every step of production is told to the others, once and in order."""

    async def story(factory: Factory) -> None:
        await factory.hear("api.submitted", "pricing.quoted", "api.approved")
        for command in _STEPS:
            await factory.do(command)
        await factory.hear("api.closed")

        order = await factory.order()
        assert (order.state, order.price_total, order.taken_by) == (
            State.CLOSED,
            Decimal("12.00"),
            factory.operator.id,
        )
        assert await factory.told() == [
            "mes.pricing-requested", "mes.taken", "mes.made", "mes.packed", "mes.shipped"
        ]  # fmt: skip

    tell(story)


def test_order_submitted_again_changes_nothing(tell: Callable[[Story], None]) -> None:
    """One order is one work order, however often it is told."""

    async def story(factory: Factory) -> None:
        await factory.hear("api.submitted", "pricing.quoted", "api.submitted")

        assert (await factory.order()).state is State.PRICED
        assert await factory.told() == ["mes.pricing-requested"]

    tell(story)


def test_approval_that_overtakes_the_quote_keeps_the_price(tell: Callable[[Story], None]) -> None:
    """Two services may be heard in another order than they spoke; nothing is lost by it."""

    async def story(factory: Factory) -> None:
        await factory.hear("api.submitted", "api.approved")
        early = await factory.order()
        await factory.hear("pricing.quoted")

        late = await factory.order()
        assert early.state is late.state is State.APPROVED
        assert early.price_total == late.price_total == Decimal("12.00")

    tell(story)


def test_event_before_its_order_is_put_off(tell: Callable[[Story], None]) -> None:
    """What cannot be understood yet is tried again, not dropped."""

    async def story(factory: Factory) -> None:
        with pytest.raises(UnknownOrder):
            await factory.hear("api.cancelled")

        await factory.hear("api.submitted", "api.cancelled")
        assert (await factory.order()).state is State.CANCELLED

    tell(story)


@pytest.mark.parametrize("late", ["pricing.quoted", "pricing.unprintable", "api.approved", "api.cancelled"])
def test_stale_event_never_takes_an_order_back(tell: Callable[[Story], None], late: str) -> None:
    """An order in production stays there, whatever arrives late."""

    async def story(factory: Factory) -> None:
        await factory.hear("api.submitted", "pricing.quoted", "api.approved")
        await factory.do(Command.TAKE)

        await factory.hear(late)

        assert (await factory.order()).state is State.IN_PRODUCTION

    tell(story)


def test_unprintable_model_is_rejected_with_its_reason(tell: Callable[[Story], None]) -> None:
    """Operators see why an order is not to be made."""

    async def story(factory: Factory) -> None:
        await factory.hear("api.submitted", "pricing.unprintable")

        order = await factory.order()
        assert (order.state, order.reason) == (State.REJECTED, "It does not fit.")

    tell(story)


def test_cancellation_of_an_untaken_order_withdraws_it(tell: Callable[[Story], None]) -> None:
    """Nobody has begun, so the customer may step back; asking twice withdraws once."""

    async def story(factory: Factory) -> None:
        await factory.hear("api.submitted", "pricing.quoted", "api.approved")
        await factory.hear("api.cancellation-requested", "api.cancellation-requested")

        assert (await factory.order()).state is State.CANCELLED
        assert await factory.told() == ["mes.pricing-requested", "mes.withdrawn"]
        with pytest.raises(Refused):
            await factory.do(Command.TAKE)

    tell(story)


def test_cancellation_of_a_taken_order_is_refused(tell: Callable[[Story], None]) -> None:
    """What is being made is made to its end."""

    async def story(factory: Factory) -> None:
        await factory.hear("api.submitted", "pricing.quoted", "api.approved")
        await factory.do(Command.TAKE)
        await factory.hear("api.cancellation-requested")

        assert (await factory.order()).state is State.IN_PRODUCTION
        assert (await factory.told())[-1] == "mes.cancellation-refused"

    tell(story)


def test_price_that_cannot_be_read_is_poison(tell: Callable[[Story], None]) -> None:
    """A broken quote goes to the dead letters and leaves the order as it was."""

    async def story(factory: Factory) -> None:
        await factory.hear("api.submitted")
        broken = events.new(
            "pricing.quoted", factory.order_id, factory.number, price={"total": "x"}, analysis={}
        )
        with pytest.raises(PoisonMessage):
            async with factory.database.transaction() as connection:
                await HANDLERS["pricing.quoted"](connection, broken)

        assert (await factory.order()).state is State.SUBMITTED

    tell(story)
