"""An order's way as its shopper sees it: every step with when it was done, and where it stands now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sut.shop.answers import Happening
from sut.states import State

_WAY = {
    State.SUBMITTED: "Submitted",
    State.PRICED: "Price calculated",
    State.APPROVED: "Price approved",
    State.IN_PRODUCTION: "In production",
    State.MADE: "Made",
    State.PACKED: "Packed",
    State.SHIPPED: "Shipped",
    State.CLOSED: "Received",
}
_ENDS = {State.CANCELLED: "Cancelled", State.REJECTED: "Cannot be made"}


class Step(NamedTuple):
    """One step; `look` is done, now, stopped or to come."""

    state: State
    words: str
    at: datetime | None
    look: str


def steps(state: State, history: Sequence[Happening]) -> list[Step]:
    """Return the steps of an order in this state; an order that ended early shows only how far it came."""
    first_at: dict[State, datetime] = {}
    for happening in history:
        first_at.setdefault(happening.state, happening.occurred_at)
    if state in _ENDS:
        done = [Step(each, words, first_at[each], "done") for each, words in _WAY.items() if each in first_at]
        return [*done, Step(state, _ENDS[state], first_at.get(state), "stopped")]
    way = list(_WAY)
    reached = way.index(state)
    return [
        Step(each, _WAY[each], first_at.get(each), _look(place, reached, len(way) - 1))
        for place, each in enumerate(way)
    ]


def _look(place: int, reached: int, last: int) -> str:
    if place < reached or reached == last:
        return "done"
    return "now" if place == reached else "to come"
