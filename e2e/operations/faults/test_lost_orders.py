"""What is told of an order's way outlives faults, and an order that is lost says where."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from fixtures.cast import Personas
from fixtures.database_hand import open_transaction, waiting_for_locks
from fixtures.faults import Faults
from fixtures.flow_doors import FlowDoor
from fixtures.hand import Hand
from fixtures.orders import an_order
from fixtures.personas import Partner
from fixtures.testbed.target import Target
from fixtures.traces.tracing import Tracing
from fixtures.traces.words import violations
from fixtures.waiting import until

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("outages")]

LOOKED_FOR_S = 10.0
HELD_BACK = 4711
"""The key of an advisory lock."""


def holding_back(partner: Partner) -> tuple[str, str]:
    """Have the API's database keep a partner's orders from being committed while somebody holds the lock."""
    return (
        f"""
        CREATE FUNCTION hold_back() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock({HELD_BACK}); RETURN NEW; END $$
        """,
        f"""
        CREATE TRIGGER hold_back BEFORE INSERT ON orders FOR EACH ROW
        WHEN (NEW.tenant = '{partner.id}') EXECUTE FUNCTION hold_back()
        """,
    )


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


@pytest.mark.slow
def test_order_that_is_committed_after_younger_ones_is_lost_like_any_other(
    personas: Personas, partner: Partner, faults: Faults, flow: FlowDoor, target: Target
) -> None:
    """The flow finds an order whose acceptance took its time and whose event is stuck all the same."""
    slow, api = personas.partner(), Hand(target, "api")
    for each in (slow, partner):
        each.door.upload_once(an_order().model)
    api.does(*holding_back(slow))
    try:
        with faults.kill("nats"), ThreadPoolExecutor(1) as pool:
            with open_transaction(target, "api", f"SELECT pg_advisory_xact_lock({HELD_BACK})"):
                placing = pool.submit(slow.place, an_order())
                until(
                    lambda: waiting_for_locks(target, "api"), LOOKED_FOR_S, what="an order that is held back"
                )
                flow.waits_for(partner.place(an_order()).number)
            late = placing.result()
            assert flow.board_with(late.number, "lost")
    finally:
        api.does("DROP FUNCTION hold_back CASCADE")

    assert slow.waits_for(late, "PRICED").price
