"""What is told of an order's way outlives faults, and an order that is lost says where."""

from __future__ import annotations

import pytest

from fixtures.faults import Faults
from fixtures.orders import an_order
from fixtures.personas import Partner
from fixtures.traces.tracing import Tracing
from fixtures.traces.words import violations

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("outages")]

LOOKED_FOR_S = 3.0


def test_order_that_the_broker_never_got_ends_at_the_outbox_and_goes_on_in_the_same_trace(
    partner: Partner, faults: Faults, trace: Tracing
) -> None:
    """While the broker is down the trace names the hop; once it is back the order is still one trace."""
    wish = an_order()
    partner.door.upload_once(wish.model)

    with faults.kill("nats") as outage:
        order = partner.place(wish)
        lost = trace.of(order, within_s=LOOKED_FOR_S)
    found = trace.of(partner.waits_for(order, "PRICED"))

    outage.must_have_been_felt()
    assert lost.last_hop == "api.submitted written"
    assert lost.faults[0].hop.name == "api.submitted published"
    assert violations(found) == []


@pytest.mark.slow
def test_orders_have_whole_traces_although_their_collector_was_away(
    partner: Partner, faults: Faults, trace: Tracing
) -> None:
    """Spans of a time in which nobody takes them are kept until somebody does."""
    with faults.without("traces"):
        orders = [partner.priced(an_order()) for _ in range(2)]

    for order in orders:
        assert violations(trace.of(order)) == []
