"""The system that the scenarios of this folder break, one after the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from e2e.operations.faults.places import TRACE_URL
from fixtures.faults import Faults
from fixtures.ledger import Ledger
from fixtures.testbed.interface import Process
from fixtures.testbed.runs import current_run_dir
from fixtures.testbed.system import SystemTestbed
from fixtures.testbed.target import Target
from fixtures.workers import group_of

SHORT_DEADLINES = Path(__file__).with_name("short_deadlines.toml")
SETTINGS: dict[Process, dict[str, str]] = {
    "flow": {"FLOW_DEADLINES": str(SHORT_DEADLINES), "TRACE_URL": TRACE_URL},
    "pricing": {"PRICING_STAGE_LIMIT_S": "3"},
    "api": {"OUTBOX_KEEP_S": "1", "IDEMPOTENCY_KEEP_S": "3", "PRUNE_EVERY_S": "1"},
}


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Refuse a scenario of this folder that does not say whose testbed it breaks.

    Its orders would be looked for in the shared system, and its worker would start a system of its own.
    """
    for item in items:
        if Path(__file__).parent in item.path.parents and not group_of(item.path):
            raise pytest.UsageError(
                f"{item.path.name} breaks a testbed: give it, below its imports, "
                'pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("outages")] (or "hang-ups")'
            )


@pytest.fixture(scope="session")
def private_testbed(private_testbeds: Callable[..., SystemTestbed]) -> SystemTestbed:
    """A system that only faults use: in seconds orders are late, analyses too slow, leftovers gone."""
    return private_testbeds(settings=SETTINGS)


@pytest.fixture(scope="session")
def target(private_testbed: SystemTestbed) -> Target:
    """The system that is broken here, and no other."""
    return private_testbed.target


@pytest.fixture
def ledger_path() -> Path:
    """Orders of the private testbed are not in the balance of the shared one."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return current_run_dir() / "evidence" / f"private-orders-{worker}.jsonl"


@pytest.fixture
def faults(private_testbed: SystemTestbed, ledger: Ledger) -> Iterator[Faults]:
    """Breaks the private testbed, and leaves it whole for the next scenario."""
    faults = Faults(private_testbed, ledger)
    yield faults
    faults.mend()
