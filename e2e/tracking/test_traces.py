"""Whoever looks for an order finds where it was, hop by hop, and how long each took."""

from __future__ import annotations

from fixtures.life import Journey
from fixtures.orders import an_order
from fixtures.personas import Buyer
from fixtures.traces.tracing import Tracing
from fixtures.traces.words import violations


def test_shop_order_is_one_trace_from_the_click_to_the_price(buyer: Buyer, trace: Tracing) -> None:
    """The click, the API, the broker, the MES and all stages of pricing lie in a single trace."""
    order = buyer.placed(an_order())

    story = trace.of(order)

    assert violations(story) == []
    assert story.first_hop == "clicked"
    assert story.last_hop.startswith("pricing.quoted processed")
    assert len({each.span.trace_id for each in story.reached}) == 1


def test_steps_of_a_whole_life_are_found_from_the_first(journey: Journey, trace: Tracing) -> None:
    """Approval, production, shipping and receipt are traces of their own that link to what was before."""
    order = journey.to("CLOSED")

    story = trace.of(order)

    assert violations(story) == []
    assert story.last_hop.startswith("api.closed processed")
    assert len({each.span.trace_id for each in story.reached if each.hop.linked}) == 6
