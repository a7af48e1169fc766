"""Runs stages as processes that cannot outlive us, and measures what they take."""

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fixtures.testbed.memory import PeakMemory
from fixtures.testbed.processes import Child
from gate.record import Ended

TICK_S = 0.1
# To find a stage's processes among the machine's takes 10 ms, in which the tests wait for a core.
MEASURE_EVERY_S = 2.0
GRACE_S = 8.0
# Whoever interrupts waits for us; the feed already holds what was found.
GRACE_WHEN_INTERRUPTED_S = 2.0


@dataclass(frozen=True)
class Finished:
    """How a stage's process ended and what it took."""

    ended: Ended
    exit_status: int | None
    seconds: float
    peak_bytes: int


@dataclass(frozen=True)
class Job:
    """A stage's command; `tick` is called with the age of its process all along."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    log: Path
    limit_s: float
    tick: Callable[[float], None]


def run(
    jobs: Sequence[Job],
    *,
    goes_on: Callable[[int, Finished], bool] = lambda *_: True,
    grace_s: float = GRACE_S,
) -> list[Finished]:
    """Run commands side by side, each to its end.

    After its `limit_s`, and on Ctrl-C, a command is asked to end (SIGINT, so that pytest still writes what it
    knows); after `grace_s`, sooner where somebody interrupts, it is killed with everything it has started.
    `goes_on` is told of each end, by the job's place; where it says no, the others are ended, as not run.
    """
    runs = [_Running(job) for job in jobs]
    try:
        for each in runs:
            each.start()
        while going_on := [each for each in runs if each.ended is None]:
            for each in going_on:
                if each.ends_within(TICK_S / len(going_on)) and not goes_on(
                    runs.index(each), each.finished()
                ):
                    _call_off(runs)
                    break
    except KeyboardInterrupt:
        grace_s = min(grace_s, GRACE_WHEN_INTERRUPTED_S)
        for each in runs:
            each.ended = each.ended or Ended.INTERRUPT
    finally:
        for each in runs:
            each.ask_to_end()
        deadline = time.monotonic() + grace_s
        for each in runs:
            each.stop(max(0.0, deadline - time.monotonic()))
    return [each.finished() for each in runs]


def _call_off(runs: Sequence["_Running"]) -> None:
    for each in runs:
        each.ended = each.ended or Ended.NOT_RUN


class _Running:
    """A command that runs, and how it ended."""

    def __init__(self, job: Job) -> None:
        self.ended: Ended | None = None
        self._job = job
        self._child = Child(job.name, job.command, job.env, job.log, job.cwd)
        self._peak, self._measured_at = PeakMemory(), float("-inf")
        self._seconds = 0.0

    def start(self) -> None:
        self._child.start()

    def ends_within(self, within_s: float) -> bool:
        """Wait a moment for its end; show how it goes on."""
        if self._child.wait(within_s):
            self.ended, self._seconds = Ended.ITSELF, self._child.age_s
            return True
        age_s = self._child.age_s
        if self._child.pid and age_s - self._measured_at >= MEASURE_EVERY_S:
            self._peak.look(self._child.pid)
            self._measured_at = age_s
        self._job.tick(age_s)
        if age_s > self._job.limit_s:
            self.ended = Ended.TIME_LIMIT
            self.ask_to_end()
        return self.ended is not None

    def ask_to_end(self) -> None:
        self._child.ask_to_end(signal.SIGINT)

    def stop(self, within_s: float) -> None:
        self._child.stop(within_s=within_s, first=signal.SIGINT)
        self._seconds = self._seconds or self._child.age_s

    def finished(self) -> Finished:
        ended = self.ended or Ended.INTERRUPT
        return Finished(ended, self._child.exit_code, self._seconds, self._peak.bytes)
