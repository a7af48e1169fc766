"""A model that wants too much of pricing is stopped, and no other order waits for it."""

from __future__ import annotations

import pytest

from fixtures import models
from fixtures.faults import Faults
from fixtures.metrics_door import OpensMetrics
from fixtures.orders import an_order
from fixtures.personas import Operator, Partner
from fixtures.waiting import until

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("hang-ups")]


@pytest.mark.parametrize(
    ("limit", "code", "detail"),
    [
        ({"PRICING_STAGE_LIMIT_S": "0.05"}, "too-slow", "longer than 0.05 s"),
        ({"PRICING_STAGE_MEMORY_MB": "20"}, "analysis-failed", "more memory"),
    ],
    ids=["too slow", "too big"],
)
def test_model_that_takes_too_much_needs_attention_while_others_are_priced(
    partner: Partner,
    operator: Operator,
    faults: Faults,
    metrics_of: OpensMetrics,
    limit: dict[str, str],
    code: str,
    detail: str,
) -> None:
    """The analysis is stopped, given up and counted as such, and with more room the order has its price."""
    huge = an_order(models.ball(100_000, radius_mm=30))
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
