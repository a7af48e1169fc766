"""The life of an order: every state and every way from one to the next, in one table."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """Where an order is in its life."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    PRICED = "PRICED"
    APPROVED = "APPROVED"
    IN_PRODUCTION = "IN_PRODUCTION"
    MADE = "MADE"
    PACKED = "PACKED"
    SHIPPED = "SHIPPED"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"


class Command(StrEnum):
    """What somebody wants to happen to an order."""

    SUBMIT = "submit"
    QUOTE = "quote"
    REJECT = "reject"
    APPROVE = "approve"
    CANCEL = "cancel"
    WITHDRAW = "withdraw"
    TAKE = "take"
    MAKE = "make"
    PACK = "pack"
    SHIP = "ship"
    CONFIRM_RECEIPT = "confirm-receipt"


class Actor(StrEnum):
    """Who may give a command."""

    CUSTOMER = "customer"
    OPERATOR = "operator"
    PRICING = "pricing"
    MES = "mes"


class Transition(NamedTuple):
    """One allowed step; `service` is the one that decides it."""

    source: State
    target: State
    command: Command
    actor: Actor
    service: str


TRANSITIONS: tuple[Transition, ...] = (
    Transition(State.DRAFT, State.SUBMITTED, Command.SUBMIT, Actor.CUSTOMER, "shop"),
    Transition(State.SUBMITTED, State.PRICED, Command.QUOTE, Actor.PRICING, "api"),
    Transition(State.SUBMITTED, State.REJECTED, Command.REJECT, Actor.PRICING, "api"),
    Transition(State.SUBMITTED, State.CANCELLED, Command.CANCEL, Actor.CUSTOMER, "api"),
    Transition(State.PRICED, State.APPROVED, Command.APPROVE, Actor.CUSTOMER, "api"),
    Transition(State.PRICED, State.CANCELLED, Command.CANCEL, Actor.CUSTOMER, "api"),
    Transition(State.APPROVED, State.CANCELLED, Command.WITHDRAW, Actor.MES, "mes"),
    Transition(State.APPROVED, State.IN_PRODUCTION, Command.TAKE, Actor.OPERATOR, "mes"),
    Transition(State.IN_PRODUCTION, State.MADE, Command.MAKE, Actor.OPERATOR, "mes"),
    Transition(State.MADE, State.PACKED, Command.PACK, Actor.OPERATOR, "mes"),
    Transition(State.PACKED, State.SHIPPED, Command.SHIP, Actor.OPERATOR, "mes"),
    Transition(State.SHIPPED, State.CLOSED, Command.CONFIRM_RECEIPT, Actor.CUSTOMER, "api"),
)

TERMINAL = frozenset({State.CLOSED, State.CANCELLED, State.REJECTED})
OPEN = tuple(state for state in State if state not in TERMINAL and state is not State.DRAFT)

_WAY = (
    State.DRAFT,
    State.SUBMITTED,
    State.PRICED,
    State.APPROVED,
    State.IN_PRODUCTION,
    State.MADE,
    State.PACKED,
    State.SHIPPED,
    State.CLOSED,
)
_TARGETS = {(step.source, step.command): step.target for step in TRANSITIONS}


class IllegalTransition(Exception):  # noqa: N818 - named for what happened, not for being an error
    """A command that the order's state does not allow."""

    def __init__(self, state: State, command: Command) -> None:
        super().__init__(f"An order that is {state} does not allow {command}.")
        self.state = state
        self.command = command


def target(state: State, command: Command) -> State:
    """Return the state that a command leads to.

    Raises:
        IllegalTransition: the state does not allow the command.
    """
    try:
        return _TARGETS[state, command]
    except KeyError:
        raise IllegalTransition(state, command) from None


def commands(state: State, service: str) -> tuple[Command, ...]:
    """Return what may be done to an order in this state at this service, in table order."""
    return tuple(step.command for step in TRANSITIONS if step.source is state and step.service == service)


def advance(current: State, reported: State) -> State:
    """Return the state after another service reported one: never back, but a skipped step is applied.

    A cancellation outranks a rejection, because `api` may have cancelled before it heard of the rejection.
    """
    if reported is State.REJECTED:
        return reported if current is State.SUBMITTED else current
    if reported is State.CANCELLED:
        stoppable = (State.SUBMITTED, State.PRICED, State.APPROVED, State.REJECTED)
        return reported if current in stoppable else current
    if current not in _WAY or _WAY.index(reported) <= _WAY.index(current):
        return current
    return reported
