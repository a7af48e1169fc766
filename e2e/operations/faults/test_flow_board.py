"""A manager sees at once which orders hang and which are lost, and where."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from e2e.operations.faults.places import TRACE_URL
from e2e.pages.flow_board import FlowBoard, FlowBoardPage
from fixtures.doors import MesAuditDoor
from fixtures.faults import Faults
from fixtures.flow_doors import FlowDoor
from fixtures.life import Journey
from fixtures.metrics_door import OpensMetrics
from fixtures.orders import an_order
from fixtures.personas import Manager, Partner
from fixtures.testbed.interface import Process
from fixtures.traces.tracing import Tracing
from fixtures.waiting import until
from fixtures.windows import Windows

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("hang-ups")]

DEADLINE_S = 4.0
"""Of the hops pricing and taking, in short_deadlines.toml."""
INTAKE_S = 3.0
"""The deadline of the hop intake there."""
SHOWN_WITHIN_S = 6.0
"""After the deadline; the board is half a second old at most, the rest is a busy machine's."""
TIMES_WITHIN_S = 70.0
"""The board asks for the times of its hops every 5 s; where that takes a second, only after twenty."""
LONG = timedelta(hours=1, seconds=25)
UNTIL_SHOWN_MS = 15_000
IN_SECONDS = re.compile(r"^(\d+ min )?\d+ s$|^\d+ min$")
"""How late an order is that has just become late; in another place's time it would be hours, or nothing."""
ALL_WELL = "Every order is where it should be."


@pytest.fixture
def flow_board(windows: Windows, flow_url: str) -> FlowBoard:
    """The order flow, whose connections may break."""
    windows.expect_outage()
    return FlowBoard(windows, flow_url)


@pytest.fixture
def board(flow_board: FlowBoard, manager: Manager) -> FlowBoardPage:
    """The board, open."""
    return flow_board.open_as(manager)


def seconds_since(moment: datetime | str) -> float:
    """How long ago a moment was."""
    then = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return (datetime.now(UTC) - then).total_seconds()


@pytest.mark.slow
def test_order_stuck_in_pricing_is_overdue_until_it_moves_again(
    faults: Faults, partner: Partner, flow: FlowDoor, board: FlowBoardPage
) -> None:
    """Pricing hangs: its order is shown at its deadline, not before, with its last hop; then it is gone."""
    with faults.pause("pricing"):
        order = partner.place(an_order())
        row = board.overdue(order)
        expect(row.last_hop).to_contain_text("pricing", timeout=UNTIL_SHOWN_MS)
        late_s = seconds_since(flow.order(order.number)["marks"]["in_mes"]) - DEADLINE_S
        expect(board.blind).to_contain_text("pricing")
        expect(board.lost(order).row).to_have_count(0)

    assert 0 <= late_s <= SHOWN_WITHIN_S
    expect(row.row).to_have_count(0, timeout=UNTIL_SHOWN_MS)
    expect(board.summary).to_have_text(ALL_WELL, timeout=UNTIL_SHOWN_MS)
    assert board.loads == 1


def test_order_that_nobody_takes_is_overdue_from_its_approval_on(
    journey: Journey,
    partner: Partner,
    flow: FlowDoor,
    board: FlowBoardPage,
    trace: Tracing,
    metrics_of: OpensMetrics,
) -> None:
    """The clock of a hop starts when the order enters it, and stops when an operator takes the order.

    It is late by seconds wherever on earth it is read, and among those that wait all the while.
    """
    order = journey.to("PRICED")
    row = board.overdue(order)
    # Older than the deadline before it enters the hop: a clock that runs from elsewhere is wrong by seconds.
    until(lambda: seconds_since(order.created_at) > DEADLINE_S, UNTIL_SHOWN_MS / 1000, what="an old order")

    approved = partner.door.approve(order.id)
    expect(row.last_hop).to_have_text("mes: approved, not taken by an operator", timeout=UNTIL_SHOWN_MS)
    late_s = seconds_since(approved.updated_at) - DEADLINE_S
    since = datetime.fromisoformat(flow.order(order.number)["waiting_since"])
    metrics_of("flow").rises("assay_orders_overdue", 0, hop="taking")
    expect(row.cell("late by")).to_have_text(IN_SECONDS)
    told = flow.board_with(order.number, "overdue")
    expect(row.card).to_be_visible()
    shown = row.trace.get_attribute("href")
    journey.do(order, "take")

    assert shown == TRACE_URL.format(trace_id=trace.now(order).trace_of("api.approved written"))
    assert abs(since - approved.updated_at) < timedelta(seconds=1)
    assert [hop["waiting"] for hop in told["hops"] if hop["name"] == "taking"] == [told["states"]["APPROVED"]]
    assert 0 <= late_s <= SHOWN_WITHIN_S
    expect(row.row).to_have_count(0, timeout=UNTIL_SHOWN_MS)


