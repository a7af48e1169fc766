"""An order's whole life, from a shopper's model to the parts in their hands."""

from __future__ import annotations

from playwright.sync_api import expect

from e2e.pages.mes import Dashboard
from e2e.pages.shop import Storefront
from fixtures import models
from fixtures.ledger import Ledger
from fixtures.orders import an_order
from fixtures.personas import Buyer, Operator

UNTIL_SHOWN_MS = 15_000


def test_shop_order_is_made_and_shipped_and_closed(
    buyer: Buyer, operator: Operator, storefront: Storefront, dashboard: Dashboard, ledger: Ledger
) -> None:
    """A shopper's order is priced, approved, made, shipped and closed, and both sides see every step."""
    wish = an_order(models.bracket(40), "PA12", quantity=3)
    shown = storefront.open_as(buyer).order(wish)
    expect(shown.price).to_have_text(str(wish.price), timeout=UNTIL_SHOWN_MS)
    shown.approve()

    card = dashboard.open_as(operator).wait_for(shown, "APPROVED").open(shown)
    card.take()
    card.mark_as_made()
    card.pack()
    card.ship()
    expect(shown.state).to_have_text("SHIPPED", timeout=UNTIL_SHOWN_MS)
    shown.confirm_receipt()

    expect(shown.state).to_have_text("CLOSED", timeout=UNTIL_SHOWN_MS)
    card.wait_for("CLOSED")
    assert ledger.of(shown).violations() == []
