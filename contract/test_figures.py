"""No rename of a metric, a label, a value or a bucket makes an alert or a panel blind."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from contract import alerting
from contract.asked import Asked, Sample
from fixtures.dashboards import queries_of
from fixtures.flow_doors import FlowDoor
from fixtures.metrics_door import OpensMetrics
from fixtures.personas import Partner
from fixtures.testbed.interface import SERVICES
from fixtures.testbed.own import release_of_run

pytestmark = pytest.mark.skipif(not alerting.home().is_dir(), reason="this release has no alerts")


@pytest.fixture
def told(another: Partner, metrics_of: OpensMetrics) -> list[Sample]:
    """Every figure of every service."""
    next(iter(another.door.orders(limit=1)), None)  # so that partners have figures
    return [sample for service in SERVICES for sample in metrics_of(service).samples()]


def test_each_figure_that_a_rule_asks_for_is_told_by_a_service(tmp_path: Path, told: list[Sample]) -> None:
    """An alert that asks for what nobody tells never fires."""
    rules = alerting.made(tmp_path).rules()

    assert Asked.by(rule["expr"] for rule in rules).untold(told) == set()


def test_each_figure_that_a_panel_asks_for_is_told_by_a_service(tmp_path: Path, told: list[Sample]) -> None:
    """A panel that asks for what nobody tells is empty for ever, and looks like quiet."""
    queries = queries_of(release_of_run(), tmp_path)

    assert Asked.by(query.expr for query in queries).untold(told) == set()


def test_times_of_a_hop_are_told_apart_up_to_its_deadline(told: list[Sample], flow: FlowDoor) -> None:
    """A histogram that ends before a deadline has every order look as if it had kept it."""
    ends_s = defaultdict[str, float](float)
    for name, has, _ in told:
        if name == "assay_hop_seconds_bucket" and has["le"] != "+Inf":
            ends_s[has["hop"]] = max(ends_s[has["hop"]], float(has["le"]))

    deadlines_s = {hop["name"]: hop["deadline_s"] for hop in flow.board()["hops"]}

    assert {hop: ends_s[hop] for hop, due_s in deadlines_s.items() if ends_s[hop] < due_s} == {}
