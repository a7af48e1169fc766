"""Brings up the one system that all stages of a run look at, and says plainly when it does not come up."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from fixtures.testbed.existing import ExistingTestbed
from fixtures.testbed.interface import Process, TestbedFailed
from fixtures.testbed.own import own_testbed
from fixtures.testbed.target import Target
from gate.record import Start, TestbedRecord
from gate.stages import Plan


class Testbed(Protocol):
    """What the gate asks of a testbed."""

    @property
    def breakdown(self) -> Mapping[str, float]:
        """Seconds that each step of the start took."""

    @property
    def target(self) -> Target:
        """The running system's target."""

    def start(self) -> Target:
        """Bring the system up."""

    def stop(self) -> None:
        """Take the system down."""

    def died(self) -> list[Process]:
        """Return the processes that ended although nobody asked them to."""

    def fill_history(self, orders: int) -> None:
        """Add finished orders, so that there is something to search through."""

    def memory_bytes(self) -> int:
        """Return what its processes hold."""


@dataclass
class Bed:
    """A testbed with the record that is kept of it."""

    testbed: Testbed
    record: TestbedRecord

    def look(self) -> None:
        """Note what it holds now, and which of its processes ended by themselves."""
        died = tuple(dict.fromkeys((*self.record.died, *map(str, self.testbed.died()))))
        peak = max(self.record.peak_rss_bytes, self.testbed.memory_bytes())
        self.record = replace(self.record, peak_rss_bytes=peak, died=died)


@contextmanager
def running(plan: Plan) -> Iterator[Bed]:
    """Bring up what the plan asks for, or record why it did not come up; take it down at the end."""
    testbed = _testbed(plan)
    bed = Bed(testbed, _started(testbed, "existing" if plan.target else plan.testbed))
    try:
        yield bed
    finally:
        testbed.stop()


def _testbed(plan: Plan) -> Testbed:
    if plan.target:
        return ExistingTestbed(Target.load(plan.target))
    return own_testbed(plan.testbed, run_dir=plan.run_dir, keep=plan.keep)


def _started(testbed: Testbed, kind: str) -> TestbedRecord:
    began = time.monotonic()
    try:
        testbed.start()
    except TestbedFailed as failed:
        start = Start.REFUSED if failed.of_release else Start.IMPOSSIBLE
        return TestbedRecord(start, kind, why=str(failed), log_lines=failed.log_lines)
    except Exception as broken:  # our own testbed broke down: the release is not to blame
        return TestbedRecord(Start.IMPOSSIBLE, kind, why=f"{type(broken).__name__}: {broken}")
    seconds = time.monotonic() - began
    breakdown, traces = dict(testbed.breakdown), testbed.target.traces is not None
    return TestbedRecord(Start.STARTED, kind, seconds=seconds, breakdown=breakdown, traces=traces)
