"""Prices are calculated side by side: nobody waits for somebody else's huge model."""

from __future__ import annotations

from datetime import datetime

from fixtures import models
from fixtures.answers import Order
from fixtures.orders import an_order
from fixtures.personas import Partner

HUGE_ORDERS = 4


def priced_at(partner: Partner, order: Order) -> datetime:
    """When the order got its price."""
    partner.waits_for(order, "PRICED")
    return partner.door.history(order.id)[-1].occurred_at


def test_small_model_does_not_wait_behind_huge_ones(partner: Partner) -> None:
    """A small part that is ordered last, after huge models, has its price before the last of them."""
    huge = models.ball(100_000, radius_mm=40)
    wishes = [an_order(huge, quantity=n) for n in range(1, HUGE_ORDERS + 1)]
    small = an_order(models.box())
    for wish in (wishes[0], small):
        partner.door.upload_once(wish.model)

    huge_orders = [partner.place(wish) for wish in wishes]
    order = partner.place(small)

    in_turn = [priced_at(partner, each) for each in (order, *huge_orders)]
    assert in_turn[0] < max(in_turn[1:])
    assert [partner.door.order(each.id).price for each in (order, *huge_orders)] == [
        wish.price for wish in (small, *wishes)
    ]
