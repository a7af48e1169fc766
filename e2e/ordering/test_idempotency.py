"""Sending an order twice orders once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from uuid import uuid4

import pytest

from fixtures import models
from fixtures.answers import Order
from fixtures.cast import Personas
from fixtures.database_hand import open_transaction, waiting_for_locks
from fixtures.doors import MesAuditDoor, Refusal
from fixtures.ledger import Ledger
from fixtures.metrics_door import OpensMetrics
from fixtures.model_store import unlike_any_other
from fixtures.orders import an_order
from fixtures.personas import Buyer, Partner
from fixtures.testbed.target import Target
from fixtures.waiting import until

TOGETHER = 8
COUNTED = "assay_http_request_seconds_count"


def test_equal_requests_sent_together_make_one_order(
    partner: Partner, audit: MesAuditDoor, ledger: Ledger
) -> None:
    """Of eight equal requests at once each is answered with the one order, or told to wait."""
    wish, key = an_order(), str(uuid4())
    partner.door.body_of(wish)

    with ThreadPoolExecutor(TOGETHER) as pool:
        answers = list(pool.map(lambda _: partner.door.try_to_place(wish, key), range(TOGETHER)))
    ledger.drain(within_s=10)

    placed = {answer.id for answer in answers if isinstance(answer, Order)}
    refused = {answer.status for answer in answers if isinstance(answer, Refusal)}
    assert [order.id for order in partner.door.orders()] == list(placed)
    assert refused <= {409}
    assert len(audit.work_orders(customer=partner.id)) == 1


def test_a_request_repeated_much_later_gets_the_same_answer(partner: Partner) -> None:
    """A client that retries after the order has moved on still gets its first 201."""
    body, key = partner.door.body_of(an_order()), str(uuid4())
    first = partner.door.create(body, key)
    order = partner.waits_for(Order.read(first), "PRICED")
    partner.door.approve(order.id)

    again = partner.door.send("POST", "/v1/orders", json=body, headers={"Idempotency-Key": key})

    assert (again.status_code, again.json()) == (201, first)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Location"] == f"/v1/orders/{order.id}"
    assert len(list(partner.door.orders())) == 1


@pytest.mark.parametrize("change", [{"quantity": 4}, {"material": "AL"}, {"reference": None}])
def test_a_key_used_for_another_order_is_refused(partner: Partner, change: dict[str, object]) -> None:
    """A key stands for one request; reused by mistake it must not hand out somebody's earlier order."""
    body, key = partner.door.body_of(an_order()), str(uuid4())
    first = partner.door.create(body, key)

    with pytest.raises(Refusal) as refusal:
        partner.door.create(body | change, key)

    assert refusal.value.status == 422
    assert [order.id for order in partner.door.orders()] == [first["id"]]


def test_a_key_used_for_another_model_is_refused(partner: Partner) -> None:
    """The part belongs to what a key stands for."""
    body, key = partner.door.body_of(an_order()), str(uuid4())
    partner.door.create(body, key)
    another = partner.door.upload(models.tee())

    with pytest.raises(Refusal) as refusal:
        partner.door.create(body | {"model_id": another.id}, key)

    assert refusal.value.status == 422


def test_a_key_whose_request_was_refused_is_free_again(partner: Partner) -> None:
    """A mistake in an order does not use up its key: put right, the order is placed."""
    body, key = partner.door.body_of(an_order()), str(uuid4())
    unknown = body | {"model_id": str(uuid4())}

    def refused() -> int:
        with pytest.raises(Refusal) as refusal:
            partner.door.create(unknown, key)
        return refusal.value.status

    first, again = refused(), refused()
    placed = partner.door.create(body, key)

    assert (first, again) == (404, 404)
    assert [order.id for order in partner.door.orders()] == [placed["id"]]


def test_two_partners_may_use_the_same_key(personas: Personas) -> None:
    """A key belongs to its partner, also while both orders are being placed."""
    partners = [personas.partner(), personas.partner()]
    for partner in partners:
        partner.door.body_of(an_order())

    with ThreadPoolExecutor(2) as pool:
        rounds = [
            list(
                pool.map(lambda each, key: each.door.place(an_order(), key).id, partners, [f"order-{n}"] * 2)
            )
            for n in range(TOGETHER)
        ]

    placed = [list(ids) for ids in zip(*reversed(rounds), strict=True)]
    assert [[order.id for order in partner.door.orders()] for partner in partners] == placed


def test_a_draft_submitted_twice_at_once_is_one_order(
    buyer: Buyer, audit: MesAuditDoor, ledger: Ledger
) -> None:
    """A shopper who clicks and clicks again orders once, and every click leads to the order."""
    wish = an_order()
    form = buyer.door.order_form(buyer.door.upload(wish.model))

    with ThreadPoolExecutor(TOGETHER) as pool:
        numbers = set(pool.map(lambda _: buyer.door.submit_order(form, wish), range(TOGETHER)))
    ledger.drain(within_s=10)

    assert [row.order_number for row in audit.work_orders(customer=buyer.id)] == list(numbers)


def test_a_draft_submitted_again_while_it_is_being_ordered_is_one_order(
    buyer: Buyer, audit: MesAuditDoor, ledger: Ledger, target: Target, metrics_of: OpensMetrics
) -> None:
    """The second click waits for what the first has begun, and leads to the same order."""
    wish, api = an_order(unlike_any_other(models.box())), metrics_of("api")
    form = buyer.door.order_form(buyer.door.upload(wish.model))
    held = f"SELECT FROM model WHERE sha256 = '{sha256(wish.model.content).hexdigest()}' FOR UPDATE"
    told_to_wait = api.value(COUNTED, status="409")

    with ThreadPoolExecutor(2) as pool:
        with open_transaction(target, "api", held):
            clicks = [pool.submit(buyer.door.submit_order, form, wish) for _ in range(2)]
            until(
                lambda: (
                    api.value(COUNTED, status="409") > told_to_wait
                    or waiting_for_locks(target, "api") >= len(clicks)
                ),
                10,
                what="both are under way",
            )
        numbers = {click.result() for click in clicks}
    ledger.drain(within_s=10)

    assert [row.order_number for row in audit.work_orders(customer=buyer.id)] == list(numbers)
