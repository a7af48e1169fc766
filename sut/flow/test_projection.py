"""What the flow makes of an order's events: the same whatever comes twice, late or in another order."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from sut import events
from sut.events import Event
from sut.flow.hops import HOPS, PRICING, WAY, Mark, Place
from sut.flow.projection import MARK_OF_EVENT, Order, after, marked
from sut.states import State

ORDER_ID = uuid4()
START = datetime(2026, 11, 22, 8, tzinfo=UTC)
WISH = {
    "channel": "shop",
    "customer": "ada",
    "reference": None,
    "model_id": "m",
    "material": "PLA",
    "quantity": 1,
}
FAILURE = {"stage": "slicing", "tries": 4, "detail": "It broke off."}
DATA: Mapping[str, dict[str, Any]] = {"api.submitted": WISH, "pricing.failed": FAILURE}
LIFE = [
    "api.submitted",
    "mes.pricing-requested",
    "pricing.quoted",
    "api.approved",
    "mes.taken",
    "mes.made",
    "mes.packed",
    "mes.shipped",
    "api.closed",
]


ASKED_AGAIN = ["pricing.failed", "mes.pricing-requested", "pricing.failed"]


def an_event(type_: str, after_s: float = 0.0) -> Event:
    """Make an event of the order, so long after its start."""
    return Event(
        uuid4(), type_, START + timedelta(seconds=after_s), ORDER_ID, "K7F3-0192", DATA.get(type_, {})
    )


def an_order(*types: str) -> Order:
    """Return the order after events that are a second apart."""
    order = Order(ORDER_ID, "K7F3-0192")
    for second, type_ in enumerate(types):
        order = after(order, an_event(type_, second))
    return order


def test_every_event_that_moves_an_order_has_a_mark() -> None:
    """No event of the services is unknown here, and those without a mark are those that move nothing."""
    assert set(MARK_OF_EVENT) <= set(events.TYPES)
    assert set(events.TYPES) - set(MARK_OF_EVENT) == {
        "api.cancellation-requested",
        "mes.cancellation-refused",
        "pricing.failed",
    }


def test_hops_lead_without_a_gap_from_acceptance_to_the_close() -> None:
    """Where one hop ends the next begins."""
    assert [hop.ends for hop in HOPS[:-1]] == [hop.begins for hop in HOPS[1:]]
    assert (WAY[0], WAY[-1]) == (Mark.ACCEPTED, Mark.CLOSED)


@pytest.mark.parametrize(
    ("heard", "state", "hop", "place"),
    [
        (1, State.SUBMITTED, "intake", Place.BROKER),
        (2, State.SUBMITTED, "pricing", Place.PRICING),
        (3, State.PRICED, "approval", Place.CUSTOMER),
        (4, State.APPROVED, "taking", Place.MES),
        (5, State.IN_PRODUCTION, "making", Place.MES),
        (6, State.MADE, "packing", Place.MES),
        (7, State.PACKED, "shipping", Place.MES),
        (8, State.SHIPPED, "receipt", Place.CUSTOMER),
    ],
)
def test_order_waits_in_the_hop_behind_its_last_event(
    heard: int, state: State, hop: str, place: Place
) -> None:
    """Its clock there starts at that event, and its last hop is whoever has it in hand."""
    order = an_order(*LIFE[:heard])

    assert order.state is state
    assert order.wait
    assert (order.wait.hop.name, order.wait.since) == (hop, START + timedelta(seconds=heard - 1))
    assert order.last_hop
    assert order.last_hop[0] is place


@pytest.mark.parametrize(
    ("heard", "state"),
    [
        (LIFE, State.CLOSED),
        ([*LIFE[:2], "pricing.unprintable"], State.REJECTED),
        ([*LIFE[:1], "api.cancelled"], State.CANCELLED),
        ([*LIFE[:4], "mes.withdrawn"], State.CANCELLED),
        ([*LIFE[:1], "api.cancelled", "mes.pricing-requested", "pricing.quoted"], State.CANCELLED),
        ([*LIFE[:2], "pricing.unprintable", "api.cancelled"], State.CANCELLED),
    ],
)
def test_ended_order_waits_for_nothing(heard: list[str], state: State) -> None:
    """Closed, rejected and cancelled orders are never late."""
    order = an_order(*heard)

    assert order.state is state
    assert order.wait is None
    assert order.last_hop is None


@pytest.mark.parametrize("seed", range(20))
def test_duplicates_and_any_order_of_events_change_nothing(seed: int) -> None:
    """However the events of a life arrive, the same order results."""
    heard = [an_event(type_, second) for second, type_ in enumerate([*LIFE, "mes.withdrawn", *ASKED_AGAIN])]
    chance = random.Random(seed)
    shuffled = chance.sample(heard, len(heard)) + chance.choices(heard, k=5)

    straight, mixed = Order(ORDER_ID, "K7F3-0192"), Order(ORDER_ID, "K7F3-0192")
    for event in heard:
        straight = after(straight, event)
    for event in shuffled:
        mixed = after(mixed, event)

    assert mixed == straight
    assert mixed.state is State.CLOSED


def test_event_that_skips_a_step_is_applied_and_the_stale_one_ignored() -> None:
    """An approval without its quote counts; the quote that comes later moves nothing back."""
    order = an_order("api.submitted", "api.approved")
    assert order.wait
    assert order.wait.hop.name == "taking"

    assert after(order, an_event("pricing.quoted", 0.5)).wait == order.wait


def test_order_whose_pricing_failed_needs_attention_until_somebody_asks_again() -> None:
    """The reason is kept; a new request makes it wait again, from then on; a price ends it."""
    failed = an_order("api.submitted", "mes.pricing-requested", "pricing.failed")
    asked_again = after(failed, an_event("mes.pricing-requested", 60))

    assert failed.attention == (START + timedelta(seconds=2), "Slicing failed 4 times. It broke off.")
    assert (asked_again.attention, asked_again.wait) == (None, (PRICING, START + timedelta(seconds=60)))
    assert after(asked_again, an_event("pricing.failed", 70)).attention
    assert after(failed, an_event("pricing.quoted", 3)).attention is None


def test_price_asked_for_twice_leaves_the_clock_as_it_was() -> None:
    """Only a failure makes a second request a new beginning."""
    order = an_order("api.submitted", "mes.pricing-requested", "mes.pricing-requested")

    assert order.wait == (PRICING, START + timedelta(seconds=1))


def test_mark_keeps_its_earliest_moment() -> None:
    """A second report of the same step, earlier or later, leaves the earlier time."""
    order = an_order("api.submitted", "mes.pricing-requested")

    assert marked(order, Mark.IN_MES, START + timedelta(seconds=9)) == order
    assert marked(order, Mark.IN_MES, START).marks[Mark.IN_MES] == START


def test_order_without_any_mark_waits_nowhere() -> None:
    """A request to cancel may overtake all else; it says nothing of where the order is."""
    order = an_order("api.cancellation-requested")

    assert (order.wait, order.last_hop) == (None, None)


def test_ids_stay_what_they_were() -> None:
    """Events change neither id nor number."""
    order = an_order(*LIFE)

    assert (order.order_id, order.number) == (UUID(str(ORDER_ID)), "K7F3-0192")
    assert (order.channel, order.customer) == ("shop", "ada")
