"""An order that is lost or late says where: its trace ends at the last hop that it reached."""

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