@pytest.mark.parametrize(
    ("process", "silent", "last_hop"),
    [
        pytest.param("nats", "broker", "api: accepted, event not sent", id="broker down"),
        pytest.param(
            "mes", "mes", "broker: sent, not consumed by the MES", id="mes down", marks=pytest.mark.slow
        ),
    ],
)
def test_order_that_does_not_reach_the_mes_is_lost_until_it_does(
    faults: Faults,
    partner: Partner,
    flow: FlowDoor,
    board: FlowBoardPage,
    trace: Tracing,
    process: Process,
    silent: str,
    last_hop: str,
    metrics_of: OpensMetrics,
) -> None:
    """An order that was accepted and never came to the MES is shown with the last hop it reached.

    Programs are told the same hop.
    """
    wish = an_order()
    partner.door.upload_once(wish.model)  # while its store is there

    with faults.kill(process):
        order = partner.place(wish)
        row = board.lost(order)
        expect(row.last_hop).to_have_text(last_hop, timeout=UNTIL_SHOWN_MS)
        expect(board.blind).to_contain_text(silent)
        metrics_of("flow").rises("assay_orders_lost", 0)
        told = flow.order(order.number)
        shown = row.trace.get_attribute("href")
        partner.door.cancel(order.id)  # a second event, which makes the first one no younger
        waits_s = metrics_of("api").value("assay_outbox_oldest_seconds")

    assert waits_s >= INTAKE_S or process != "nats"
    assert f"{told['last_hop']}: {told['waits_for']}" == last_hop
    assert shown == TRACE_URL.format(trace_id=trace.now(order).trace_of("accepted"))
    expect(row.row).to_have_count(0, timeout=UNTIL_SHOWN_MS)
    expect(board.summary).to_have_text(ALL_WELL, timeout=UNTIL_SHOWN_MS)
    assert board.loads == 1


def test_restart_of_the_flow_forgets_nothing_and_stops_no_clock(
    faults: Faults, partner: Partner, audit: MesAuditDoor, flow: FlowDoor, board: FlowBoardPage
) -> None:
    """An order late before the flow dies and one that comes meanwhile are both late by their own time.

    That nobody can ask api about them makes neither of them one that api does not know. Of the second one
    nobody tells for a while whose it is: it is shown all the same.
    """
    with faults.pause("pricing"):
        late = partner.place(an_order())
        since = flow.waits_for(late.number, within_s=20, verdict="overdue")["waiting_since"]
        with faults.kill("flow"):
            missed = partner.place(an_order())
            audit.waits_for(missed, "SUBMITTED")
            known_at = datetime.now(UTC)
            faults.published(missed, "mes.pricing-requested")
            faults.take_out(missed, "api.submitted")
            faults.crash("api")
            faults.crash("mes")
        expect(board.overdue(missed).last_hop).to_contain_text("pricing", timeout=UNTIL_SHOWN_MS)
        expect(board.overdue(late).last_hop).to_contain_text("pricing")
        expect(board.overdue(missed).cell("customer")).to_have_text("not known yet")
        assert flow.order(late.number)["waiting_since"] == since
        assert datetime.fromisoformat(flow.order(missed.number)["waiting_since"]) <= known_at
        assert flow.board()["unexpected"] == []
        faults.mend()

    expect(board.summary).to_have_text(ALL_WELL, timeout=UNTIL_SHOWN_MS)
    assert board.loads == 1


@pytest.mark.slow
def test_hop_that_took_an_hour_counts_as_an_hour(journey: Journey, faults: Faults, flow: FlowDoor) -> None:
    """Hardly any order here comes to its receipt; one that took an hour shows in the board's times."""
    order = journey.to("CLOSED")
    closed = datetime.fromisoformat(flow.waits_for(order.number, state="CLOSED")["marks"]["closed"])

    flow.board()  # its times are kept for some seconds from here
    faults.redeliver(order, as_new="mes.shipped", occurred_at=(closed - LONG).isoformat())

    def p95_s() -> float:
        seen = {hop["name"]: hop["p95_s"] for hop in flow.board()["hops"]}["receipt"] or 0.0
        assert seen > LONG.total_seconds() / 2, f"it is {seen:g} s"
        return float(seen)

    assert until(p95_s, TIMES_WITHIN_S, what="the time until receipt") <= LONG.total_seconds()
