"""What the flow knows of one order, and how each piece of news changes it; no clock, no database.

A mark keeps the earliest moment it was reported for, and everything else is worked out from the marks. So
news may come twice, late and in any order: the same pieces always add up to the same order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sut import states
from sut.events import Event
from sut.flow.hops import HOPS, INTAKE, PRICING, STATE_FROM, WAY, Hop, Mark, Place
from sut.states import State

MARK_OF_EVENT: Mapping[str, Mark] = {
    "api.submitted": Mark.ACCEPTED,
    "mes.pricing-requested": Mark.IN_MES,
    "pricing.quoted": Mark.QUOTED,
    "pricing.unprintable": Mark.REJECTED,
    "api.approved": Mark.APPROVED,
    "mes.taken": Mark.TAKEN,
    "mes.made": Mark.MADE,
    "mes.packed": Mark.PACKED,
    "mes.shipped": Mark.SHIPPED,
    "api.closed": Mark.CLOSED,
    "api.cancelled": Mark.CANCELLED,
    "mes.withdrawn": Mark.CANCELLED,
}


class Wait(NamedTuple):
    """The hop in which an order is, and since when."""

    hop: Hop
    since: datetime


class Attention(NamedTuple):
    """Why an order does not go on by itself, in words, and since when."""

    since: datetime
    why: str


@dataclass(frozen=True)
class Order:
    """An order as far as the flow knows it.

    `sent_to_broker` and `sent_to_pricing` say whether the event that begins a hop was published; `asked_at`
    is when its price was last asked for, `failed_at` when pricing last gave up; `work_orders` are the ids
    under which the MES keeps the order: more than one is a fault.
    """

    order_id: UUID
    number: str
    channel: str | None = None
    customer: str | None = None
    marks: Mapping[Mark, datetime] = field(default_factory=dict)
    sent_to_broker: bool = False
    sent_to_pricing: bool = False
    confirmed_by_api: bool = False
    asked_at: datetime | None = None
    failed_at: datetime | None = None
    failed_why: str = ""
    trace_id: str = ""
    traced_at: datetime | None = None
    work_orders: frozenset[int] = frozenset()

    @property
    def state(self) -> State:
        """The state that follows from the marks, by the table of all services."""
        state = State.SUBMITTED
        for mark in (*WAY, Mark.REJECTED, Mark.CANCELLED):
            if mark in self.marks:
                state = states.advance(state, STATE_FROM[mark])
        return state

    @property
    def moved_at(self) -> datetime | None:
        """When the order was last heard to move."""
        return max(self.marks.values(), default=None)

    @property
    def wait(self) -> Wait | None:
        """Where the order waits: behind the furthest mark it has passed; None once nothing follows."""
        if self.state in states.TERMINAL:
            return None
        passed = [hop for hop in HOPS if hop.begins in self.marks]
        if not passed:
            return None
        hop = passed[-1]
        again = hop is PRICING and self.asked_at and self.failed_at and self.asked_at > self.failed_at
        return Wait(hop, self.asked_at if again and self.asked_at else self.marks[hop.begins])

    @property
    def attention(self) -> Attention | None:
        """Why somebody must look at the order: pricing gave up, and nobody has asked again since."""
        if self.state is not State.SUBMITTED or self.failed_at is None:
            return None
        given_up = self.asked_at is None or self.failed_at > self.asked_at
        return Attention(self.failed_at, self.failed_why) if given_up else None

    @property
    def last_hop(self) -> tuple[Place, str] | None:
        """Who has the order in hand, and what it waits for in words."""
        if self.wait is None:
            return None
        hop = self.wait.hop
        if hop is INTAKE and not self.sent_to_broker:
            return Place.API, "accepted, event not sent"
        if hop is PRICING and not self.sent_to_pricing:
            return Place.MES, "in the MES, not handed to pricing"
        return hop.place, hop.waiting


def marked(order: Order, mark: Mark, at: datetime) -> Order:
    """Return the order with a mark, which keeps the earliest moment."""
    known = order.marks.get(mark)
    if known is not None and known <= at:
        return order
    return replace(order, marks={**order.marks, mark: at})


def traced(order: Order, trace_id: str | None, at: datetime) -> Order:
    """Return the order with the trace of a step, which is that of the latest step known with one."""
    known = (order.traced_at, order.trace_id) if order.traced_at else None
    if not trace_id or (known is not None and known >= (at, trace_id)):
        return order
    return replace(order, trace_id=trace_id, traced_at=at)


def after(order: Order, event: Event) -> Order:
    """Return the order once an event is known; whoever sees an event knows that it was published."""
    mark = MARK_OF_EVENT.get(event.type)
    if mark is not None:
        order = marked(order, mark, event.occurred_at)
    if event.type == "api.submitted":
        wish = {"channel": event.data["channel"], "customer": event.data["customer"]}
        order = replace(order, sent_to_broker=True, **wish)
    if event.type == "mes.pricing-requested":
        asked_at = max(order.asked_at or event.occurred_at, event.occurred_at)
        order = replace(order, sent_to_pricing=True, asked_at=asked_at)
    if event.type == "pricing.failed" and (order.failed_at is None or event.occurred_at > order.failed_at):
        stage, tries, detail = (event.data[name] for name in ("stage", "tries", "detail"))
        why = f"{stage.capitalize()} failed {tries} times. {detail}"
        order = replace(order, failed_at=event.occurred_at, failed_why=why)
    return order
