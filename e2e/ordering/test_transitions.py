"""What an order's state does not allow is refused, and changes nothing."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from fixtures import life
from fixtures.cast import Personas
from fixtures.doors import MesAuditDoor, Refusal
from fixtures.life import Journey
from fixtures.orders import an_order
from fixtures.personas import Buyer, Operator, Partner

# a DRAFT never reaches the API; SUBMITTED lasts too short here and is held by the outages of operations
STATES = [state for state in life.states() if state not in ("DRAFT", "SUBMITTED")]


@pytest.mark.parametrize("state", STATES)
def test_a_command_that_the_state_forbids_changes_nothing(
    journey: Journey, partner: Partner, audit: MesAuditDoor, state: str
) -> None:
    """Customers and operators are refused with 409 whatever the released table does not allow."""
    order = journey.to(state)
    before = partner.door.history(order.id), audit.waits_for(order, state).taken_by

    for command in [*life.forbidden(state, "customer"), *life.forbidden(state, "operator")]:
        with pytest.raises(Refusal) as refusal:
            journey.do(order, command)
        assert (command, refusal.value.status) == (command, 409)

    assert (partner.door.history(order.id), audit.waits_for(order, state).taken_by) == before


def test_a_refused_command_names_the_state(journey: Journey, partner: Partner) -> None:
    """The problem's `state` tells a client why its command came too early."""
    order = journey.to("PRICED")

    with pytest.raises(Refusal) as refusal:
        partner.door.confirm_receipt(order.id)

    assert refusal.value.problem["state"] == "PRICED"


@pytest.mark.parametrize(("state", "command"), [("APPROVED", "approve"), ("CLOSED", "confirm-receipt")])
def test_a_decision_is_made_once(journey: Journey, partner: Partner, state: str, command: str) -> None:
    """Approving or confirming again is refused: the second click meant something else."""
    order = journey.to(state)

    with pytest.raises(Refusal) as refusal:
        partner.door.command(order.id, command)

    assert refusal.value.status == 409


def test_a_refused_decision_is_explained_to_the_shopper(buyer: Buyer, audit: MesAuditDoor) -> None:
    """Who decides on a page that was left open reads what has become of the order meanwhile."""
    order = buyer.placed(an_order())
    audit.waits_for(order, "PRICED")
    path = f"/orders/{order.number}"
    token = buyer.door.press(path, "Cancel order").form_with("Sign out").fields

    for decision in life.commands_of("customer"):
        with pytest.raises(Refusal) as refusal:
            buyer.door.send("POST", f"{path}/{decision}", data=token)

        page = buyer.door.read(refusal.value)
        assert (decision, refusal.value.status) == (decision, 409)
        assert "CANCELLED" in str(page.alert())
        assert urlsplit(str(page.link_to("Back to the order"))).path == path


def test_a_refused_step_is_explained_to_the_operator(
    journey: Journey, operator: Operator, personas: Personas
) -> None:
    """An operator who comes too late reads who has the order."""
    order = journey.to("IN_PRODUCTION")

    with pytest.raises(Refusal) as refusal:
        personas.operator().door.command(order.number, "take")

    assert operator.name in str(operator.door.read(refusal.value).alert())
