"""A model that wants too much of pricing is stopped; one that cannot be fetched now is waited for."""

from __future__ import annotations

import time

import pytest

from fixtures import models
from fixtures.faults import Faults
from fixtures.hand import Hand
from fixtures.metrics_door import OpensMetrics
from fixtures.orders import an_order
from fixtures.personas import Operator, Partner
from fixtures.service_workers import ServiceWorkers
from fixtures.testbed.system import SystemTestbed
from fixtures.testbed.target import Target
from fixtures.waiting import until

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("hang-ups")]


SLOW, HEAVY = 199_998, 100_000
"""Triangles: the volume of so many takes 0.4 s, or 0.2 on a quick machine; that of a small part 1 ms."""
OUTAGE_S = 8.0
"""Longer than it takes until the stages are due, and four tries with the pauses between them."""
DUE_LATER = (
    """
    CREATE FUNCTION due_later() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.due_at := now() + interval '5 s'; RETURN NEW; END $$
    """,
    "CREATE TRIGGER due_later BEFORE INSERT ON stages FOR EACH ROW EXECUTE FUNCTION due_later()",
)
DUE_AT_ONCE = "DROP FUNCTION due_later CASCADE"


@pytest.mark.slow
def test_orders_that_are_being_priced_outlast_an_outage_of_the_broker(
    partner: Partner, faults: Faults, target: Target, metrics_of: OpensMetrics
) -> None:
    """A model that cannot be fetched for a while is no fault of its order, and nobody has to ask again."""
    pricing = Hand(target, "pricing")
    pricing.does(*DUE_LATER)
    try:
        order = partner.place(an_order())
        metrics_of("pricing").rises("assay_pricing_queue", 0)
        with faults.kill("nats") as outage:
            over_at_s = time.monotonic() + OUTAGE_S
            until(lambda: time.monotonic() > over_at_s, OUTAGE_S + 1, what="the outage is a long one")
    finally:
        pricing.does(DUE_AT_ONCE)

    outage.must_have_been_felt()
    assert partner.waits_for(order, "PRICED").price


@pytest.mark.slow
def test_order_is_priced_although_all_workers_hang(partner: Partner, private_testbed: SystemTestbed) -> None:
    """Workers that come to no end are ended and replaced; their orders are tried again, by the new ones."""
    order = an_order()
    partner.door.upload_once(order.model)

    with ServiceWorkers(private_testbed, "pricing").hanging():
        priced = partner.priced(order)

    assert priced.price == order.price


@pytest.mark.parametrize(
    ("triangles", "limit", "code", "detail"),
    [
        (SLOW, {"PRICING_STAGE_LIMIT_S": "0.1"}, "too-slow", "longer than 0.1 s"),
        (HEAVY, {"PRICING_STAGE_MEMORY_MB": "20"}, "analysis-failed", "more memory"),
    ],
    ids=["too slow", "too big"],
)
def test_model_that_takes_too_much_needs_attention_while_others_are_priced(
    partner: Partner,
    operator: Operator,
    faults: Faults,
    metrics_of: OpensMetrics,
    triangles: int,
    limit: dict[str, str],
    code: str,
    detail: str,
) -> None:
    """The analysis is stopped, given up and counted as such, and with more room the order has its price."""
    huge = an_order(models.ball(triangles, radius_mm=30))
    with faults.instead("pricing", limit):
        hard = partner.place(huge)
        trouble = partner.hears_of_trouble(hard)
        notice = until(
            lambda: operator.door.card(hard.number).labelled("Attention") or "", 10, what="a notice"
        )
        easy = partner.priced(an_order())
    waiting, failed = (metrics_of("pricing").value(f"assay_pricing_{each}") for each in ("queue", "failed"))

    operator.door.step(hard.number, "Ask for the price again")
    priced = partner.waits_for(hard, "PRICED")

    assert trouble.code == code
    assert detail in notice
    assert (waiting, failed) == (0, 1)
    assert easy.price
    assert priced.price == huge.price
