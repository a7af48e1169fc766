"""The queue of stages in a real database: one quote per order, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from sut.pricing import work
from sut.pricing.conftest import CUBE, taken
from sut.pricing.work import Trouble

if TYPE_CHECKING:
    from sut.pricing.conftest import Queue, Story
    from sut.pricing.stages import Finding


def test_order_is_quoted_once_all_stages_are_done(tell: Callable[[Story], None]) -> None:
    """Nothing is told before the third finding, and one quote after it."""

    async def story(queue: Queue) -> None:
        await queue.ask()
        told = []
        for _ in CUBE:
            await queue.do(CUBE.__getitem__)
            told.append(await queue.told())

        assert told == [[], [], ["pricing.quoted"]]
        assert await queue.do(CUBE.__getitem__) is None

    tell(story)


def test_stages_that_end_at_the_same_time_see_each_other(tell: Callable[[Story], None]) -> None:
    """Three workers have a stage each in hand; whoever is settled last makes the quote."""

    async def story(queue: Queue) -> None:
        await queue.ask()
        database = queue.database
        async with database.transaction() as one, database.transaction() as two:
            assert await taken(one) != await taken(two)
            assert await queue.do(CUBE.__getitem__)
        while await queue.do(CUBE.__getitem__):
            pass

        assert await queue.told() == ["pricing.quoted"]

    tell(story)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_price_asked_for_twice_is_quoted_once(tell: Callable[[Story], None], moment: str) -> None:
    """A second request changes nothing, whether it comes before the quote or after it."""

    async def story(queue: Queue) -> None:
        await queue.ask()
        if moment == "before":
            await queue.ask()
        while await queue.do(CUBE.__getitem__):
            pass
        if moment == "after":
            await queue.ask()
            assert await queue.do(CUBE.__getitem__) is None

        assert await queue.told() == ["pricing.quoted"]

    tell(story)


def test_failing_stage_is_tried_some_times_and_then_told(tell: Callable[[Story], None]) -> None:
    """The other stages are done once; the failing one pauses, is tried again, and given up."""

    def outcome(stage: str) -> Finding | Trouble:
        return Trouble("worker-died", "The analysis broke off.") if stage == "supports" else CUBE[stage]

    async def story(queue: Queue) -> None:
        await queue.ask()
        done = [await queue.do(outcome) for _ in CUBE]
        assert await queue.do(outcome) is None  # it pauses
        for _ in work.BACK_OFF_S:
            assert await queue.told() == []
            await queue.hurry()
            assert await queue.do(outcome) == "supports"
        await queue.hurry()

        assert sorted(map(str, done)) == sorted(CUBE)
        assert await queue.do(outcome) is None
        assert await queue.told() == ["pricing.failed"]

    tell(story)


def test_failed_order_that_is_asked_for_again_is_quoted(tell: Callable[[Story], None]) -> None:
    """Only what was given up is done again."""

    async def story(queue: Queue) -> None:
        await queue.ask()
        while await queue.do(lambda _: Trouble("model-missing", "Gone.")):
            await queue.hurry()
        await queue.ask()
        while await queue.do(CUBE.__getitem__):
            pass

        assert await queue.told() == ["pricing.failed", "pricing.quoted"]

    tell(story)


def test_refusal_of_one_stage_outranks_the_failure_of_another(tell: Callable[[Story], None]) -> None:
    """What cannot be made needs nobody's attention, even if another stage stumbled over it."""
    refused = {"refused": {"code": "not-watertight", "detail": "It has no inside."}}

    async def story(queue: Queue) -> None:
        await queue.ask()
        while await queue.do(
            lambda stage: refused if stage == "geometry" else Trouble("worker-died", "It broke off.")
        ):
            await queue.hurry()

        assert await queue.told() == ["pricing.unprintable"]

    tell(story)


def test_lane_for_small_models_leaves_large_ones(tell: Callable[[Story], None]) -> None:
    """However many large models wait, one lane takes none of them."""

    async def story(queue: Queue) -> None:
        await queue.ask(is_large=True)
        async with queue.database.transaction() as connection:
            assert await work.take(connection, large_too=False) is None
            assert await work.take(connection, large_too=True)

    tell(story)
