"""An order can be cancelled until somebody makes it."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from e2e.pages.shop import Storefront
from fixtures.database_hand import open_transaction, waiting_for_locks
from fixtures.doors import MesAuditDoor, Refusal
from fixtures.ledger import Ledger
from fixtures.life import Journey
from fixtures.orders import an_order
from fixtures.personas import Buyer, Operator, Partner
from fixtures.testbed.target import Target
from fixtures.waiting import until

UNTIL_SHOWN_MS = 15_000


@pytest.mark.parametrize("state", ["SUBMITTED", "PRICED", "APPROVED"])
def test_an_order_that_nobody_has_taken_is_cancelled(
    journey: Journey, partner: Partner, audit: MesAuditDoor, ledger: Ledger, state: str
) -> None:
    """API and MES agree that it is cancelled, and no operator can take it any more."""
    order = journey.to(state)

    partner.door.cancel(order.id)

    cancelled = partner.waits_for(order, "CANCELLED")
    audit.waits_for(order, "CANCELLED")
    with pytest.raises(Refusal, match="409"):
        journey.do(cancelled, "take")
    assert ledger.of(order).violations() == []


def test_an_order_in_production_is_not_cancelled(journey: Journey, partner: Partner) -> None:
    """What is being made is paid for."""
    order = journey.to("IN_PRODUCTION")

    with pytest.raises(Refusal) as refusal:
        partner.door.cancel(order.id)

    assert refusal.value.status == 409
    assert partner.door.order(order.id).state == "IN_PRODUCTION"


def test_cancelling_while_an_operator_takes_it_ends_in_one_of_both(
    journey: Journey, partner: Partner, operator: Operator, audit: MesAuditDoor
) -> None:
    """Customer and operator act at once: the order is cancelled or made, and everybody agrees which."""
    orders = [journey.to("APPROVED") for _ in range(2)]
    assert operator.door

    with ThreadPoolExecutor(2) as pool:
        for order in orders:
            list(pool.map(journey.tries, [order, order], ["cancel", "take"]))

    ends = [partner.settled(order) for order in orders]
    assert {end.state for end in ends} <= {"CANCELLED", "IN_PRODUCTION"}
    assert [audit.waits_for(end, end.state).state for end in ends] == [end.state for end in ends]
    assert not any(end.cancellation_requested for end in ends if end.state == "IN_PRODUCTION")


def test_take_and_cancellation_that_meet_are_dealt_with_one_after_the_other(
    journey: Journey, partner: Partner, operator: Operator, target: Target
) -> None:
    """Whichever comes first, the other is refused in words; nobody sees an error, and the card tells it."""
    taken, withdrawn = (journey.to("APPROVED") for _ in range(2))
    held = f"SELECT FROM work_orders WHERE customer = '{partner.id}' FOR UPDATE"

    with ThreadPoolExecutor(2) as pool:
        with open_transaction(target, "mes", held):
            first = pool.submit(journey.tries, taken, "take")
            partner.door.cancel(withdrawn.id)
            until(lambda: waiting_for_locks(target, "mes") >= 2, 10, what="one of each waits")
            partner.door.cancel(taken.id)
            second = pool.submit(journey.tries, withdrawn, "take")
            until(lambda: waiting_for_locks(target, "mes") >= 4, 10, what="both of each wait")
        statuses = [each.result() for each in (first, second)]

    ends = [partner.settled(order).state for order in (taken, withdrawn)]
    assert ends == [{200: "IN_PRODUCTION", 409: "CANCELLED"}.get(status) for status in statuses], statuses
    assert statuses[0] == 200
    [*_, refused] = operator.door.card(taken.number).column("History", 1)
    assert refused.startswith("Cancellation refused")


def test_a_shopper_cancels_and_the_page_says_so(buyer: Buyer, storefront: Storefront) -> None:
    """The order's page offers to cancel, and shows that it happened without a reload."""
    order = storefront.open_as(buyer).order(an_order())

    order.cancel()

    expect(order.state).to_have_text("CANCELLED", timeout=UNTIL_SHOWN_MS)
    expect(order.button("Cancel order")).to_have_count(0)
    expect(order.button("Approve price")).to_have_count(0)


def test_a_shopper_cancels_what_is_approved_and_not_taken(buyer: Buyer, audit: MesAuditDoor) -> None:
    """The page offers it until somebody makes the order, and says that it was done."""
    order = buyer.placed(an_order())
    audit.waits_for(order, "PRICED")
    path = f"/orders/{order.number}"
    buyer.door.press(path, "Approve price")
    audit.waits_for(order, "APPROVED")

    buyer.door.press(path, "Cancel order")

    audit.waits_for(order, "CANCELLED")


@pytest.mark.parametrize("commands", [("approve", "approve"), ("approve", "cancel")])
def test_two_decisions_at_once_are_made_one_after_the_other(
    partner: Partner, target: Target, commands: tuple[str, str]
) -> None:
    """Of two that come at the same moment the second sees what the first has done."""
    order = partner.priced(an_order())
    held = f"SELECT FROM orders WHERE id = '{order.id}' FOR UPDATE"

    with ThreadPoolExecutor(2) as pool:
        with open_transaction(target, "api", held):
            asked = [pool.submit(partner.tries, order, command) for command in commands]
            until(lambda: waiting_for_locks(target, "api") >= len(asked), 10, what="both wait for the order")
        statuses = sorted(each.result() for each in asked)

    steps = Counter(step.type for step in partner.door.history(order.id))
    assert statuses.count(200) == sum(
        steps[kind] for kind in ("approved", "cancelled", "cancellation-requested")
    )
    assert steps["approved"] + steps["cancelled"] <= 1
