"""Events that come twice, in the wrong order, from two relays or after a long wait change nothing."""

from __future__ import annotations

import time
from collections import Counter
from uuid import uuid4

import pytest

from fixtures.doors import MesAuditDoor
from fixtures.faults import Faults
from fixtures.ledger import Ledger
from fixtures.life import Journey
from fixtures.orders import an_order
from fixtures.personas import Operator, Partner
from fixtures.waiting import until

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("outages")]

RECOVERED_WITHIN_S = 30
LAG_S = 2.0
KEY_KEPT_S = 3.0
"""What conftest.py has the API promise; events that are sent go after a second."""
PRODUCTION = ["mes.taken", "mes.made", "mes.packed", "mes.shipped"]
CANCELLED = ["api.submitted", "api.cancelled"]


def test_production_told_backwards_and_twice_ends_where_it_should(
    journey: Journey, partner: Partner, operator: Operator, faults: Faults
) -> None:
    """A customer whose order's events come in the wrong order and twice sees it shipped, each step once."""
    order = journey.to("APPROVED")
    with faults.kill("api"):
        operator.door.produce(order.number)
        told = faults.reorder(order, *PRODUCTION)
    faults.settle()

    steps = Counter(step.type for step in partner.door.history(order.id))

    assert told == [step for step in reversed(PRODUCTION) for _ in range(2)]
    assert partner.door.order(order.id).state == "SHIPPED"
    assert set(steps.values()) == {1}


@pytest.mark.slow
def test_cancellation_that_arrives_before_its_order_cancels_it_once(
    partner: Partner, faults: Faults, audit: MesAuditDoor
) -> None:
    """A cancellation that overtakes its order waits for it; one cancelled work order is left."""
    partner.door.upload_once(an_order().model)
    with faults.kill("mes"):
        order = partner.door.cancel(partner.place(an_order()).id)
        told = faults.reorder(order, *CANCELLED)
    cancelled = audit.waits_for(order, "CANCELLED")
    faults.settle()

    assert told == ["api.cancelled", "api.cancelled", "api.submitted", "api.submitted"]
    left = audit.work_orders(customer=partner.id)  # its quote may still come in, and be kept with it
    assert [(each.id, each.state) for each in left] == [(cancelled.id, "CANCELLED")]


def test_second_relay_does_not_overtake_one_that_is_slow(
    partner: Partner, faults: Faults, ledger: Ledger, audit: MesAuditDoor
) -> None:
    """With two processes of the API, one of them slow, a cancellation leaves after its submission."""
    wish = an_order()
    partner.door.upload_once(wish.model)
    with faults.beside_a_slow_twin("api", LAG_S) as slow:
        order = partner.door.elsewhere(slow.url).place(wish)
        slow.is_telling("api.submitted")
        partner.door.cancel(order.id)
        told = faults.published(order, *CANCELLED)

    assert told == CANCELLED
    assert audit.waits_for(order, "CANCELLED").order_number == order.number
    assert ledger.violations() == []


def test_what_waits_for_the_broker_is_not_pruned(partner: Partner, faults: Faults, ledger: Ledger) -> None:
    """An outage longer than anything is kept loses no order, while keys that are old enough do go.

    The first orders were told to the broker, which stood still and died without confirming them. No key goes
    before its time, however soon events go that were sent.
    """
    partner.door.upload_once(an_order().model)
    key = str(uuid4())
    with faults.pause("nats"):
        orders = [partner.place(an_order(quantity=n)) for n in range(1, 6)]
        with faults.kill("nats") as outage:
            placed_at_s = time.monotonic()
            partner.door.place(an_order(), key)
            until(lambda: partner.may_use(key), RECOVERED_WITHIN_S, what="the last order's key is forgotten")
            kept_s = time.monotonic() - placed_at_s
    ledger.drain(RECOVERED_WITHIN_S)

    outage.must_have_been_felt()
    assert kept_s >= KEY_KEPT_S
    assert ledger.violations() == []
    assert ledger.balance().seen == len(orders) + 2
