"""Operators hear of an order as soon as it can be made: in the page, on the desktop and by mail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from email.message import EmailMessage
from functools import partial
from itertools import takewhile
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from e2e.pages.mes import Dashboard
from e2e.pages.notifications import TOLD_WITHIN_S, NotificationsPage
from fixtures.answers import Order
from fixtures.cast import Personas
from fixtures.doors import MesAuditDoor
from fixtures.mail_catcher import GONE
from fixtures.mailbox import Mailbox
from fixtures.orders import an_order
from fixtures.personas import Operator, Partner
from fixtures.redelivery import redeliver
from fixtures.testbed.target import Target
from fixtures.waiting import until

WAYS = {"in_page", "by_mail"}


def test_approved_order_is_told_in_the_open_page_once(
    partner: Partner, operator: Operator, dashboard: Dashboard
) -> None:
    """An operator who looks at the MES sees a notice of an approved order, once and without a reload."""
    page = NotificationsPage(dashboard.open_as(operator).page).open()

    order = partner.approved(an_order(material="PLA", quantity=4))

    notice = page.waits_to_be_told_of(order.number)
    assert "4 × PLA" in notice.text
    expect(page.notices.last).to_be_visible()
    assert len(page.told_of(order.number)) == 1
    page.page.goto(notice.href)
    expect(page.page.get_by_role("heading", level=1)).to_have_text(f"Order {order.number}")


@pytest.mark.slow
@pytest.mark.whole_browser
def test_approved_order_is_shown_by_the_browser_itself(
    partner: Partner, operator: Operator, dashboard: Dashboard
) -> None:
    """With the operator's permission the browser shows each order, and a later one replaces none."""
    page = NotificationsPage(dashboard.open_as(operator).page).allow_desktop().open()
    expect(page.desktop).to_have_text("Allowed in this browser.")

    orders = [partner.approved(an_order()) for _ in range(2)]

    until(
        lambda: all(any(order.number in text for text in page.on_desktop()) for order in orders),
        TOLD_WITHIN_S,
        what=f"desktop notifications of the orders {[order.number for order in orders]}",
    )
    for order in orders:
        page.waits_to_be_told_of(order.number)


def test_permission_is_not_asked_for_where_the_browser_blocks_it(
    operator: Operator, dashboard: Dashboard
) -> None:
    """A button that can do nothing is not there; what to do instead is said."""
    page = NotificationsPage(dashboard.open_as(operator).page).open()

    expect(page.desktop).to_have_text("Blocked in this browser. You can change that in its site settings.")
    expect(page.allow).to_be_hidden()


def test_operator_who_wants_mail_gets_one_for_each_order(
    partner: Partner, personas: Personas, operator: Operator, dashboard: Dashboard, mailbox: Mailbox
) -> None:
    """Who asked for mail gets exactly one for an approved order, with a link to it; a colleague gets none."""
    colleague = personas.operator()
    NotificationsPage(dashboard.open_as(operator).page).open().choose(by_mail=True)

    order = partner.approved(an_order(material="AL", quantity=2))
    later = partner.approved(an_order())

    def mails() -> list[EmailMessage]:
        """Those of this scenario; operators hear of every other order, too."""
        ours = (order.number, later.number)
        return [mail for mail in mailbox.to(operator.email) if str(mail["Subject"]).endswith(ours)]

    until(
        lambda: len(mails()) >= 2,
        TOLD_WITHIN_S,
        what=f"mails of orders {order.number} and {later.number} to {operator.email}",
    )
    subjects = sorted(str(mail["Subject"]) for mail in mails())
    assert subjects == sorted(f"New order to make: {each.number}" for each in (order, later))
    first = next(mail for mail in mails() if order.number in str(mail["Subject"]))
    assert f"/orders/{order.number}" in first.get_content()
    assert "2 x AL" in first.get_content()
    assert mailbox.to(colleague.email) == []


def test_a_mailbox_that_is_gone_takes_nobody_elses_mail_away(
    partner: Partner, personas: Personas, operator: Operator, mailbox: Mailbox
) -> None:
    """A mail server that refuses one operator's address is given the mails to the others, now and later."""
    gone = personas.operator(email=f"{GONE}{uuid4().hex}@example.com")
    for each in (gone, operator):
        token = each.door.open("/notifications").form_with("Save").fields["csrf_token"]
        each.door.send("POST", "/notifications", data={"csrf_token": token, "by_mail": "on"})

    for order in (partner.approved(an_order()) for _ in range(2)):
        told = partial(_told_of, order, mailbox, operator)
        until(told, TOLD_WITHIN_S, what=f"mail of order {order.number} to {operator.email}")
    assert mailbox.to(gone.email) == []


