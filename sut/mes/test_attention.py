"""Orders whose price could not be calculated are marked, and asked for again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from sut.mes import attention
from sut.mes.production import Refused
from sut.states import State

if TYPE_CHECKING:
    from sut.mes.conftest import Factory, Story


def test_order_without_a_price_needs_attention_until_it_has_one(tell: Callable[[Story], None]) -> None:
    """The mark comes with the failure, however often it is told, and goes with the price."""

    async def story(factory: Factory) -> None:
        await factory.hear("api.submitted", "pricing.failed", "pricing.failed")
        marked = await factory.order()
        await factory.hear("pricing.quoted", "pricing.failed")

        priced = await factory.order()
        assert (marked.state, (marked.attention or {})["code"]) == (State.SUBMITTED, "model-missing")
        assert (priced.state, priced.attention) == (State.PRICED, None)

    tell(story)


def test_price_is_asked_for_again_once(tell: Callable[[Story], None]) -> None:
    """An operator asks again for what was ordered; a second click is refused."""

    async def story(factory: Factory) -> None:
        await factory.hear("api.submitted", "pricing.failed")

        await attention.ask_again(factory.database, factory.number, factory.operator)
        with pytest.raises(Refused):
            await attention.ask_again(factory.database, factory.number, factory.operator)

        assert (await factory.order()).attention is None
        assert await factory.told() == ["mes.pricing-requested"] * 2

    tell(story)
