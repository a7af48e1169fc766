"""An order's way, step by step."""

from datetime import UTC, datetime, timedelta

import pytest

from sut.shop.answers import Happening
from sut.shop.progress import steps
from sut.states import State

_BEGAN = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)


def _history(*states: State) -> list[Happening]:
    return [
        Happening(type="x", state=state, occurred_at=_BEGAN + timedelta(minutes=minute), actor="api")
        for minute, state in enumerate(states)
    ]


def test_order_on_its_way_shows_done_now_and_to_come() -> None:
    """The shopper sees where the order is and what is left."""
    shown = steps(State.PRICED, _history(State.SUBMITTED, State.PRICED))

    assert [step.look for step in shown] == ["done", "now", *["to come"] * 6]
    assert [step.at is not None for step in shown] == [True, True, *[False] * 6]


def test_closed_order_has_every_step_done() -> None:
    """Nothing is left to wait for."""
    assert {step.look for step in steps(State.CLOSED, [])} == {"done"}


@pytest.mark.parametrize("end", [State.CANCELLED, State.REJECTED])
def test_order_that_ended_early_shows_only_how_far_it_came(end: State) -> None:
    """Steps that will never come are not promised."""
    shown = steps(end, _history(State.SUBMITTED, end))

    assert [(step.state, step.look) for step in shown] == [(State.SUBMITTED, "done"), (end, "stopped")]


def test_step_keeps_the_time_it_was_first_reached() -> None:
    """A later event in the same state does not move the time."""
    shown = steps(State.APPROVED, _history(State.SUBMITTED, State.PRICED, State.APPROVED, State.APPROVED))

    assert shown[2].at == _BEGAN + timedelta(minutes=2)


def test_skipped_step_counts_as_done() -> None:
    """An event that came late leaves a gap in the times, not in the way."""
    shown = steps(State.MADE, _history(State.SUBMITTED, State.MADE))

    assert [step.look for step in shown[:5]] == ["done", "done", "done", "done", "now"]
