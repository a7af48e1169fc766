"""What a shopper types wrongly is told on the page, and the draft waits for the right choice."""

from __future__ import annotations

import pytest

from fixtures.doors import MesAuditDoor, Refusal
from fixtures.orders import an_order
from fixtures.personas import Buyer, ShopOrder

BAD_CHOICES = {
    "wrong material": {"material": "GOLD"},
    "no material": {"material": ""},
    "quantity 0": {"quantity": "0"},
    "quantity -1": {"quantity": "-1"},
    "quantity 10001": {"quantity": "10001"},
    "quantity 10^9": {"quantity": "1000000000"},
    "quantity of 5000 digits": {"quantity": "9" * 5000},
    "quantity 1.5": {"quantity": "1.5"},
    "quantity 1.000": {"quantity": "1.000"},
    "quantity 1e3": {"quantity": "1e3"},
    "quantity 1_0": {"quantity": "1_0"},
    "quantity in other digits": {"quantity": "٣"},
    "quantity in words": {"quantity": "three"},
    "no quantity": {"quantity": ""},
}


def test_a_bad_choice_is_refused_and_the_draft_is_kept(buyer: Buyer, audit: MesAuditDoor) -> None:
    """The page comes back with status 422, and nothing has been ordered."""
    draft = buyer.door.upload(an_order().model)
    form = buyer.door.order_form(draft)

    for name, wrong in BAD_CHOICES.items():
        with pytest.raises(Refusal) as refusal:
            buyer.door.submit(form, "Submit order", **({"material": "PLA", "quantity": "3"} | wrong))
        assert (name, refusal.value.status) == (name, 422)
        assert buyer.door.read(refusal.value).form_with("Submit order")

    assert buyer.door.drafts() == [draft]
    assert audit.work_orders(customer=buyer.id) == []


def test_a_corrected_choice_is_ordered(buyer: Buyer, audit: MesAuditDoor) -> None:
    """The page that refused shows what was chosen, and takes the right choice of the rest."""
    wish = an_order(material="AL", quantity=7)
    form = buyer.door.order_form(buyer.door.upload(wish.model))
    with pytest.raises(Refusal) as refusal:
        buyer.door.submit(form, "Submit order", quantity="0", material=wish.material)

    again = buyer.door.read(refusal.value).form_with("Submit order")
    order = ShopOrder(buyer.door.submit_order(again, wish), buyer.id)

    assert again.fields["material"] == wish.material
    assert audit.waits_for(order, "PRICED").quantity == wish.quantity
    assert buyer.door.numbers() == [order.number]


def test_an_upload_without_a_file_is_refused(buyer: Buyer) -> None:
    """Pressing the button too early is told in words."""
    with pytest.raises(Refusal) as refusal:
        buyer.door.press("/orders/new", "Upload")

    assert refusal.value.status == 422
    assert buyer.door.read(refusal.value).alert()
