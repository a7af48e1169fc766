"""Runs a stage as a process that cannot outlive us, and measures what it takes."""

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fixtures.testbed.memory import held_bytes
from fixtures.testbed.processes import Child
from gate.record import Ended

TICK_S = 0.1
# Adding up the memory of a hundred processes takes a quarter of a second, in which the tests wait for a core.
MEASURE_EVERY_S = 5.0
GRACE_S = 8.0


@dataclass(frozen=True)
class Finished:
    """How a stage's process ended and what it took."""

    ended: Ended
    exit_status: int | None
    seconds: float
    peak_bytes: int


def run(
    name: str,
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    log: Path,
    limit_s: float,
    tick: Callable[[float], None],
    grace_s: float = GRACE_S,
) -> Finished:
    """Run a command to its end, calling `tick` with its age all along.

    After `limit_s`, and on Ctrl-C, it is asked to end (SIGINT, so that pytest still writes what it knows);
    after `grace_s` it is killed with everything it has started.
    """
    child = Child(name, command, env, log, cwd)
    peak_bytes, measured_at = 0, float("-inf")
    ended = Ended.ITSELF
    started = time.monotonic()
    try:
        child.start()
        while not child.wait(TICK_S):
            if child.pid and child.age_s - measured_at >= MEASURE_EVERY_S:
                peak_bytes, measured_at = max(peak_bytes, held_bytes([child.pid])), child.age_s
            tick(child.age_s)
            if child.age_s > limit_s:
                ended = Ended.TIME_LIMIT
                break
    except KeyboardInterrupt:
        ended = Ended.INTERRUPT
    finally:
        child.stop(within_s=grace_s, first=signal.SIGINT)
    return Finished(ended, child.exit_code, time.monotonic() - started, peak_bytes)
