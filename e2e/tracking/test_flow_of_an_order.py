"""A manager watches an order on its way."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from e2e.pages.flow_board import FlowBoard
from fixtures.doors import MesAuditDoor
from fixtures.flow_doors import FlowDoor
from fixtures.life import Journey
from fixtures.orders import an_order
from fixtures.personas import Manager, Partner
from fixtures.waiting import until
from fixtures.windows import PHONE

UNTIL_SHOWN_MS = 30_000
ASKED_ANEW_S = 18.0
"""What both sides list is read again for a quarter of a minute."""
STEPS = {
    "approve": "APPROVED",
    "take": "IN_PRODUCTION",
    "make": "MADE",
    "pack": "PACKED",
    "ship": "SHIPPED",
    "confirm-receipt": "CLOSED",
}
WAY = ["accepted", "in the MES", "quoted", "approved", "taken", "made", "packed", "shipped", "closed"]


def test_order_is_seen_moving_state_by_state_without_a_reload(
    journey: Journey, flow: FlowDoor, flow_board: FlowBoard, manager: Manager
) -> None:
    """The page of an order follows it to its close by itself and keeps the time of every hop."""
    order = journey.to("PRICED")
    flow.waits_for(order.number, state="PRICED")
    shown = flow_board.open_as(manager).find(order)

    for command, state in STEPS.items():
        journey.do(order, command)
        expect(shown.state).to_have_text(state, timeout=UNTIL_SHOWN_MS)

    expect(shown.marks).to_have_text(WAY)
    assert shown.loads == 1


@pytest.mark.parametrize("state", ["CANCELLED", "REJECTED"])
def test_order_that_came_to_nothing_stays_at_its_end(journey: Journey, flow: FlowDoor, state: str) -> None:
    """The flow has an order that ends on the way wait for nothing more, whatever is still heard of it."""
    order = journey.to(state)

    told = flow.waits_for(order.number, state=state, verdict="in time")

    assert state.lower() in told["marks"]
    assert "waiting_since" not in told


@pytest.mark.slow
def test_order_that_is_withdrawn_after_a_while_waits_for_nobody(
    partner: Partner, audit: MesAuditDoor, flow: FlowDoor
) -> None:
    """The flow hears of it by its event alone: what it asks for anew is younger, or late."""
    order = partner.approved(an_order())
    audit.waits_for(order, "APPROVED")
    settled_at_s = time.monotonic() + ASKED_ANEW_S
    until(lambda: time.monotonic() > settled_at_s, 2 * ASKED_ANEW_S, what="an order that is not asked for")

    partner.door.cancel(order.id)

    assert flow.waits_for(order.number, state="CANCELLED", verdict="in time")


def test_board_counts_what_waits_and_how_long_each_hop_took(
    partner: Partner, flow_board: FlowBoard, manager: Manager
) -> None:
    """While the board is open an order arrives: it waits for its approval, and its hops have times."""
    board = flow_board.open_as(manager, PHONE)
    expect(board.live).to_have_text("Live", timeout=UNTIL_SHOWN_MS)

    partner.priced(an_order())

    expect(board.hop("approval", "waiting now")).not_to_have_text("0", timeout=UNTIL_SHOWN_MS)
    expect(board.hop("intake", "p95")).to_contain_text("s", timeout=UNTIL_SHOWN_MS)
    expect(board.hop("pricing", "p50")).to_contain_text("s", timeout=UNTIL_SHOWN_MS)
    assert board.loads == 1
