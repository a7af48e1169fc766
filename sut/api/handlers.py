"""What `api` does with the events of pricing and MES: it follows them, and never goes back."""

from __future__ import annotations

from functools import partial
from typing import Any

from sut.api import store
from sut.database import Connection, Row
from sut.events import Event
from sut.inbox import Handler
from sut.states import Actor, State, advance

_LATE = "The price could not be calculated yet. Our staff has been told and will see to it."


class UnknownOrder(Exception):  # noqa: N818 - named for what was found, not for being an error
    """An event tells of an order that this service does not have, or not yet."""


async def _locked(connection: Connection, event: Event) -> Row:
    order = await store.lock(connection, event.order_id)
    if order is None:
        raise UnknownOrder(f"there is no order {event.order_id}")
    return order


async def _follow(
    connection: Connection, order: Row, event: Event, state: State, actor: Actor, **new: Any
) -> None:
    """Advance an order to a reported state, or leave it where it is when it is already further."""
    reached = advance(State(order["state"]), state)
    is_news = reached != order["state"]
    if is_news or new:
        what = event.type.partition(".")[2]
        await store.change(connection, order, event, type_=what, actor=actor, state=reached, **new)


async def _quoted(connection: Connection, event: Event) -> None:
    order = await _locked(connection, event)
    new = (
        {"price": event.data["price"]} if order["price"] is None and order["state"] != State.CANCELLED else {}
    )
    await _follow(connection, order, event, State.PRICED, Actor.PRICING, **new)


async def _unprintable(connection: Connection, event: Event) -> None:
    order = await _locked(connection, event)
    rejection = {"code": event.data["code"], "detail": event.data["detail"]}
    new = {"rejection": rejection} if order["state"] == State.SUBMITTED else {}
    await _follow(connection, order, event, State.REJECTED, Actor.PRICING, **new)


async def _failed(connection: Connection, event: Event) -> None:
    order = await _locked(connection, event)
    if order["state"] == State.SUBMITTED:
        attention = {"code": event.data["code"], "detail": _LATE}
        await _follow(connection, order, event, State.SUBMITTED, Actor.PRICING, attention=attention)


async def _produced(connection: Connection, event: Event, *, state: State) -> None:
    await _follow(connection, await _locked(connection, event), event, state, Actor.OPERATOR)


async def _withdrawn(connection: Connection, event: Event) -> None:
    await _follow(connection, await _locked(connection, event), event, State.CANCELLED, Actor.MES)


async def _cancellation_refused(connection: Connection, event: Event) -> None:
    order = await _locked(connection, event)
    if order["cancellation_requested"]:
        await _follow(
            connection, order, event, State(order["state"]), Actor.MES, cancellation_requested=False
        )


HANDLERS: dict[str, Handler] = {
    "pricing.quoted": _quoted,
    "pricing.unprintable": _unprintable,
    "pricing.failed": _failed,
    "mes.taken": partial(_produced, state=State.IN_PRODUCTION),
    "mes.made": partial(_produced, state=State.MADE),
    "mes.packed": partial(_produced, state=State.PACKED),
    "mes.shipped": partial(_produced, state=State.SHIPPED),
    "mes.withdrawn": _withdrawn,
    "mes.cancellation-refused": _cancellation_refused,
}
