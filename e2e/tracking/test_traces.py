"""Whoever looks for an order finds where it was, hop by hop, and how long each took."""

from __future__ import annotations

from uuid import uuid4

import pytest

from fixtures.cast import Personas
from fixtures.life import Journey
from fixtures.orders import an_order
from fixtures.personas import Buyer, Partner
from fixtures.traces.tracing import Tracing
from fixtures.traces.words import violations
from fixtures.waiting import until
from fixtures.webhook_receiver import Receiver

TOLD_WITHIN_S = 10.0
NOT_RECORDED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"


def test_shop_order_is_one_trace_from_the_click_to_the_price(buyer: Buyer, trace: Tracing) -> None:
    """The click, the API, the broker, the MES and all stages of pricing lie in a single trace."""
    order = buyer.placed(an_order())

    story = trace.of(order)

    assert violations(story) == []
    assert story.first_hop == "clicked"
    assert story.last_hop.startswith("pricing.quoted processed")
    requests = [span for span in story.spans if span.name.endswith(" /v1/orders")]
    assert {(span.service, span.kind) for span in requests} == {("api", "server")}
    assert len({each.span.trace_id for each in story.reached}) == 1


def test_steps_of_a_whole_life_are_found_from_the_first(journey: Journey, trace: Tracing) -> None:
    """Approval, production, shipping and receipt are traces of their own that link to what was before."""
    order = journey.to("CLOSED")

    story = trace.of(order)

    assert violations(story) == []
    assert story.last_hop.startswith("api.closed processed")
    assert len({each.span.trace_id for each in story.reached if each.hop.linked}) == 6


@pytest.mark.untraced("its caller says that its trace is not recorded")
def test_order_whose_caller_wants_no_trace_has_none(
    personas: Personas, partner: Partner, trace: Tracing
) -> None:
    """What the caller decided holds for every service behind it: nothing of the order is recorded."""
    quiet = personas.partner()
    quiet.door.http.headers["traceparent"] = NOT_RECORDED
    unseen = quiet.priced(an_order())

    later = trace.of(partner.priced(an_order()))

    assert violations(later) == []
    assert [f"{span.service}: {span.name}" for span in trace.now(unseen).spans] == []


def test_webhook_names_the_trace_of_the_change_that_it_tells_of(
    partner: Partner, receiver: Receiver, trace: Tracing
) -> None:
    """A partner who asks about a message can name the trace in which it was sent: the order's own.

    Whoever reads traces does not read what the partner's receiver takes for a password.
    """
    token = uuid4().hex
    partner.door.register(f"{receiver.url}/{token}?token={token}")
    order = partner.priced(an_order())

    until(lambda: len(receiver.of(order.id)) == 2, TOLD_WITHIN_S, what=f"webhooks of order {order.number}")
    places = [message.headers["traceparent"].split("-") for message in receiver.of(order.id)]
    story = trace.of(order)

    def sent() -> set[str]:
        return {span.span_id for span in trace.now(order).own if span.name == "deliver webhook"}

    until(lambda: sent() == {place[2] for place in places}, TOLD_WITHIN_S, what="the spans of the webhooks")
    assert {place[1] for place in places} == {story.reached[0].span.trace_id}
    assert token not in str(trace.now(order).spans)
