"""What hardly ever is: an order twice in the MES, one that nobody placed, a hundred that nobody confirms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from e2e.pages.flow_board import FlowBoard, FlowBoardPage
from fixtures.doors import MesAuditDoor
from fixtures.flow_doors import FlowDoor
from fixtures.hand import Hand
from fixtures.metrics_door import OpensMetrics
from fixtures.orders import an_order
from fixtures.personas import Manager, Partner
from fixtures.testbed.target import Target
from fixtures.waiting import until

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("hang-ups")]

TOLD_WITHIN_S = 20
UNTIL_SHOWN_MS = 20_000
MANY = 120
"""More than the board has rows."""
ALL_WELL = "Every order is where it should be."


@pytest.fixture
def board(flow_board: FlowBoard, manager: Manager) -> FlowBoardPage:
    """The board, open."""
    return flow_board.open_as(manager)


@contextmanager
def another_work_order(target: Target, number: str, changed: str) -> Iterator[None]:
    """Have the MES hold a copy of an order's work order, changed; nobody knows of it afterwards."""
    mes, flow = Hand(target, "mes"), Hand(target, "flow")
    mes.does(
        "INSERT INTO work_orders SELECT (jsonb_populate_record(held,"  # noqa: S608  # our own words
        f" jsonb_build_object('id', nextval('work_order_ids')) || '{changed}')).*"
        f" FROM work_orders AS held WHERE order_number = '{number}'"
    )
    try:
        yield
    finally:
        mes.does("DELETE FROM work_orders WHERE NOT id IN (SELECT id FROM work_order_keys)")
        flow.does(
            "UPDATE orders SET work_orders = work_orders[1:1] WHERE cardinality(work_orders) > 1",
            "DELETE FROM orders WHERE number LIKE 'NOBODY%'",
        )


@contextmanager
def many_without_receipt(target: Target, number: str) -> Iterator[None]:
    """Have the flow know of many orders like one of ours, shipped long ago and not confirmed since."""
    flow = Hand(target, "flow")
    flow.does(
        "INSERT INTO orders SELECT (jsonb_populate_record(known, jsonb_build_object("  # noqa: S608  # our own words
        "'order_id', gen_random_uuid(), 'number', 'SHIPPED-' || n, 'state', 'SHIPPED', 'hop', 'receipt',"
        " 'waiting_since', now() - interval '2 hours'))).*"
        f" FROM orders AS known, generate_series(1, {MANY}) AS n WHERE number = '{number}'"
    )
    try:
        yield
    finally:
        flow.does("DELETE FROM orders WHERE number LIKE 'SHIPPED-%'")


@pytest.mark.slow
def test_an_order_that_hangs_is_named_however_many_others_are_late(
    target: Target, partner: Partner, audit: MesAuditDoor, board: FlowBoardPage
) -> None:
    """Those whose receipt nobody confirms are many and old; they push no other order off the board."""
    order = partner.priced(an_order())
    audit.waits_for(order, "PRICED")

    with many_without_receipt(target, order.number):
        expect(board.hop("receipt", "late")).to_have_text(str(MANY), timeout=UNTIL_SHOWN_MS)
        partner.door.approve(order.id)  # and nobody takes it
        expect(board.overdue(order).row).to_be_visible(timeout=UNTIL_SHOWN_MS)
        partner.door.cancel(order.id)

    expect(board.summary).to_have_text(ALL_WELL, timeout=UNTIL_SHOWN_MS)


@pytest.mark.parametrize("odd", ["doubled", pytest.param("unexpected", marks=pytest.mark.slow)])
def test_order_that_should_not_be_is_told_until_it_is_gone(
    target: Target,
    partner: Partner,
    audit: MesAuditDoor,
    flow: FlowDoor,
    board: FlowBoardPage,
    metrics_of: OpensMetrics,
    odd: str,
) -> None:
    """Programs, managers and Prometheus hear of it, and nobody is told that all is well."""
    order = partner.priced(an_order())
    audit.waits_for(order, "PRICED")
    number = order.number if odd == "doubled" else f"NOBODY-{uuid4().hex[:8].upper()}"
    unknown = f'{{"order_id": "{uuid4()}", "order_number": "{number}"}}'
    expect(board.summary).to_have_text(ALL_WELL, timeout=UNTIL_SHOWN_MS)

    def told() -> list[str]:
        return [each["order_number"] for each in flow.board()[odd]]

    with another_work_order(target, order.number, unknown if odd == "unexpected" else "{}"):
        until(lambda: told() == [number], TOLD_WITHIN_S, what=f"{number} is told as {odd}")
        expect(board.odd(odd)).to_contain_text(number, timeout=UNTIL_SHOWN_MS)
        expect(board.summary).to_contain_text(f"1 {odd}")
        metrics_of("flow").rises(f"assay_orders_{odd}", 0)

    expect(board.summary).to_have_text(ALL_WELL, timeout=UNTIL_SHOWN_MS)
    assert told() == []
