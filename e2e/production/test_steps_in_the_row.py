"""Operators do the steps of production in the dashboard's rows."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import expect

from e2e.pages.mes import Dashboard
from fixtures.cast import Personas
from fixtures.connection import Refusal
from fixtures.doors import MesAuditDoor
from fixtures.life import Journey
from fixtures.orders import an_order
from fixtures.personas import Operator, Partner
from fixtures.windows import Windows

SHOWN_WITHIN_MS = 10_000


@pytest.mark.slow
def test_order_is_taken_and_shipped_by_keyboard_without_leaving_the_dashboard(
    journey: Journey, partner: Partner, operator: Operator, dashboard: Dashboard
) -> None:
    """Arrow keys choose the row, A does its step, and the focus stays with the order."""
    order, newer = journey.to("APPROVED"), journey.to("APPROVED")
    page = dashboard.open_as(operator).only(partner.id)
    page.rows_of(newer).get_by_role("link").focus()

    page.page.keyboard.press("ArrowDown")
    assert page.focused() == order.number
    for state in ("IN_PRODUCTION", "MADE", "PACKED", "SHIPPED"):
        page.page.keyboard.press("a")
        expect(page.cell(order, "state")).to_have_text(state, timeout=SHOWN_WITHIN_MS)

    assert page.focused() == order.number
    expect(page.page).to_have_url(re.compile(f"customer={partner.id}$"))
    expect(page.cell(newer, "state")).to_have_text("APPROVED")
    partner.waits_for(order, "SHIPPED")


def test_second_operator_reads_in_the_row_who_has_the_order(
    journey: Journey, partner: Partner, personas: Personas, dashboard: Dashboard, windows: Windows
) -> None:
    """A click that comes too late is refused above the table, and the row shows the taker."""
    windows.expect_refusal(409)
    order, first, second = journey.to("APPROVED"), personas.operator(), personas.operator()
    page = dashboard.open_as(second).only(partner.id)
    page.without_news()

    first.door.command(order.number, "take")
    page.button(order, "Take").click()

    expect(page.alert).to_contain_text(first.name)
    expect(page.alert).to_contain_text(order.number)


@pytest.mark.parametrize("pointed_at", ["heading", pytest.param("table", marks=pytest.mark.slow)])
def test_keyboard_stays_with_its_order_when_another_comes_in_above_it(
    partner: Partner,
    operator: Operator,
    dashboard: Dashboard,
    audit: MesAuditDoor,
    pointed_at: Literal["heading", "table"],
) -> None:
    """The row that an operator is in changes and moves down at once: A is still about the same order.

    So it is under a pointer as well, for which rows wait a little before they move.
    """
    order = partner.priced(an_order())
    audit.waits_for(order, "PRICED")
    page = dashboard.open_as(operator).only(partner.id).without_news()
    page.rows_of(order).get_by_role("link").focus()
    partner.door.approve(order.id)
    newer = partner.approved(an_order())
    for each in (order, newer):
        audit.waits_for(each, "APPROVED")

    page.page.get_by_role(pointed_at).first.hover()
    page.with_news_again()
    expect(page.button(newer, "Take")).to_be_visible(timeout=SHOWN_WITHIN_MS)
    expect(page.button(order, "Take")).to_be_visible()
    assert page.focused() == order.number
    page.page.keyboard.press("a")

    expect(page.cell(order, "state")).to_have_text("IN_PRODUCTION", timeout=SHOWN_WITHIN_MS)
    assert audit.waits_for(newer, "APPROVED").taken_by is None


def test_step_in_the_row_works_without_javascript_and_leads_back(
    journey: Journey, partner: Partner, operator: Operator
) -> None:
    """The row's form alone does the step and shows the same page of orders again, not the first one."""
    order, _newer = journey.to("APPROVED"), journey.to("APPROVED")
    first = operator.door.open(f"/orders?state=APPROVED&customer={partner.id}&size=1")
    second = first.link_to("Next page") or ""

    page = operator.door.press(second, "Take")

    assert page.url.endswith(second)
    assert page.column("Orders", 0) == []
    partner.waits_for(order, "IN_PRODUCTION")


def test_row_of_another_operators_order_offers_no_step(
    journey: Journey, partner: Partner, personas: Personas
) -> None:
    """Only who took an order sees its next step."""
    order = journey.to("IN_PRODUCTION")

    page = personas.operator().door.open(f"/orders?customer={partner.id}")

    assert page.column("Orders", 0) == [order.number]
    assert page.column("Orders", 9) == [""]


@pytest.mark.parametrize("token", [None, "", "x" * 43])
def test_step_in_the_row_without_the_sessions_token_does_nothing(
    journey: Journey, partner: Partner, operator: Operator, audit: MesAuditDoor, token: str | None
) -> None:
    """A foreign page cannot make an operator's browser take an order."""
    order = journey.to("APPROVED")
    form = operator.door.open(f"/orders?customer={partner.id}").form_with("Take")
    forged = {name: value for name, value in form.fields.items() if name != "csrf_token"}
    forged |= {} if token is None else {"csrf_token": token}

    answer = operator.door.http.post(form.action, data=forged)

    assert answer.status_code == 403
    assert audit.waits_for(order, "APPROVED").taken_by is None


@pytest.mark.parametrize("back", ["state=NONSENSE", "size=0", "after=%00"])
def test_step_with_a_page_that_cannot_be_is_refused_before_it_is_done(
    journey: Journey, partner: Partner, operator: Operator, audit: MesAuditDoor, back: str
) -> None:
    """Nothing is half done: the order stays untaken, and a page says what is wrong."""
    order = journey.to("APPROVED")
    form = operator.door.open(f"/orders?customer={partner.id}").form_with("Take")

    with pytest.raises(Refusal) as refusal:
        operator.door.send("POST", form.action, data=form.fields | {"back": back})

    assert refusal.value.status == 422
    assert audit.waits_for(order, "APPROVED").taken_by is None