def test_order_whose_events_come_again_is_told_once(
    partner: Partner, operator: Operator, dashboard: Dashboard, mailbox: Mailbox, target: Target
) -> None:
    """A broker that delivers everything twice makes neither a second notice nor a second mail."""
    page = NotificationsPage(dashboard.open_as(operator).page).open().choose(by_mail=True)
    order = partner.approved(an_order())
    page.waits_to_be_told_of(order.number)

    redeliver(target.broker or pytest.skip("the target names no broker"), order.number)
    last = partner.approved(an_order())

    page.waits_to_be_told_of(last.number)
    until(lambda: _told_of(last, mailbox, operator), TOLD_WITHIN_S, what=f"mail of order {last.number}")
    assert len(_told_of(order, mailbox, operator)) == 1
    assert len(page.told_of(order.number)) == 1


def test_page_whose_line_broke_is_told_what_it_missed(
    partner: Partner, operator: Operator, audit: MesAuditDoor
) -> None:
    """It comes back with the last notice that it had, and gets at once what came since, and nothing twice."""
    stream = partial(operator.door.http.stream, "GET", "/notifications/stream", timeout=2 * TOLD_WITHIN_S)
    missed = partner.place(an_order())
    with stream() as page:
        seen = partner.approved(an_order())
        had = _read_until(seen, page.iter_lines())
    partner.door.approve(partner.waits_for(missed, "PRICED").id)
    audit.waits_for(missed, "APPROVED")

    last = next(line for line in reversed(had) if line.startswith("id: "))
    with stream(headers={"Last-Event-ID": last.removeprefix("id: ")}) as page:
        told = _read_until(missed, page.iter_lines())

    assert not any(seen.number in line for line in told)


def _read_until(order: Order, lines: Iterator[str]) -> list[str]:
    """Read a stream to the notice of an order; a remark that nothing came ends the patience."""
    read: list[str] = []
    for line in lines:
        assert not line.startswith(":"), f"order {order.number} is not told of: {read}"
        read.append(line)
        if order.number in line:
            return read
    raise AssertionError(f"the stream ended before order {order.number} was told of: {read}")


def _told_of(order: Order, mailbox: Mailbox, operator: Operator) -> list[str]:
    subjects = [str(mail["Subject"]) for mail in mailbox.to(operator.email)]
    return [subject for subject in subjects if subject.endswith(order.number)]


@pytest.mark.slow
def test_operator_who_wants_nothing_is_told_nothing(
    partner: Partner, personas: Personas, dashboard: Dashboard, mailbox: Mailbox
) -> None:
    """An operator who switched both ways off is left in peace while a colleague is told."""
    quiet, colleague = personas.operator(), personas.operator()
    quiet_page = NotificationsPage(dashboard.open_as(quiet).page).open().choose(in_page=False)
    colleague_page = NotificationsPage(dashboard.open_as(colleague).page).open()

    order = partner.approved(an_order())

    colleague_page.waits_to_be_told_of(order.number)
    assert quiet_page.told() == []
    assert mailbox.to(quiet.email) == []


def test_what_an_operator_wants_can_be_changed_again_and_is_kept(
    partner: Partner, personas: Personas, mailbox: Mailbox
) -> None:
    """Who has switched both ways off hears of no order in the open page, until switching one on again."""
    operator = personas.operator()
    token = operator.door.open("/notifications").form_with("Save").fields["csrf_token"]

    def choose(**chosen: str) -> set[str]:
        operator.door.send("POST", "/notifications", data={"csrf_token": token, **chosen})
        return WAYS & operator.door.open("/notifications").form_with("Save").fields.keys()

    assert choose(in_page="on", by_mail="on") == WAYS
    assert choose() == set()
    with ExitStack() as stack:
        mine, theirs = (
            stack.enter_context(door.http.stream("GET", "/notifications/stream", timeout=TOLD_WITHIN_S))
            for door in (operator.door, personas.operator().door)
        )
        unheard, between = (partner.approved(an_order()) for _ in range(2))
        colleagues = theirs.iter_lines()
        for order in (unheard, between):  # when the second is told, the first has been told to everybody
            assert any(order.number in line for line in colleagues)
        assert choose(in_page="on") == {"in_page"}
        heard = partner.approved(an_order())

        told = list(takewhile(lambda line: heard.number not in line, mine.iter_lines()))

    assert not any(unheard.number in line for line in told)
    # With mail on for a moment, at the start, others' orders may have been told of.
    assert [_told_of(each, mailbox, operator) for each in (unheard, between, heard)] == [[], [], []]
