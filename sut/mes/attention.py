"""Orders that do not go on by themselves because pricing gave up, and asking for their price again."""

from __future__ import annotations

import asyncpg

from sut import events, outbox
from sut.accounts.store import Account
from sut.database import Database
from sut.events import Event
from sut.mes import changes
from sut.mes.production import Refused
from sut.states import State

ASK_AGAIN = "ask-again"

_MARK = "UPDATE work_orders SET attention = $2 WHERE id = $1 AND state = 'SUBMITTED'"
_LIFT = """
    UPDATE work_orders SET attention = NULL FROM (SELECT attention FROM work_orders WHERE id = $1) AS was
    WHERE id = $1 AND work_orders.attention IS NOT NULL RETURNING was.attention, material, quantity
"""


async def failed(connection: asyncpg.Connection, event: Event) -> None:
    """Mark an order without a price as one that somebody must look at."""
    held = await changes.hold(connection, event.order_id)
    if held.state is not State.SUBMITTED:
        return
    about = event.data
    await connection.execute(_MARK, held.id, about)
    detail = f"{about['stage'].capitalize()} failed {about['tries']} times. {about['detail']}"
    await changes.note(connection, held, event.type, "pricing", event.occurred_at, detail)


async def ask_again(database: Database, number: str, operator: Account) -> None:
    """Ask for an order's price again, for an operator who has seen to the cause.

    Raises:
        UnknownOrder: there is no such work order.
        Refused: it needs no attention.
    """
    async with database.transaction() as connection:
        held = await changes.hold_number(connection, number)
        row = await connection.fetchrow(_LIFT, held.id)
        if row is None:
            raise Refused(f"Order {number} is {held.state} and needs no attention.")
        wish = {name: row[name] for name in ("material", "quantity")}
        model_id = row["attention"]["model_id"]
        asked = events.new(
            "mes.pricing-requested", held.order_id, held.order_number, model_id=model_id, **wish
        )
        await changes.note(connection, held, asked.type, operator.name, asked.occurred_at)
        await outbox.put(connection, asked)
