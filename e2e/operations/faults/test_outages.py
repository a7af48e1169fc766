"""Crashes and outages delay orders; they lose none, double none and misprice none."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import pytest

from fixtures import life, models
from fixtures.doors import MesAuditDoor, Refusal
from fixtures.faults import Faults
from fixtures.ledger import Ledger
from fixtures.life import Journey
from fixtures.mailbox import Mailbox
from fixtures.orders import an_order
from fixtures.personas import Buyer, Operator, Partner
from fixtures.testbed.interface import SERVICES
from fixtures.testbed.system import SystemTestbed
from fixtures.waiting import until

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("outages")]

RECOVERED_WITHIN_S = 30


def test_broker_outage_delays_orders_and_loses_none(partner: Partner, faults: Faults, ledger: Ledger) -> None:
    """Orders accepted while the broker is down reach the MES after it returns."""
    partner.door.upload_once(an_order().model)
    with faults.kill("nats") as outage:
        orders = [partner.place(an_order(quantity=n)) for n in range(1, 11)]

    ledger.drain(RECOVERED_WITHIN_S)

    outage.must_have_been_felt()
    assert ledger.violations() == []
    assert len(orders) == ledger.balance().seen


def test_api_crash_while_the_broker_is_down_loses_no_accepted_order(
    partner: Partner, faults: Faults, ledger: Ledger
) -> None:
    """What the API has accepted it still knows after kill -9, and sends it on once the broker is back."""
    partner.door.upload_once(an_order().model)
    with faults.kill("nats") as outage:
        orders = [partner.place(an_order(quantity=n)) for n in range(1, 6)]
        faults.crash("api")
    faults.mend()
    kept = {partner.door.order(order.id).number for order in orders}
    ledger.drain(RECOVERED_WITHIN_S)

    outage.must_have_been_felt()
    assert kept == {order.number for order in orders}
    assert ledger.violations() == []


def test_mes_crash_while_consuming_neither_loses_nor_doubles(
    partner: Partner, faults: Faults, ledger: Ledger
) -> None:
    """Orders that the MES was taking in when it died are work orders once after its return.

    The last one comes when it is dead for certain: a busy machine may have been done with the others by then.
    """
    wishes = [an_order(quantity=n) for n in range(1, 21)]

    with ThreadPoolExecutor(4) as pool:
        placing = [pool.submit(partner.place, wish) for wish in wishes]
        placing[4].result()
        with faults.kill("mes") as outage:
            orders = [*(each.result() for each in placing), partner.place(an_order())]
    ledger.drain(RECOVERED_WITHIN_S)

    outage.must_have_been_felt()
    assert ledger.violations() == []
    assert len(orders) == ledger.balance().seen


@pytest.mark.slow
def test_pricing_crash_in_the_middle_prices_every_order_once(
    partner: Partner, faults: Faults, ledger: Ledger
) -> None:
    """Quotes that were being computed when pricing died are computed again, and each counts once."""
    heavy = models.ball(20_000, radius_mm=30)
    orders = [partner.place(an_order(heavy, quantity=n)) for n in range(1, 7)]

    outage = faults.kill_and_restart("pricing")
    ledger.drain(RECOVERED_WITHIN_S)

    outage.must_have_been_felt()
    priced = [partner.waits_for(order, "PRICED") for order in orders]
    steps = [Counter(step.state for step in partner.door.history(order.id)) for order in priced]
    assert steps == [Counter({"SUBMITTED": 1, "PRICED": 1})] * len(orders)
    assert ledger.violations() == []


def test_workers_killed_in_the_middle_are_replaced_and_each_order_has_one_quote(
    partner: Partner, faults: Faults
) -> None:
    """The analyses that the dead workers had in hand are done again, by new ones, and counted once."""
    heavy = models.ball(100_000, radius_mm=30)
    wishes = [an_order(heavy, quantity=n) for n in range(1, 7)]

    with faults.kill_workers("pricing") as outage:
        orders = [partner.place(wish) for wish in wishes]
    priced = [partner.waits_for(order, "PRICED") for order in orders]

    outage.must_have_been_felt()
    assert [order.price for order in priced] == [wish.price for wish in wishes]
    assert [faults.count(order)["pricing.quoted"] for order in orders] == [1] * len(orders)


def test_a_price_that_is_asked_for_twice_is_quoted_once(partner: Partner, faults: Faults) -> None:
    """A second request for a price, under an id of its own, leads to no second quote."""
    order = partner.priced(an_order())

    faults.redeliver(order, as_new="mes.pricing-requested")
    partner.priced(an_order())  # whatever was queued before it has been dealt with

    assert faults.count(order)["mes.pricing-requested"] == 2
    assert faults.count(order)["pricing.quoted"] == 1


def test_redelivery_of_every_event_doubles_nothing(
    journey: Journey, partner: Partner, operator: Operator, faults: Faults, audit: MesAuditDoor
) -> None:
    """A broker that delivers all of an order's events again changes neither order, price nor history."""
    order = journey.to("PACKED")
    history, card = partner.door.history(order.id), operator.door.card(order.number).column("History", 1)

    redelivered = faults.redeliver(order)

    assert redelivered >= len(life.way_to("PACKED"))
    assert partner.door.order(order.id) == order
    assert partner.door.history(order.id) == history
    assert operator.door.card(order.number).column("History", 1) == card
    assert [row.state for row in audit.work_orders(customer=partner.id)] == ["PACKED"]


