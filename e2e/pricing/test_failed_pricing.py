"""An order whose price cannot be calculated is shown to everybody concerned, and nobody has to guess."""

from __future__ import annotations

from playwright.sync_api import expect

from e2e.pages.mes import Dashboard
from fixtures import models
from fixtures.doors import MesAuditDoor
from fixtures.ledger import Ledger
from fixtures.model_store import ModelStore, unlike_any_other
from fixtures.orders import an_order
from fixtures.personas import Buyer, Operator, Partner
from fixtures.waiting import until
from fixtures.web_doors import WebDoor

SHOWN_WITHIN_S = 20
SHOWN_WITHIN_MS = 5000


def attention(door: WebDoor, path: str) -> str:
    """What a page says of the order's trouble, once it says so."""
    return until(lambda: door.open(path).labelled("Attention") or "", SHOWN_WITHIN_S, what="a notice")


def test_order_whose_analysis_fails_needs_attention_until_it_has_its_price(
    partner: Partner, operator: Operator, store: ModelStore, audit: MesAuditDoor, dashboard: Dashboard
) -> None:
    """The model's file is gone: partner and operators see it; once it is back an operator asks again."""
    open_page = dashboard.open_as(operator).only(partner.id)
    wish = an_order(unlike_any_other(models.box()))
    partner.door.upload_once(wish.model)
    with store.without(wish.model):
        order = partner.place(wish)
        told = partner.hears_of_trouble(order)
        notice = attention(operator.door, f"/orders/{order.number}")
        [row] = audit.work_orders(order_id=order.id)
        expect(open_page.cell(order, "state")).to_contain_text("Needs attention", timeout=SHOWN_WITHIN_MS)
        [state] = operator.door.open(f"/orders?customer={partner.id}").column("Orders", 1)

    operator.door.step(order.number, "Ask for the price again")
    priced = partner.waits_for(order, "PRICED")

    expect(open_page.cell(order, "state")).to_have_text("PRICED", timeout=SHOWN_WITHIN_MS)
    assert (told.code, row.state) == ("model-missing", "SUBMITTED")
    assert "not in the store" in notice
    assert "Needs attention" in state
    assert (priced.price, priced.attention) == (wish.price, None)
    assert [step.type for step in partner.door.history(order.id)] == ["submitted", "failed", "quoted"]
    assert operator.door.card(order.number).labelled("Attention") is None


def test_shopper_reads_that_the_price_is_late_and_can_still_cancel(
    buyer: Buyer, store: ModelStore, ledger: Ledger
) -> None:
    """A shopper is not left with «being calculated» for ever."""
    wish = an_order(unlike_any_other(models.box()), printable=False)
    form = buyer.door.order_form(buyer.door.upload(wish.model))
    with store.without(wish.model):
        path = f"/orders/{buyer.door.submit_order(form, wish)}"
        notice = attention(buyer.door, path)
        price = buyer.door.open(path).labelled("Price")
        after = buyer.door.press(path, "Cancel order")

    assert "could not be calculated" in notice
    assert price == "Not calculated yet"
    assert (after.labelled("State"), after.labelled("Attention")) == ("CANCELLED", None)
    assert ledger.violations() == []
