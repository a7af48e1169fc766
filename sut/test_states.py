"""The table of transitions is what the documentation says, and following others never goes back."""

from __future__ import annotations

from itertools import product

import pytest

from sut import states
from sut.states import TERMINAL, TRANSITIONS, Command, IllegalTransition, State


def test_table_has_one_target_for_each_state_and_command() -> None:
    """Nothing is decided twice."""
    pairs = [(step.source, step.command) for step in TRANSITIONS]

    assert len(pairs) == len(set(pairs))


def test_every_state_but_draft_can_be_reached() -> None:
    """No state is dead wood."""
    assert {step.target for step in TRANSITIONS} == set(State) - {State.DRAFT}


def test_terminal_states_have_no_way_out() -> None:
    """What is over stays over."""
    assert {step.source for step in TRANSITIONS}.isdisjoint(TERMINAL)
    assert {step.source for step in TRANSITIONS} | TERMINAL == set(State)


@pytest.mark.parametrize("step", TRANSITIONS, ids=str)
def test_allowed_command_leads_to_its_target(step: states.Transition) -> None:
    """A command in the table is carried out."""
    assert states.target(step.source, step.command) is step.target
    assert step.command in states.commands(step.source, step.service)


def test_any_other_command_is_refused_with_the_state() -> None:
    """A command outside the table changes nothing and says why."""
    allowed = {(step.source, step.command) for step in TRANSITIONS}
    for state, command in set(product(State, Command)) - allowed:
        with pytest.raises(IllegalTransition, match=str(state)):
            states.target(state, command)


def test_customer_cannot_cancel_an_approved_order_at_once() -> None:
    """After approval only the MES may withdraw an order."""
    assert (State.APPROVED, Command.CANCEL) not in {(step.source, step.command) for step in TRANSITIONS}


@pytest.mark.parametrize(
    ("current", "reported", "expected"),
    [
        (State.APPROVED, State.IN_PRODUCTION, State.IN_PRODUCTION),
        (State.APPROVED, State.SHIPPED, State.SHIPPED),
        (State.SHIPPED, State.MADE, State.SHIPPED),
        (State.MADE, State.MADE, State.MADE),
        (State.CANCELLED, State.PRICED, State.CANCELLED),
        (State.REJECTED, State.PRICED, State.REJECTED),
        (State.CLOSED, State.SHIPPED, State.CLOSED),
        (State.SUBMITTED, State.REJECTED, State.REJECTED),
        (State.PRICED, State.REJECTED, State.PRICED),
        (State.APPROVED, State.CANCELLED, State.CANCELLED),
        (State.IN_PRODUCTION, State.CANCELLED, State.IN_PRODUCTION),
        (State.REJECTED, State.CANCELLED, State.CANCELLED),
    ],
)
def test_reported_state_is_followed_forwards_only(current: State, reported: State, expected: State) -> None:
    """A late or repeated event never takes an order back, and one that skips ahead is applied."""
    assert states.advance(current, reported) is expected
