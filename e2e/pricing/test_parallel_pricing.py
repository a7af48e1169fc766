"""Prices are calculated side by side: nobody waits for somebody else's huge model."""

from __future__ import annotations

from datetime import datetime

from fixtures import models
from fixtures.answers import Order
from fixtures.doors import MesAuditDoor
from fixtures.orders import an_order
from fixtures.personas import Partner
from fixtures.waiting import until

HUGE_ORDERS = 5
MAY_BE_FIRST = 2
"""Of the huge ones: as many as are being analysed when the small one comes."""


def priced_at(partner: Partner, order: Order) -> datetime:
    """When the order got its price."""
    partner.waits_for(order, "PRICED")
    return partner.door.history(order.id)[-1].occurred_at


def test_small_model_does_not_wait_behind_huge_ones(partner: Partner, audit: MesAuditDoor) -> None:
    """A small part that is ordered last, after huge models, has its price before most that wait by then."""
    huge = models.ball(100_000, radius_mm=40)
    wishes = [an_order(huge, quantity=n) for n in range(1, HUGE_ORDERS + 1)]
    small = an_order(models.box())
    for wish in (wishes[0], small):
        partner.door.upload_once(wish.model)

    huge_orders = [partner.place(wish) for wish in wishes]
    until(lambda: len(audit.work_orders(customer=partner.id)) == HUGE_ORDERS, 20, what="huge orders wait")
    order = partner.place(small)

    small_at = priced_at(partner, order)
    before = [each for each in huge_orders if order.created_at < priced_at(partner, each) < small_at]
    assert len(before) <= MAY_BE_FIRST
    assert [partner.door.order(each.id).price for each in (order, *huge_orders)] == [
        wish.price for wish in (small, *wishes)
    ]
