"""An open order card shows what happens to the order while it is open."""

from __future__ import annotations

from playwright.sync_api import expect

from e2e.pages.mes import Dashboard
from fixtures.life import Journey
from fixtures.live_part import following
from fixtures.personas import Operator

SHOWN_WITHIN_S = 10.0
_MARK_THE_PAGE = "window.isStillTheSamePage = true"
_IS_THE_SAME_PAGE = "window.isStillTheSamePage === true"


def test_card_follows_its_order_and_offers_the_next_step_without_a_reload(
    journey: Journey, operator: Operator, dashboard: Dashboard
) -> None:
    """The price is approved elsewhere: the open card changes its state and offers to take the order."""
    order = journey.to("PRICED")
    card = dashboard.open_as(operator).go_to(order)
    expect(card.live).to_have_text("Live")
    card.page.evaluate(_MARK_THE_PAGE)

    journey.do(order, "approve")
    expect(card.button("Take")).to_be_visible(timeout=SHOWN_WITHIN_S * 1000)
    expect(card.state).to_have_text("APPROVED")
    journey.do(order, "take")

    expect(card.state).to_have_text("IN_PRODUCTION", timeout=SHOWN_WITHIN_S * 1000)
    expect(card.history.filter(has_text="Taken")).to_have_count(1)
    assert card.page.evaluate(_IS_THE_SAME_PAGE)


def test_a_cards_stream_brings_the_card_as_it_is(journey: Journey, operator: Operator) -> None:
    """What an open card hears is what a reload would show, with its story and its buttons."""
    order = journey.to("PRICED")
    with following(operator.door, f"/orders/{order.number}/live") as card:
        journey.do(order, "approve")
        heard = card.until(
            lambda part: part.labelled("State") == "APPROVED", SHOWN_WITHIN_S, what="the approval"
        )

    shown = operator.door.card(order.number)

    assert heard.column("History", 1) == shown.column("History", 1)
    assert heard.form_with("Take").fields == shown.form_with("Take").fields
