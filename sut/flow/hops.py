"""An order's way as the board sees it: marks that an order passes, and the hops in which it waits between."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sut.states import State


class Mark(StrEnum):
    """A moment of an order's life; `<mark>_at` is its column."""

    ACCEPTED = "accepted"
    IN_MES = "in_mes"
    QUOTED = "quoted"
    APPROVED = "approved"
    TAKEN = "taken"
    MADE = "made"
    PACKED = "packed"
    SHIPPED = "shipped"
    CLOSED = "closed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class Place(StrEnum):
    """Who has an order in hand: the last hop it is known to have reached."""

    API = "api"
    BROKER = "broker"
    MES = "mes"
    PRICING = "pricing"
    CUSTOMER = "customer"


class Hop(NamedTuple):
    """A stretch between two marks; `waiting` says in words what an order in it waits for."""

    name: str
    begins: Mark
    ends: Mark
    place: Place
    waiting: str


INTAKE = Hop("intake", Mark.ACCEPTED, Mark.IN_MES, Place.BROKER, "sent, not consumed by the MES")
PRICING = Hop("pricing", Mark.IN_MES, Mark.QUOTED, Place.PRICING, "handed to pricing, no quote yet")

HOPS: tuple[Hop, ...] = (
    INTAKE,
    PRICING,
    Hop("approval", Mark.QUOTED, Mark.APPROVED, Place.CUSTOMER, "quoted, not approved by the customer"),
    Hop("taking", Mark.APPROVED, Mark.TAKEN, Place.MES, "approved, not taken by an operator"),
    Hop("making", Mark.TAKEN, Mark.MADE, Place.MES, "taken, not made"),
    Hop("packing", Mark.MADE, Mark.PACKED, Place.MES, "made, not packed"),
    Hop("shipping", Mark.PACKED, Mark.SHIPPED, Place.MES, "packed, not shipped"),
    Hop("receipt", Mark.SHIPPED, Mark.CLOSED, Place.CUSTOMER, "shipped, receipt not confirmed"),
)
BY_NAME = {hop.name: hop for hop in HOPS}

#: The marks from acceptance to the close, in order; the two ways out lie beside it.
WAY: tuple[Mark, ...] = (HOPS[0].begins, *(hop.ends for hop in HOPS))

#: The state that an order is in from a mark on.
STATE_FROM: dict[Mark, State] = {
    Mark.ACCEPTED: State.SUBMITTED,
    Mark.IN_MES: State.SUBMITTED,
    Mark.QUOTED: State.PRICED,
    Mark.APPROVED: State.APPROVED,
    Mark.TAKEN: State.IN_PRODUCTION,
    Mark.MADE: State.MADE,
    Mark.PACKED: State.PACKED,
    Mark.SHIPPED: State.SHIPPED,
    Mark.CLOSED: State.CLOSED,
    Mark.REJECTED: State.REJECTED,
    Mark.CANCELLED: State.CANCELLED,
}

#: The mark that an order has passed which somebody reports in a state.
MARK_OF: dict[State, Mark] = {state: mark for mark, state in STATE_FROM.items() if mark is not Mark.IN_MES}
