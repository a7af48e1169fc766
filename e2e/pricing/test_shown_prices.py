"""What shoppers read is what the tariff says."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.pages.shop import Storefront
from fixtures import models, oracle
from fixtures.connection import Connection
from fixtures.orders import an_order
from fixtures.personas import Buyer
from fixtures.testbed.target import Target
from fixtures.web_doors import WebDoor

UNTIL_PRICED_MS = 15_000
RATES = {
    "Material": "name",
    "Volume, per cm³": "rate_per_cm3",
    "Surface, per cm²": "rate_per_cm2",
    "Per layer": "rate_per_layer",
    "Supports, per cm²": "rate_per_support_cm2",
}


@pytest.mark.smoke
def test_shop_order_is_priced_on_its_page(buyer: Buyer, storefront: Storefront) -> None:
    """The price appears on the order's page by itself, and it is the released one."""
    wish = an_order(models.tee(40), "PETG", quantity=12)

    order = storefront.open_as(buyer).order(wish)

    expect(order.price).to_have_text(str(wish.price), timeout=UNTIL_PRICED_MS)
    expect(order.state).to_have_text("PRICED")


def test_the_tariff_page_shows_every_released_rate(target: Target) -> None:
    """A shopper can check the price by hand, without an account: each rate stands below what it is for."""
    with WebDoor(target.urls.shop) as stranger:
        page = stranger.open("/tariff")

    titles = [head.text for head in page.root.every("th") if head.attributes.get("scope") == "col"]
    shown = {title: page.column("Materials", place) for place, title in enumerate(titles)}
    materials = oracle.tariff()["material"]
    assert {title: shown[title] for title in RATES} == {
        title: [row[rate] for row in materials] for title, rate in RATES.items()
    }


def test_the_tariff_of_the_api_is_the_released_one(target: Target) -> None:
    """Partners compute with the same table, without a key."""
    with Connection(target.urls.api) as anybody:
        served = anybody.json("GET", "/v1/tariff")

    released = oracle.tariff()
    assert served["materials"] == released["material"]
    assert (served["setup"], served["minimum_total"]) == (released["setup"], released["minimum_total"])
    assert [list(step.values()) for step in served["discounts"]] == [
        list(step.values()) for step in released["discount"]
    ]
