"""A manager sees at once which orders hang and which are lost, and where."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from e2e.pages.flow_board import FlowBoard
from fixtures.faults import Faults
from fixtures.flow_doors import FlowDoor
from fixtures.ledger import Ledger
from fixtures.orders import an_order
from fixtures.personas import Manager, Partner
from fixtures.testbed.interface import Process
from fixtures.testbed.runs import current_run_dir
from fixtures.testbed.system import SystemTestbed
from fixtures.testbed.target import Target
from fixtures.windows import Windows

pytestmark = pytest.mark.fault

SHORT_DEADLINES = Path(__file__).with_name("short_deadlines.toml")
SHOWN_WITHIN_S = 2.0
UNTIL_SHOWN_MS = 15_000
ALL_WELL = "Every order is where it should be."


@pytest.fixture(scope="module")
def testbed(private_testbeds: Callable[..., SystemTestbed]) -> SystemTestbed:
    """A system of our own, whose orders are late after seconds."""
    return private_testbeds(settings={"flow": {"FLOW_DEADLINES": str(SHORT_DEADLINES)}})


@pytest.fixture(scope="module")
def target(testbed: SystemTestbed) -> Target:
    """The system that these scenarios break."""
    return testbed.target


@pytest.fixture
def ledger_path() -> Path:
    """Orders of the private testbed are not in the balance of the shared one."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return current_run_dir() / "evidence" / f"private-orders-{worker}.jsonl"


@pytest.fixture
def faults(testbed: SystemTestbed, ledger: Ledger) -> Faults:
    """Breaks the system of our own."""
    return Faults(testbed, ledger)


@pytest.fixture
def flow_board(windows: Windows, flow_url: str) -> FlowBoard:
    """The order flow, whose connections may break."""
    windows.expect_outage()
    return FlowBoard(windows, flow_url)


def seconds_after(moment: str) -> float:
    """How long ago a moment was."""
    return (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()


def test_order_stuck_in_pricing_is_overdue_until_it_moves_again(
    faults: Faults, partner: Partner, flow: FlowDoor, flow_board: FlowBoard, manager: Manager
) -> None:
    """Pricing hangs: its order is shown at its deadline, not before, with its last hop; then it is gone."""
    board = flow_board.open_as(manager)

    with faults.pause("pricing"):
        order = partner.place(an_order())
        row = board.overdue(order)
        expect(row.last_hop).to_contain_text("pricing", timeout=UNTIL_SHOWN_MS)
        shown_after_s = seconds_after(flow.order(order.number)["due_at"])
        expect(board.blind).to_contain_text("pricing")
        expect(board.lost(order).row).to_have_count(0)

    assert 0 <= shown_after_s <= SHOWN_WITHIN_S
    expect(row.row).to_have_count(0, timeout=UNTIL_SHOWN_MS)
    expect(board.summary).to_have_text(ALL_WELL, timeout=UNTIL_SHOWN_MS)
    assert board.loads == 1


@pytest.mark.parametrize(
    ("process", "last_hop"),
    [("nats", "api: accepted, event not sent"), ("mes", "broker: sent, not consumed by the MES")],
    ids=["broker down", "mes down"],
)
def test_order_that_does_not_reach_the_mes_is_lost_until_it_does(
    faults: Faults,
    partner: Partner,
    flow_board: FlowBoard,
    manager: Manager,
    process: Process,
    last_hop: str,
) -> None:
    """An order that was accepted and never came to the MES is shown with the last hop it reached."""
    wish = an_order()
    partner.door.upload_once(wish.model)  # while its store is there
    board = flow_board.open_as(manager)

    with faults.kill(process):
        order = partner.place(wish)
        row = board.lost(order)
        expect(row.last_hop).to_have_text(last_hop, timeout=UNTIL_SHOWN_MS)
        expect(board.blind).to_contain_text("broker" if process == "nats" else process)

    expect(row.row).to_have_count(0, timeout=UNTIL_SHOWN_MS)
    expect(board.summary).to_have_text(ALL_WELL, timeout=UNTIL_SHOWN_MS)
    assert board.loads == 1


def test_restart_of_the_flow_forgets_nothing_and_stops_no_clock(
    faults: Faults, partner: Partner, flow: FlowDoor, flow_board: FlowBoard, manager: Manager
) -> None:
    """An order late before the flow dies and one that comes meanwhile are both late by their own time."""
    board = flow_board.open_as(manager)

    with faults.pause("pricing"):
        late = partner.place(an_order())
        since = flow.waits_for(late.number, verdict="overdue")["waiting_since"]
        with faults.kill("flow"):
            missed = partner.place(an_order())
        expect(board.overdue(missed).last_hop).to_contain_text("pricing", timeout=UNTIL_SHOWN_MS)
        expect(board.overdue(late).last_hop).to_contain_text("pricing")
        assert flow.order(late.number)["waiting_since"] == since

    expect(board.summary).to_have_text(ALL_WELL, timeout=UNTIL_SHOWN_MS)
    assert board.loads == 1
