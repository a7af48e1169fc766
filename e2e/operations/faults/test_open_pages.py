"""Pages that are open in a browser outlive an outage: nobody has to know that they must be loaded again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.pages.shop import Storefront
from fixtures.faults import Faults
from fixtures.orders import an_order
from fixtures.personas import Buyer
from fixtures.windows import Windows

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("hang-ups")]

UNTIL_SHOWN_MS = 15_000
PATIENCE_MS = 60_000
"""More than a page may wait before it asks again; the browser's clock is put forward by as much."""


def test_an_open_order_page_follows_its_order_again_after_an_outage(
    buyer: Buyer, storefront: Storefront, windows: Windows, faults: Faults
) -> None:
    """While the API is away the page stays as it is; afterwards it shows by itself what has happened."""
    windows.expect_refusal(503)
    shop, path = storefront.open_as(buyer), f"/orders/{buyer.door.place(an_order())}"
    shop.page.clock.install()
    order = shop.open_order(path.rpartition("/")[2])
    expect(order.button("Approve price")).to_be_visible(timeout=UNTIL_SHOWN_MS)

    with faults.kill("api"), order.page.expect_response(lambda answer: answer.status == 503):
        order.page.clock.fast_forward(PATIENCE_MS)
    expect(order.state).to_have_text("PRICED")
    buyer.door.press(path, "Approve price")
    order.page.clock.fast_forward(PATIENCE_MS)

    expect(order.state).to_have_text("APPROVED", timeout=UNTIL_SHOWN_MS)