def test_shop_keeps_a_draft_while_the_api_is_away(buyer: Buyer, faults: Faults, ledger: Ledger) -> None:
    """A shopper who submits during an outage reads so, and submits the same draft once it is over.

    Until then nobody knows whether the order was placed, so the draft cannot be thrown away.
    """
    wish = an_order()
    path = buyer.door.upload(wish.model)
    form, discard = buyer.door.order_form(path), buyer.door.open(path).form_with("Discard draft")

    with faults.kill("api"):
        with pytest.raises(Refusal) as refusal:
            buyer.door.submit_order(form, wish)
        with pytest.raises(Refusal) as kept:
            buyer.door.submit(discard, "Discard draft")
    number = buyer.door.submit_order(form, wish)
    ledger.drain(RECOVERED_WITHIN_S)

    assert (refusal.value.status, kept.value.status) == (503, 409)
    assert buyer.door.read(refusal.value).alert()
    assert buyer.door.numbers() == [number]
    assert ledger.violations() == []


def test_an_order_without_a_price_can_be_cancelled_and_not_approved(
    partner: Partner, faults: Faults, audit: MesAuditDoor
) -> None:
    """While pricing stands still nothing can be approved; a quote that comes too late changes nothing."""
    with faults.pause("pricing") as outage:
        order = partner.place(an_order())
        refused = [partner.tries(order, command) for command in life.forbidden("SUBMITTED", "customer")]
        outage.felt += [partner.door.order(order.id).state]
        partner.door.cancel(order.id)
    later = partner.priced(an_order())

    assert refused == [409, 409]
    assert audit.waits_for(later, "PRICED").price_total
    assert audit.waits_for(order, "CANCELLED").state == partner.door.order(order.id).state


def test_the_dashboards_counters_are_right_after_all_of_this(operator: Operator, audit: MesAuditDoor) -> None:
    """The number beside every state is the number of work orders in it."""

    def agreed() -> bool:
        held = Counter(row.state for row in audit.work_orders())
        shown = operator.door.open("/orders").counts()
        assert Counter(shown) == held
        return bool(held)

    assert until(agreed, RECOVERED_WITHIN_S, what="the dashboard's counters")


def test_a_mail_server_that_is_away_delays_mails_and_loses_none(
    partner: Partner,
    operator: Operator,
    faults: Faults,
    mailbox: Mailbox,
    audit: MesAuditDoor,
    private_testbed: SystemTestbed,
) -> None:
    """Operators who asked for mail get one for each order, once the mail server is back.

    That somebody saves the same choice meanwhile takes no mail away.
    No log tells a secret of what was away: neither of it, nor of what other scenarios of this folder broke.
    """
    token = operator.door.open("/notifications").form_with("Save").fields["csrf_token"]
    choice = {"csrf_token": token, "by_mail": "on"}
    operator.door.send("POST", "/notifications", data=choice)
    with faults.kill("mail"):
        orders = [partner.approved(an_order()) for _ in range(2)]
        for order in orders:  # the first one's mail has been tried by the time that the second is known
            audit.waits_for(order, "APPROVED")
        operator.door.send("POST", "/notifications", data=choice)

    def subjects() -> list[str]:
        found = (str(mail["Subject"]) for mail in mailbox.to(operator.email))
        return sorted(subject for subject in found if subject.endswith(tuple(each.number for each in orders)))

    wanted = sorted(f"New order to make: {order.number}" for order in orders)
    until(lambda: subjects() == wanted, RECOVERED_WITHIN_S, what=f"mails to {operator.email}")
    assert told_secrets(private_testbed) == []


def told_secrets(testbed: SystemTestbed) -> list[tuple[str, str]]:
    """Name every secret of a system that stands in one of its logs, with that log."""
    made = asdict(testbed.secrets)
    secrets = made | made.pop("database_passwords")
    logs = {path.name: path.read_text(errors="replace") for path in testbed.log("mes").parent.glob("*.log")}
    assert {f"{service}.log" for service in SERVICES} <= logs.keys()
    return [(log, name) for log, text in logs.items() for name, secret in secrets.items() if secret in text]
