"""An open dashboard shows what happens while it is open."""

from __future__ import annotations

from playwright.sync_api import expect

from e2e.pages.mes import Dashboard
from fixtures.orders import an_order
from fixtures.personas import Operator, Partner

SHOWN_WITHIN_MS = 10_000
_MARK_THE_PAGE = "window.isStillTheSamePage = true"
_IS_THE_SAME_PAGE = "window.isStillTheSamePage === true"


def test_new_order_and_its_price_appear_without_a_reload(
    partner: Partner, operator: Operator, dashboard: Dashboard
) -> None:
    """Rows come, change and go, and the counts with them, while the page stays open."""
    page = dashboard.open_as(operator).only(partner.id)
    page.page.evaluate(_MARK_THE_PAGE)
    wish = an_order()

    order = partner.priced(wish)
    expect(page.cell(order, "state")).to_have_text("PRICED", timeout=SHOWN_WITHIN_MS)
    expect(page.cell(order, "price")).to_have_text(str(wish.price))
    expect(page.page.locator("[data-count=PRICED]")).not_to_have_text("0")
    partner.door.cancel(order.id)

    expect(page.rows).to_have_count(0, timeout=SHOWN_WITHIN_MS)
    expect(page.page.get_by_text("No order matches.")).to_be_visible()
    assert page.page.evaluate(_IS_THE_SAME_PAGE)
