"""Who uses the processors while a load runs, and what is full: sampled twice a second."""

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import psutil

from fixtures.testbed.system import SystemTestbed
from load.comparing.side import EVERYTHING
from load.processor_time import Meter, families

EVERY_S = 0.5
BUSY_PERCENTILE = 75
"""A share of a moment's peak says nothing, a mean holds what was before and after."""
FULL_SHARE = 0.85
MACHINE_FULL_SHARE = 0.92
OURS_SHARE = 0.65
ROLES = {"postgres": "the database", "nats": "the broker"}
GENERATOR = "the load generator"


@dataclass(frozen=True)
class Use:
    """Shares of one processor for each process, the generator's, and of all processors of the machine."""

    by_process: Mapping[str, float]
    generator: float
    machine: float
    processors: int

    @property
    def full(self) -> str:
        """What is full, in words; empty where no processor is."""
        if self.generator >= FULL_SHARE:
            return GENERATOR
        worst = max(self.by_process, key=lambda name: self.by_process[name], default="")
        share = self.by_process.get(worst, 0.0)
        if worst and worst not in ROLES and worst != "pricing" and share >= FULL_SHARE:
            return f"the processor of {worst} ({share:.0%} of one)"
        if worst and share >= FULL_SHARE * self.processors:
            return f"the processors, by {ROLES.get(worst, worst)} ({share:.0%} of one)"
        if self.machine >= MACHINE_FULL_SHARE and not self.crowded:
            most = sorted(self.by_process.items(), key=lambda item: -item[1])[:3]
            named = ", ".join(f"{ROLES.get(name, name)} {each:.0%}" for name, each in most)
            named += f", {GENERATOR} {self.generator:.0%}"
            return f"the machine's {self.processors} processors (of one: {named})"
        return ""

    @property
    def crowded(self) -> str:
        """Whether others take the machine's processors, in words; then nothing is said of the system."""
        ours = sum(self.by_process.values()) + self.generator
        if not self.by_process or self.machine < MACHINE_FULL_SHARE or ours >= OURS_SHARE * self.processors:
            return ""
        told = f"the system and its load have {ours:.1f} of {self.processors}"
        return f"what else runs on this machine takes its processors: {told}"


class ResourceWatch:
    """Samples what the processes of a testbed use; without a testbed, the machine alone."""

    def __init__(self, testbed: SystemTestbed | None) -> None:
        names = EVERYTHING if testbed else ()
        self._meters = {
            str(name): Meter(families(testbed.pids(name))) for name in names if testbed and testbed.pids(name)
        }
        self._samples: dict[str, list[float]] = {name: [] for name in self._meters}
        self._machine: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, name="resources", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def use(self, generator_share: float) -> Use:
        """Return what was used in the busy part of the time."""
        return Use(
            {name: _busy(shares) for name, shares in self._samples.items()},
            generator_share,
            _busy(self._machine),
            os.cpu_count() or 1,
        )

    def _look_on(self) -> None:
        psutil.cpu_percent()
        while not self._over.wait(EVERY_S):
            self._machine.append(psutil.cpu_percent() / 100)
            for name, meter in self._meters.items():
                self._samples[name].append(meter.used_ns() / 1e9 / EVERY_S)


def _busy(shares: list[float]) -> float:
    if not shares:
        return 0.0
    return round(sorted(shares)[int(len(shares) * BUSY_PERCENTILE / 100)], 3)
