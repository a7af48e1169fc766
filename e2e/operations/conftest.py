"""The system that the scenarios of this folder break, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fixtures.faults import Faults
from fixtures.ledger import Ledger
from fixtures.testbed.system import SystemTestbed

SHORT_DEADLINES = Path(__file__).with_name("short_deadlines.toml")


@pytest.fixture(scope="session")
def private_testbed(private_testbeds: Callable[..., SystemTestbed]) -> SystemTestbed:
    """A running system that only faults use, and whose orders are late after seconds."""
    return private_testbeds(settings={"flow": {"FLOW_DEADLINES": str(SHORT_DEADLINES)}})


@pytest.fixture
def faults(private_testbed: SystemTestbed, ledger: Ledger) -> Iterator[Faults]:
    """Breaks the private testbed, and leaves it whole for the next scenario."""
    faults = Faults(private_testbed, ledger)
    yield faults
    faults.mend()
