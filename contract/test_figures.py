"""No rename of a metric, a label, a value or a bucket makes an alert or a panel blind."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract import alerting
from contract.asked import Asked, Sample
from fixtures.dashboards import queries_of
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
