"""Ordering without a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.pages.shop import Storefront
from fixtures.orders import an_order
from fixtures.personas import Buyer

UNTIL_SHOWN_MS = 15_000
MOST_STEPS = 40


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{wanted} is not reached by {MOST_STEPS} presses of Tab on {page.url}")


@pytest.mark.slow
def test_a_part_is_ordered_and_approved_by_keyboard_alone(buyer: Buyer, storefront: Storefront) -> None:
    """Tab, letters, arrows and Enter lead from a draft to an approved price."""
    wish = an_order(material="PETG", quantity=12)
    draft = storefront.open_as(buyer).upload(wish.model)
    page = draft.page

    tab_to(page, draft.material)
    page.keyboard.type(wish.material)
    tab_to(page, draft.quantity)
    page.keyboard.press("Control+A")
    page.keyboard.type(str(wish.quantity))
    order = draft.send(wish, lambda: page.keyboard.press("Enter"))
    expect(order.price).to_have_text(str(wish.price), timeout=UNTIL_SHOWN_MS)
    tab_to(page, order.button("Approve price"))
    page.keyboard.press("Enter")

    expect(order.state).to_have_text("APPROVED", timeout=UNTIL_SHOWN_MS)
