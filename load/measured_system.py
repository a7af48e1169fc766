"""The system that a benchmark measures: one that is named, or one of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fixtures.testbed.kinds import KINDS
from fixtures.testbed.own import own_testbed
from fixtures.testbed.runs import current_run_dir
from fixtures.testbed.system import SystemTestbed
from fixtures.testbed.target import BadTarget, Target
from load.strangers import refuse_strangers


@contextmanager
def target_of(named: str | None) -> Iterator[Target]:
    """Lend the target of a file, or a system of our own that ends with the benchmark.

    Raises:
        BadTarget: the file cannot be used, is not of this machine, or lends no partner.
        TestbedFailed: our own did not come up.
    """
    if named is None:
        with own_system() as testbed:
            yield testbed.target
        return
    target = Target.load(Path(named))
    refuse_strangers(target)
    if not target.partners:
        raise BadTarget(f"{named}: orders are placed by its first [[partner]]; it names none")
    yield target


@contextmanager
def own_system() -> Iterator[SystemTestbed]:
    """Lend a system of our own, of the release that this run is about."""
    testbed = own_testbed(KINDS[0], run_dir=current_run_dir())
    with testbed:
        yield testbed
