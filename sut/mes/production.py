"""What operators do with a work order: take, make, pack, ship."""

from __future__ import annotations

from typing import NamedTuple

import asyncpg

from sut import events, outbox, states
from sut.accounts.store import Account
from sut.database import Database
from sut.mes import changes
from sut.mes.changes import Held
from sut.states import Command, IllegalTransition, State
from sut.telemetry import spans

_TAKE = """
    UPDATE work_orders SET state = 'IN_PRODUCTION', taken_by = $2, updated_at = greatest(updated_at, $3),
        traceparent = $4
    WHERE id = $1 AND state = 'APPROVED' AND taken_by IS NULL RETURNING id
"""
_TAKER = "SELECT name FROM accounts WHERE id = $1"


class Step(NamedTuple):
    """An operator's step: its button, its event, and how a refusal words it."""

    button: str
    event: str
    done: str


STEPS = {
    Command.TAKE: Step("Take", "mes.taken", "taken"),
    Command.MAKE: Step("Mark as made", "mes.made", "marked as made"),
    Command.PACK: Step("Pack", "mes.packed", "packed"),
    Command.SHIP: Step("Ship", "mes.shipped", "shipped"),
}


class Refused(Exception):  # noqa: N818 - named for what happened, not for being an error
    """The step cannot be done now; the text says why."""


def open_steps(state: State) -> tuple[Command, ...]:
    """Return the operators' steps that a state allows."""
    return tuple(command for command in states.commands(state, "mes") if command in STEPS)


async def do(database: Database, number: str, command: Command, operator: Account) -> None:
    """Do a step for an operator and tell the others of it, both or neither.

    Raises:
        UnknownOrder: there is no such work order.
        Refused: its state does not allow the step, or another operator has it.
    """
    async with database.transaction() as connection:
        held = await changes.hold_number(connection, number)
        await _check(connection, held, command, operator)
        event = events.new(STEPS[command].event, held.order_id, held.order_number, operator=operator.name)
        state = states.target(held.state, command)
        if command is Command.TAKE:
            await _take(connection, held, operator, event)
            held = held._replace(state=state)
        else:
            held = await changes.move(connection, held, state, event.occurred_at)
        await changes.note(
            connection, held, event.type, operator.name, event.occurred_at, event_id=event.event_id
        )
        await outbox.put(connection, event)


async def _take(connection: asyncpg.Connection, held: Held, operator: Account, event: events.Event) -> None:
    """Take an order that nobody has taken, whatever was read before."""
    place = spans.traceparent()
    if await connection.fetchval(_TAKE, held.id, operator.id, event.occurred_at, place) is None:
        raise Refused(f"Order {held.order_number} has just been taken by somebody else.")


async def _check(connection: asyncpg.Connection, held: Held, command: Command, operator: Account) -> None:
    taker = await connection.fetchval(_TAKER, held.taken_by) if held.taken_by else None
    try:
        states.target(held.state, command)
    except IllegalTransition:
        by = f", taken by {taker}" if taker else ""
        text = f"Order {held.order_number} is {held.state}{by}, so it cannot be {STEPS[command].done}."
        raise Refused(text) from None
    if command is not Command.TAKE and held.taken_by != operator.id:
        text = f"Order {held.order_number} is in the hands of {taker or 'another operator'}."
        raise Refused(f"{text} Only they can have it {STEPS[command].done}.")
