"""A part that no machine can make is rejected with a reason instead of a price."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.pages.shop import Storefront
from fixtures import models, oracle
from fixtures.doors import MesAuditDoor
from fixtures.ledger import Ledger
from fixtures.models import Model
from fixtures.orders import an_order
from fixtures.personas import Buyer, Partner

UNTIL_SHOWN_MS = 15_000
UNPRINTABLE: list[tuple[Model, str, str]] = [
    *[(models.larger_than_any_build_box(), code, "larger-than-build-box") for code in oracle.materials()],
    (models.box("220.5", 50, 50), "PLA", "larger-than-build-box"),
    (models.box(50, 50, "326"), "AL", "larger-than-build-box"),
    (models.thinner_than_minimum(), "PA12", "thinner-than-minimum"),
    (models.box(30, "0.39", 30), "PLA", "thinner-than-minimum"),
]


@pytest.mark.parametrize(("model", "material", "code"), UNPRINTABLE)
def test_an_unprintable_part_is_rejected_with_a_reason(
    partner: Partner, audit: MesAuditDoor, model: Model, material: str, code: str
) -> None:
    """A partner gets a code for programs and a sentence for people; the MES agrees; there is no price."""
    order = partner.place(an_order(model, material, printable=False))

    rejected = partner.waits_for(order, "REJECTED")

    assert rejected.rejection
    assert rejected.rejection.code == code
    assert len(rejected.rejection.detail.split()) > 3
    assert rejected.price is None
    assert audit.waits_for(order, "REJECTED").price_total is None


def test_a_shopper_reads_why_the_part_cannot_be_made(
    buyer: Buyer, storefront: Storefront, ledger: Ledger
) -> None:
    """The order's page says in a sentence why it was rejected, and offers nothing to approve."""
    wish = an_order(models.larger_than_any_build_box(), "PLA", printable=False)

    order = storefront.open_as(buyer).order(wish)

    expect(order.state).to_have_text("REJECTED", timeout=UNTIL_SHOWN_MS)
    expect(order.reason).to_contain_text("700")
    expect(order.button("Approve price")).to_have_count(0)
    expect(order.button("Cancel order")).to_have_count(0)
    assert ledger.of(order).violations() == []
