"""The order flow shows everybody's orders: it is for managers alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.pages.flow_board import FlowBoard, FlowBoardPage
from fixtures.cast import Personas
from fixtures.connection import Connection, Refusal
from fixtures.flow_doors import FlowAdminDoor, FlowDoor
from fixtures.personas import Buyer, Manager, Operator, Partner
from fixtures.testbed.target import Target


def test_a_stranger_is_asked_to_sign_in_and_a_manager_gets_in(
    flow_board: FlowBoard, manager: Manager
) -> None:
    """The form stands in front of the board, and a manager's password leads through it and back out."""
    door = flow_board.open_sign_in()
    expect(door.sign_in).to_be_visible()

    door.enter(manager.email, manager.password)
    board = FlowBoardPage(door.page)
    expect(board.heading).to_have_text("Order flow")

    expect(board.sign_out().sign_in).to_be_visible()


@pytest.mark.parametrize(
    "path", ["/", "/live", "/orders", "/orders/AAAA-0000", "/orders/AAAA-0000/live", "/partners"]
)
def test_no_page_of_the_flow_is_shown_to_a_stranger(personas: Personas, flow_url: str, path: str) -> None:
    """Pages and their streams lead to the form."""
    answer = personas.stranger(flow_url).http.get(path)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_shoppers_and_operators_are_no_managers(
    buyer: Buyer, operator: Operator, personas: Personas, flow_url: str
) -> None:
    """Their passwords and their sessions of shop and MES open nothing here."""
    for person in (buyer, operator):
        intruder = personas.stranger(flow_url)
        for cookie in person.door.http.cookies.jar:
            intruder.http.cookies.set("flow_session", cookie.value or "")
        assert intruder.http.get("/").status_code == 303

        with pytest.raises(Refusal) as refusal:
            personas.stranger(flow_url).sign_in(person.email, person.password)
        assert refusal.value.status == 401


@pytest.mark.parametrize("token", ["wrong", "t" * 64])
def test_programs_need_the_flows_own_token(flow_url: str, token: str) -> None:
    """Neither the board's facts nor an order's nor its managers are open to another."""
    with FlowDoor(flow_url, token) as door, FlowAdminDoor(flow_url, token) as admin:
        with pytest.raises(Refusal) as read:
            door.board()
        with pytest.raises(Refusal) as looked_up:
            door.order("AAAA-0000")
        with pytest.raises(Refusal) as made:
            admin.create_manager("mallory@example.com", "Mallory", "long enough")

    assert read.value.status == looked_up.value.status == made.value.status == 401


def test_the_audit_of_accepted_orders_is_for_auditors_alone(target: Target, partner: Partner) -> None:
    """Neither a partner's key nor the MES's token reads everybody's orders from the API."""
    with Connection(
        target.urls.api, headers={"Authorization": f"Bearer {target.audit.mes_token}"}
    ) as auditor:
        for client in (partner.door, auditor):
            with pytest.raises(Refusal) as refusal:
                client.send("GET", "/audit/orders")
            assert refusal.value.status == 401


def test_an_unknown_order_is_told_on_a_page(manager: Manager, flow_url: str) -> None:
    """A number that nobody has leads to a page that says so, never to an error of the server."""
    for number in ("AAAA-0000", "x" * 300, "%00", "..%2f..%2fetc"):
        assert manager.door.http.get(f"{flow_url}/orders/{number}").status_code == 404
