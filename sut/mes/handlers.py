"""What the MES does when others tell it of an order: `handler(connection, event)` per event type.

Events may come twice, late or in another order: an order never goes back, a skipped step is applied, and what
is stale changes nothing.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import asyncpg

from sut import events, outbox, states
from sut.events import Event, PoisonMessage
from sut.inbox import Handler
from sut.mes import attention, changes, notices
from sut.mes.changes import Held
from sut.states import State

_CUSTOMER, _PRICING, _MES = "customer", "pricing", "mes"
_TOO_LATE = "Came too late to change anything."
_PRICE = "UPDATE work_orders SET price_total = $2, currency = $3 WHERE id = $1 AND price_total IS NULL"
_REASON = "UPDATE work_orders SET reason = $2 WHERE id = $1"
_BEFORE_PRODUCTION = (State.SUBMITTED, State.PRICED, State.APPROVED)


async def submitted(connection: asyncpg.Connection, event: Event) -> None:
    """Begin a work order and ask for its price."""
    held = await changes.begin(connection, event)
    if held is None:
        return
    await _note(connection, held, event, _CUSTOMER)
    wish = {name: event.data[name] for name in ("model_id", "material", "quantity")}
    asked = events.new("mes.pricing-requested", event.order_id, event.order_number, **wish)
    await _note(connection, held, asked, _MES)
    await outbox.put(connection, asked)


async def quoted(connection: asyncpg.Connection, event: Event) -> None:
    """Keep the price."""
    held = await changes.hold(connection, event.order_id)
    await _keep_price(connection, held, event)
    await _follow(connection, held, event, State.PRICED, _PRICING)


async def unprintable(connection: asyncpg.Connection, event: Event) -> None:
    """Keep why the order cannot be made."""
    held = await changes.hold(connection, event.order_id)
    detail = event.data["detail"]
    if await _follow(connection, held, event, State.REJECTED, _PRICING, detail):
        await connection.execute(_REASON, held.id, detail)


async def approved(connection: asyncpg.Connection, event: Event) -> None:
    """Let operators take the order; the event carries the price, because it may overtake the quote."""
    held = await changes.hold(connection, event.order_id)
    await _keep_price(connection, held, event)
    if await _follow(connection, held, event, State.APPROVED, _CUSTOMER):
        await notices.tell(connection, held._replace(state=State.APPROVED))


async def cancelled(connection: asyncpg.Connection, event: Event) -> None:
    """Drop the order: `api` cancels by itself only what was not approved."""
    held = await changes.hold(connection, event.order_id)
    await _follow(connection, held, event, State.CANCELLED, _CUSTOMER)


async def cancellation_requested(connection: asyncpg.Connection, event: Event) -> None:
    """Decide on a cancellation: withdraw the order unless an operator has taken it."""
    held = await changes.hold(connection, event.order_id)
    if held.state in (State.CANCELLED, State.REJECTED):
        await _note(connection, held, event, _CUSTOMER, _TOO_LATE)
        return
    await _note(connection, held, event, _CUSTOMER)
    if held.state in _BEFORE_PRODUCTION:
        answer = events.new("mes.withdrawn", event.order_id, event.order_number)
        held = await changes.move(connection, held, State.CANCELLED, answer.occurred_at)
    else:
        reason = f"The order is {held.state} already."
        answer = events.new("mes.cancellation-refused", event.order_id, event.order_number, reason=reason)
    await _note(connection, held, answer, _MES, answer.data.get("reason"))
    await outbox.put(connection, answer)


async def closed(connection: asyncpg.Connection, event: Event) -> None:
    """Close the order: the customer has it."""
    held = await changes.hold(connection, event.order_id)
    await _follow(connection, held, event, State.CLOSED, _CUSTOMER)


HANDLERS: dict[str, Handler] = {
    "api.submitted": submitted,
    "pricing.quoted": quoted,
    "pricing.unprintable": unprintable,
    "pricing.failed": attention.failed,
    "api.approved": approved,
    "api.cancelled": cancelled,
    "api.cancellation-requested": cancellation_requested,
    "api.closed": closed,
}


async def _follow(
    connection: asyncpg.Connection,
    held: Held,
    event: Event,
    reported: State,
    actor: str,
    detail: str | None = None,
) -> bool:
    """Take over a reported state unless it is stale; say whether it was taken over."""
    state = states.advance(held.state, reported)
    if state is held.state:
        await _note(connection, held, event, actor, _TOO_LATE)
        return False
    held = await changes.move(connection, held, state, event.occurred_at)
    await _note(connection, held, event, actor, detail)
    return True


async def _note(
    connection: asyncpg.Connection, held: Held, event: Event, actor: str, detail: str | None = None
) -> None:
    await changes.note(
        connection, held, event.type, actor, event.occurred_at, detail, event_id=event.event_id
    )


async def _keep_price(connection: asyncpg.Connection, held: Held, event: Event) -> None:
    price = event.data["price"]
    try:
        total, currency = Decimal(price["total"]), str(price["currency"])
    except (KeyError, TypeError, InvalidOperation):
        raise PoisonMessage(f"{event.type} has no readable price") from None
    await connection.execute(_PRICE, held.id, total, currency)
