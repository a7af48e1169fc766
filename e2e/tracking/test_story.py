"""An order's page in the MES tells its whole story."""

from __future__ import annotations

from fixtures.life import Journey
from fixtures.personas import Operator, Partner

WHOLE_LIFE = [
    ("Submitted", "SUBMITTED", "customer", "api → mes"),
    ("Price asked for", "SUBMITTED", "mes", "mes → pricing"),
    ("Priced", "PRICED", "pricing", "pricing → mes"),
    ("Price approved", "APPROVED", "customer", "api → mes"),
    ("Taken", "IN_PRODUCTION", "operator", "mes → api"),
    ("Made", "MADE", "operator", "mes → api"),
    ("Packed", "PACKED", "operator", "mes → api"),
    ("Shipped", "SHIPPED", "operator", "mes → api"),
    ("Receipt confirmed", "CLOSED", "customer", "api → mes"),
]


def test_every_event_of_an_order_is_told_with_time_actor_and_hop(
    journey: Journey, partner: Partner, operator: Operator
) -> None:
    """From submission to receipt: what happened, when, by whom, and between which services it travelled."""
    order = journey.to("CLOSED")

    page = operator.door.card(order.number)

    times, *columns = (page.column("History", index) for index in range(5))
    hops = [" ".join(text.split()[:3]) for text in columns[3]]
    told = list(zip(columns[0], columns[1], columns[2], hops, strict=True))
    expected = [tuple(operator.name if word == "operator" else word for word in line) for line in WHOLE_LIFE]
    assert told == expected
    moments = [text[:19] for text in times]
    assert moments == sorted(moments)
    assert moments[0] >= f"{order.created_at:%Y-%m-%d %H:%M:%S}"


def test_cancellation_is_told_with_who_asked_and_who_decided(
    journey: Journey, partner: Partner, operator: Operator
) -> None:
    """The customer's wish and the factory's answer are two lines of the story."""
    order = journey.to("APPROVED")
    partner.door.cancel(order.id)
    partner.waits_for(order, "CANCELLED")

    page = operator.door.card(order.number)

    assert page.column("History", 1)[-2:] == ["Cancellation asked for", "Withdrawn"]
    assert page.column("History", 3)[-2:] == ["customer", "mes"]
