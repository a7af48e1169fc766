"""One customer's orders and models do not exist for another."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from e2e.pages.shop import Storefront
from fixtures.cast import Personas
from fixtures.doors import MesAuditDoor, Refusal
from fixtures.ledger import Ledger
from fixtures.life import Journey, way_to
from fixtures.orders import an_order
from fixtures.personas import Buyer, Partner
from fixtures.windows import Windows

OF_AN_ORDER = [
    ("GET", ""),
    ("GET", "/history"),
    ("POST", "/approve"),
    ("POST", "/cancel"),
    ("POST", "/confirm-receipt"),
]


def test_another_partners_order_is_not_found_in_any_state(
    personas: Personas, partner: Partner, journey: Journey
) -> None:
    """From placing to receipt, whoever has not placed it can neither read nor command it."""
    other = personas.partner().door.http

    for order in journey.along("CLOSED"):
        asked = [other.request(method, f"/v1/orders/{order.id}{path}") for method, path in OF_AN_ORDER]

        assert (order.state, [answer.status_code for answer in asked]) == (order.state, [404] * len(asked))
        assert order.number not in "".join(answer.text for answer in asked)

    done = [step.state for step in partner.door.history(order.id)]
    assert done == ["SUBMITTED", *(step.target for step in way_to("CLOSED"))]


def test_lists_show_a_partners_own_orders_alone(personas: Personas, ledger: Ledger) -> None:
    """Neither partner sees the other's orders in a list, and the MES keeps them apart."""
    one, other = personas.partner(), personas.partner()
    orders = {partner.id: partner.priced(an_order()).id for partner in (one, other)}
    ledger.drain(within_s=10)

    for partner in (one, other):
        assert [order.id for order in partner.door.orders()] == [orders[partner.id]]
        assert [order.id for order in partner.door.orders(state="PRICED")] == [orders[partner.id]]
    assert ledger.violations() == []


def test_another_partners_model_can_neither_be_read_nor_ordered(personas: Personas) -> None:
    """A model is its owner's trade secret."""
    owner, other = personas.partner(), personas.partner()
    model = owner.door.upload(an_order().model)
    body = other.door.body_of(an_order()) | {"model_id": model.id}

    with pytest.raises(Refusal) as reading:
        other.door.model(model.id)
    with pytest.raises(Refusal) as ordering:
        other.door.create(body, "order-1")

    assert (reading.value.status, ordering.value.status) == (404, 404)
    assert list(other.door.orders()) == []


def test_another_shoppers_order_is_not_found_in_the_browser(
    personas: Personas, buyer: Buyer, storefront: Storefront, windows: Windows
) -> None:
    """A shopper who guesses an address sees a page that says there is nothing."""
    windows.expect_refusal(404)
    number = buyer.door.place(an_order())

    order = storefront.open_as(personas.buyer()).open_order(number)

    expect(order.page.get_by_role("alert")).to_be_visible()
    expect(order.state).to_have_count(0)
    expect(order.page.get_by_text(number)).to_have_count(0)


def test_no_part_of_another_shoppers_order_is_found(personas: Personas, buyer: Buyer) -> None:
    """Whatever the owner's page names of the order, also what it asks for by itself, is the owner's alone."""
    order, other = f"/orders/{buyer.door.place(an_order())}", personas.buyer().door
    named = set(re.findall(rf"{order}[/\w-]*", buyer.door.send("GET", order).text)) | {order}

    shown = sorted(path for path in named if buyer.door.status(path) == 200)

    assert len(shown) >= 2
    assert {path: other.status(path) for path in shown} == dict.fromkeys(shown, 404)


@pytest.mark.parametrize("decision", ["approve", "cancel", "confirm-receipt"])
def test_another_shoppers_order_cannot_be_decided(
    personas: Personas, buyer: Buyer, audit: MesAuditDoor, decision: str
) -> None:
    """A forged address with a sound session of one's own does nothing."""
    order = buyer.placed(an_order())
    audit.waits_for(order, "PRICED")
    other = personas.buyer()
    own_token = other.door.open("/orders").form_with("Sign out").fields

    with pytest.raises(Refusal) as refusal:
        other.door.send("POST", f"/orders/{order.number}/{decision}", data=own_token)

    assert refusal.value.status == 404
    assert audit.waits_for(order, "PRICED").customer == buyer.id


def test_another_shoppers_draft_can_neither_be_seen_nor_submitted(personas: Personas, buyer: Buyer) -> None:
    """A draft is its owner's alone."""
    draft = buyer.door.upload(an_order().model)
    form = buyer.door.order_form(draft)
    other = personas.buyer()
    own_token = other.door.open("/orders").form_with("Sign out").fields

    with pytest.raises(Refusal) as refusal:
        other.door.send("POST", form.action, data=form.fields | own_token | {"quantity": "1"})

    assert refusal.value.status == 404
    assert other.door.status(draft) == 404
    assert buyer.door.drafts() == [draft]


def test_a_shops_order_is_not_a_partners(partner: Partner, buyer: Buyer, audit: MesAuditDoor) -> None:
    """The shop's orders are invisible to partners although both come through one API."""
    order = audit.waits_for(buyer.placed(an_order()), "PRICED")

    with pytest.raises(Refusal) as refusal:
        partner.door.order(order.order_id)

    assert refusal.value.status == 404
