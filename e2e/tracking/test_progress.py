"""Customers can follow their order step by step."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from e2e.pages.shop import Storefront
from fixtures.doors import MesAuditDoor
from fixtures.life import Journey
from fixtures.orders import an_order
from fixtures.personas import Buyer, Operator, Partner
from fixtures.waiting import until

UNTIL_SHOWN_MS, SHOWN_WITHIN_S = 15_000, 15.0
MORE_THAN_A_PAGE = 21


def test_a_partner_reads_who_did_what_and_when(journey: Journey, partner: Partner) -> None:
    """The history has one entry for each step, in order, with its actor."""
    order = journey.to("SHIPPED")

    history = partner.door.history(order.id)

    assert [step.state for step in history] == [
        *("SUBMITTED", "PRICED", "APPROVED", "IN_PRODUCTION", "MADE", "PACKED", "SHIPPED")
    ]
    assert [step.occurred_at for step in history] == sorted(step.occurred_at for step in history)
    assert all(step.actor for step in history)


def test_a_shopper_sees_production_without_reloading(
    buyer: Buyer, operator: Operator, storefront: Storefront, audit: MesAuditDoor
) -> None:
    """The open page follows what operators do in the factory."""
    placed = buyer.placed(an_order())
    audit.waits_for(placed, "PRICED")
    order = storefront.open_as(buyer).open_order(placed.number)
    order.approve()
    audit.waits_for(order, "APPROVED")

    operator.door.command(order.number, "take")
    expect(order.state).to_have_text("IN_PRODUCTION", timeout=UNTIL_SHOWN_MS)
    operator.door.command(order.number, "make")
    expect(order.state).to_have_text("MADE", timeout=UNTIL_SHOWN_MS)

    now = order.progress.and_(order.page.locator("[aria-current=step]"))
    expect(now).to_have_text(re.compile("^made", re.IGNORECASE))
    expect(order.button("Cancel order")).to_have_count(0)


def test_a_shopper_pages_through_all_orders(buyer: Buyer) -> None:
    """Each of more orders than fit on a page is on exactly one, newest first."""
    numbers = [buyer.door.place(an_order()) for _ in range(MORE_THAN_A_PAGE)]

    pages = [page.column("My orders", 0) for page in buyer.door.pages("/orders")]

    assert [number for page in pages for number in page] == numbers[::-1]
    assert len(pages) == 2


def test_the_list_of_orders_is_as_fresh_as_their_pages(buyer: Buyer, audit: MesAuditDoor) -> None:
    """It shows each order's state and price, and follows what happens."""
    wish = an_order()
    order = buyer.placed(wish)
    audit.waits_for(order, "PRICED")

    def listed() -> tuple[str, str]:
        page = buyer.door.open("/orders")
        [state], [price] = page.column("My orders", 1), page.column("My orders", 5)
        return state, price

    until(lambda: listed() == ("PRICED", str(wish.price)), SHOWN_WITHIN_S, what="the price in the list")
    buyer.door.press(f"/orders/{order.number}", "Approve price")
    until(lambda: listed()[0] == "APPROVED", SHOWN_WITHIN_S, what="the approval in the list")


def test_a_shopper_finds_all_orders_and_drafts_in_one_list(buyer: Buyer) -> None:
    """Nothing that was begun gets out of sight."""
    numbers = [buyer.door.place(an_order()) for _ in range(3)]
    draft = buyer.door.upload(an_order().model)

    page = buyer.door.open("/orders")

    assert page.column("My orders", 0) == numbers[::-1]
    assert buyer.door.drafts() == [draft]
