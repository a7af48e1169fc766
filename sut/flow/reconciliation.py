"""What `api` accepted held against what the MES knows: how each side's word changes an order; all pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from sut import states
from sut.flow.hops import MARK_OF, Mark
from sut.flow.projection import Order, marked, traced
from sut.states import State


class Accepted(BaseModel):
    """An order as `api` keeps it; `event_sent_at` is None while its first event waits in the outbox."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    position: str
    order_id: UUID
    number: str = Field(alias="order_number")
    state: State
    channel: str
    customer: str
    accepted_at: datetime
    updated_at: datetime
    event_sent_at: datetime | None
    trace_id: str | None = None

    def told_to(self, order: Order, seen_at: datetime) -> Order:
        """Return the order once this is known of it."""
        order = replace(
            order,
            channel=self.channel,
            customer=self.customer,
            confirmed_by_api=True,
            sent_to_broker=order.sent_to_broker or self.event_sent_at is not None,
        )
        order = traced(marked(order, Mark.ACCEPTED, self.accepted_at), self.trace_id, self.updated_at)
        return _caught_up(order, self.state, self.updated_at)


class WorkOrder(BaseModel):
    """An order as the MES keeps it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: int
    order_id: UUID
    number: str = Field(alias="order_number")
    state: State
    channel: str
    customer: str
    created_at: datetime
    updated_at: datetime

    @property
    def position(self) -> str:
        """Its place in the audit list."""
        return str(self.id)

    def told_to(self, order: Order, seen_at: datetime) -> Order:
        """Return the order once this is known of it.

        The audit does not say when the MES came to know the order, so the first look counts until the event
        tells the exact moment.
        """
        order = replace(
            order,
            channel=order.channel or self.channel,
            customer=order.customer or self.customer,
            work_orders=order.work_orders | {self.id},
        )
        if Mark.IN_MES not in order.marks:
            order = marked(order, Mark.IN_MES, seen_at)
        return _caught_up(order, self.state, self.updated_at)


Word = Accepted | WorkOrder


def _caught_up(order: Order, state: State, at: datetime) -> Order:
    """Apply a state that somebody reports although its event has not come; what is stale changes nothing."""
    if states.advance(order.state, state) is order.state:
        return order
    return marked(order, MARK_OF[state], at)


def told(order: Order, words: Iterable[Word], seen_at: datetime) -> Order:
    """Return the order once all that was said of it is known."""
    for word in words:
        order = word.told_to(order, seen_at)
    return order


class Follower:
    """Where to read on in a list that grows at its end while it is read.

    Rows may appear a little before the end, because a position is given before its transaction commits, and a
    statement of it may take ten seconds. So the last quarter of a minute is read again each time; a full page
    behind the end is left behind at once.
    """

    def __init__(self, position: str, settle_s: float = 15.0) -> None:
        self.position = position
        self._settle_s = settle_s
        self._ends: deque[tuple[float, str]] = deque()

    def read_to_end(self, end: str, at_s: float) -> None:
        """Note where the list ended at a moment; what ended long enough ago is settled."""
        while self._ends and self._ends[0][0] <= at_s - self._settle_s:
            self.position = self._ends.popleft()[1]
        self._ends.append((at_s, end))

    def left_behind(self, position: str) -> None:
        """Note a position with at least a full page after it."""
        if position != self.position:
            self.position = position
            self._ends.clear()
