"""One order, one operator: who takes it makes it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from e2e.pages.mes import Dashboard
from fixtures.cast import Personas
from fixtures.doors import MesAuditDoor, Refusal
from fixtures.life import Journey
from fixtures.personas import Operator, Partner
from fixtures.windows import Windows


def test_a_second_operator_cannot_take_a_taken_order(
    journey: Journey, personas: Personas, operator: Operator, dashboard: Dashboard, windows: Windows
) -> None:
    """Two operators look at one card; who hears late and clicks second reads who has the order."""
    windows.expect_refusal(409)
    order = journey.to("APPROVED")
    first, second = operator, personas.operator()
    card, late = dashboard.open_as(first).go_to(order), dashboard.open_as(second)
    late.page.route("**/live", lambda _: None)  # an answer that never comes
    late_card = late.go_to(order)

    card.take()
    late_card.take()

    expect(card.state).to_have_text("IN_PRODUCTION")
    expect(late_card.alert).to_contain_text(first.name)
    expect(dashboard.open_as(second).go_to(order).button("Mark as made")).to_have_count(0)


def test_of_two_operators_who_take_at_once_one_has_the_order(
    journey: Journey, personas: Personas, audit: MesAuditDoor
) -> None:
    """However close the clicks, exactly one operator gets it."""
    order = journey.to("APPROVED")
    doors = [personas.operator().door for _ in range(4)]

    with ThreadPoolExecutor(len(doors)) as pool:
        statuses = sorted(pool.map(lambda door: door.tries(order.number, "take"), doors))

    assert statuses == [200, 409, 409, 409]
    assert audit.waits_for(order, "IN_PRODUCTION").taken_by


def test_only_who_took_an_order_goes_on_with_it(
    journey: Journey, personas: Personas, audit: MesAuditDoor
) -> None:
    """Another operator is refused every further step, and nothing changes."""
    order, other = journey.to("IN_PRODUCTION"), personas.operator()

    for state, command in (("IN_PRODUCTION", "make"), ("MADE", "pack"), ("PACKED", "ship")):
        assert audit.waits_for(order, state).order_id == order.id
        with pytest.raises(Refusal) as refusal:
            other.door.command(order.number, command)

        assert (command, refusal.value.status) == (command, 409)
        assert audit.waits_for(order, state).order_id == order.id
        assert other.door.card(order.number).described("Taken by") not in (None, other.name)
        journey.do(order, command)


def test_a_step_done_twice_counts_once(journey: Journey, operator: Operator, partner: Partner) -> None:
    """An operator who presses the button of a stale card changes nothing."""
    order = journey.to("IN_PRODUCTION")
    stale = operator.door.card(order.number).form_with("Mark as made")

    operator.door.submit(stale, "Mark as made")
    with pytest.raises(Refusal, match="409"):
        operator.door.submit(stale, "Mark as made")

    made = partner.waits_for(order, "MADE")
    assert [step.state for step in partner.door.history(made.id)].count("MADE") == 1
