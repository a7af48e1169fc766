"""What Prometheus is told of orders is what is so, while they wait and afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from fixtures.doors import MesAuditDoor
from fixtures.faults import Faults
from fixtures.ledger import Ledger
from fixtures.metrics_door import MetricsDoor, OpensMetrics
from fixtures.orders import an_order
from fixtures.personas import Partner
from fixtures.waiting import until

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("outages")]

TOLD_WITHIN_S = 10.0
WAITING = 3
ENDED = {"CLOSED", "CANCELLED", "REJECTED"}
ODD = ("assay_orders_lost", "assay_orders_doubled", "assay_orders_unexpected")


def by_state(door: MetricsDoor, name: str) -> Counter[str]:
    """A figure of each state that is not zero."""
    return +Counter({has["state"]: int(value) for found, has, value in door.samples() if found == name})


def agree(audit: MesAuditDoor, metrics_of: OpensMetrics) -> bool:
    """Whether the MES and the flow tell of each state how many orders are in it.

    Raises:
        AssertionError: they do not.
    """
    held = Counter(row.state for row in audit.work_orders())
    assert by_state(metrics_of("mes"), "assay_work_orders") == held
    assert by_state(metrics_of("flow"), "assay_orders") == without(held, ENDED)
    return True


def without(counted: Counter[str], states: Iterable[str]) -> Counter[str]:
    """Counts, but of some states."""
    return Counter({state: count for state, count in counted.items() if state not in set(states)})


def test_figures_of_orders_follow_the_orders(
    partner: Partner, faults: Faults, ledger: Ledger, audit: MesAuditDoor, metrics_of: OpensMetrics
) -> None:
    """Orders that wait for a price are counted where they wait, with the oldest one's age."""
    flow = metrics_of("flow")
    until(lambda: agree(audit, metrics_of), TOLD_WITHIN_S, what="figures of what was there before")
    before = flow.value("assay_hop_waiting", hop="pricing")
    with faults.pause("pricing"):
        for _ in range(WAITING):
            partner.place(an_order())
        flow.rises("assay_hop_waiting", before + WAITING - 1, hop="pricing")
        until(lambda: agree(audit, metrics_of), TOLD_WITHIN_S, what="figures of orders that wait")
        assert flow.value("assay_hop_waiting", hop="pricing") == before + WAITING
        assert flow.value("assay_orders_oldest_seconds", state="SUBMITTED") > 0

    ledger.drain(within_s=20)
    until(lambda: agree(audit, metrics_of), TOLD_WITHIN_S, what="figures of orders that have a price")
    assert {name: flow.value(name) for name in ODD} == dict.fromkeys(ODD, 0)
