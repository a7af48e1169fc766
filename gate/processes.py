"""Runs a stage as a process that cannot outlive us, and measures what it and the testbed take."""

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from fixtures.testbed.memory import held_bytes
from fixtures.testbed.processes import Child
from gate.record import Ended

TICK_S = 0.1
MEASURE_EVERY_S = 2.0
GRACE_S = 8.0


@dataclass
class Memory:
    """The most memory seen held by a stage's processes, and by all our other children: the testbed."""

    stage_bytes: int = 0
    testbed_bytes: int = 0
    _measured_at: float = field(default=float("-inf"), repr=False)

    def measure(self, stage: int | None = None) -> None:
        """Look again, at most every two seconds."""
        if time.monotonic() - self._measured_at < MEASURE_EVERY_S:
            return
        self._measured_at = time.monotonic()
        others = {child.pid for child in psutil.Process().children()} - {stage}
        self.stage_bytes = max(self.stage_bytes, held_bytes([stage]) if stage else 0)
        self.testbed_bytes = max(self.testbed_bytes, held_bytes(others))


@dataclass(frozen=True)
class Finished:
    """How a stage's process ended and what it took."""

    ended: Ended
    exit_status: int | None
    seconds: float
    memory: Memory


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
    memory = Memory()
    ended = Ended.ITSELF
    started = time.monotonic()
    try:
        child.start()
        while not child.wait(TICK_S):
            memory.measure(child.pid)
            tick(child.age_s)
            if child.age_s > limit_s:
                ended = Ended.TIME_LIMIT
                break
    except KeyboardInterrupt:
        ended = Ended.INTERRUPT
    finally:
        child.stop(within_s=grace_s, first=signal.SIGINT)
    return Finished(ended, child.exit_code, time.monotonic() - started, memory)
