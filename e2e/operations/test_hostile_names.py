"""Names that are written to break pages are shown as the odd names they are."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.pages.mes import Dashboard
from e2e.pages.shop import Storefront
from fixtures import models
from fixtures.cast import Personas
from fixtures.doors import MesAuditDoor
from fixtures.orders import an_order
from fixtures.personas import Operator, Partner
from fixtures.windows import Windows

SCRIPT = "<script>document.title='broken'</script>"
IMAGE = "<img src=x onerror=alert(1)>"


def test_a_hostile_name_and_filename_are_text_in_the_shop(
    personas: Personas, storefront: Storefront, windows: Windows
) -> None:
    """A shopper's name and a file's name are shown letter by letter and never run."""
    shop = storefront.open_as(personas.buyer(name=SCRIPT))

    draft = shop.upload(models.bracket().named(f"{IMAGE}.stl"))

    expect(draft.heading).to_have_text(f"{IMAGE}.stl")
    expect(shop.page.get_by_text(SCRIPT, exact=True).first).to_be_visible()
    assert "broken" not in shop.page.title()


def test_a_hostile_reference_is_text_in_the_mes(
    partner: Partner, operator: Operator, dashboard: Dashboard, audit: MesAuditDoor
) -> None:
    """What a partner writes into an order cannot act on the operators' pages."""
    order = partner.place(an_order(prefix=IMAGE))
    audit.waits_for(order, "PRICED")

    card = dashboard.open_as(operator).go_to(order)

    expect(card.page.get_by_text(IMAGE)).to_be_visible()


@pytest.mark.parametrize(
    "filename",
    [
        "../../etc/passwd.stl",
        "C:\\parts\\bracket.stl",
        "деталь 1.stl",
        "a" * 250 + ".stl",
        "\u202egpj.stl",
    ],
    ids=["path", "windows path", "cyrillic", "long", "right to left"],
)
def test_an_odd_filename_is_kept_harmless(partner: Partner, filename: str) -> None:
    """Whatever the file is called, the model is stored and can be read again."""
    stored = partner.door.upload(models.bracket().named(filename))

    assert partner.door.model(stored.id) == stored
