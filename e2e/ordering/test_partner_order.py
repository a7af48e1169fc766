"""A partner's order through the API, and what operators see of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.pages.mes import Dashboard
from fixtures import models
from fixtures.doors import MesAuditDoor
from fixtures.ledger import Ledger
from fixtures.life import Journey
from fixtures.orders import an_order
from fixtures.personas import Operator, Partner


@pytest.mark.smoke
def test_partner_order_is_priced_right_and_in_the_mes_once(partner: Partner, ledger: Ledger) -> None:
    """A partner's order gets the released price and reaches the MES exactly once."""
    wish = an_order(models.tee(40), "PETG", quantity=12)

    order = partner.priced(wish)
    ledger.drain(within_s=10)

    assert order.price == wish.price
    assert ledger.of(order).violations() == []


def test_partner_order_is_shown_to_operators_exactly_once(
    partner: Partner, operator: Operator, dashboard: Dashboard, ledger: Ledger
) -> None:
    """Operators find a partner's order on the dashboard once, with its material, quantity and price."""
    wish = an_order(models.tetrahedron(30), "PA12", quantity=7)
    order = partner.priced(wish)

    page = dashboard.open_as(operator).filter(customer=partner.id).wait_for(order, "PRICED")

    expect(page.rows_of(order)).to_have_count(1)
    expect(page.rows).to_have_count(1)
    expect(page.cell(order, "material")).to_have_text("PA12")
    expect(page.cell(order, "quantity")).to_have_text("7")
    expect(page.cell(order, "price")).to_have_text(str(wish.price))
    assert ledger.of(order).violations() == []


def test_partner_order_reaches_its_end_through_the_api(
    journey: Journey, partner: Partner, ledger: Ledger, audit: MesAuditDoor
) -> None:
    """A partner approves, follows production and confirms the receipt; API and MES agree at the end."""
    order = journey.to("CLOSED")

    history = [step.state for step in partner.door.history(order.id)]
    assert list(dict.fromkeys(history)) == [
        *("SUBMITTED", "PRICED", "APPROVED", "IN_PRODUCTION", "MADE", "PACKED", "SHIPPED", "CLOSED")
    ]
    assert audit.waits_for(order, "CLOSED").reference == order.reference
    assert ledger.of(order).violations() == []
