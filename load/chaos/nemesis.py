"""Breaks the processes of a testbed of our own by a schedule, and mends them, whatever happens meanwhile."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from fixtures.testbed.interface import TestbedFailed
from fixtures.testbed.system import SystemTestbed
from load.chaos.schedule import BREAKABLE, Fault, Schedule

MENDED_WITHIN_S = 90.0
"""A service that was started while its database was away may end and need to be started again."""
_PAUSE_S = 0.2
Told = Callable[[str], None]


@dataclass(frozen=True)
class Happened:
    """A fault as it was: from when to when. Units: s since the epoch.

    `undone` says why it could not be done, `unmended` why the process did not come back.
    """

    fault: Fault
    began: float
    ended: float
    undone: str = ""
    unmended: str = ""


class Nemesis:
    """Goes through a schedule from `begin` on; leaving it waits until all is mended.

    `over` is called as soon as the last fault is.
    """

    def __init__(
        self,
        testbed: SystemTestbed,
        schedule: Schedule,
        told: Told = lambda _: None,
        over: Callable[[], None] = lambda: None,
    ) -> None:
        self._testbed, self._told, self._then = testbed, told, over
        self._left, self._counting = len(schedule.faults), threading.Lock()
        self._over = threading.Event()
        self._happened: list[Happened] = []
        self._began_s = 0.0
        # A thread for each process: that one cannot be mended yet must not keep another from being mended.
        self._threads = [
            threading.Thread(target=self._go_through, args=(faults,), name=f"nemesis of {process}")
            for process in BREAKABLE
            if (faults := schedule.of(process))
        ]

    @property
    def happened(self) -> tuple[Happened, ...]:
        """What was done, the first first."""
        return tuple(sorted(self._happened, key=lambda each: each.began))

    def begin(self) -> None:
        """Let the schedule's time begin."""
        self._began_s = time.monotonic()
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is not None:
            self._over.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def _go_through(self, faults: tuple[Fault, ...]) -> None:
        for fault in faults:
            if self._over.wait(max(0.0, self._began_s + fault.at_s - time.monotonic())):
                return
            began = time.time()
            undone = self._break(fault)
            self._over.wait(fault.for_s)
            unmended = self._mend(fault)
            self._happened.append(Happened(fault, began, ended := time.time(), undone, unmended))
            self._told(undone or unmended or f"{fault.process} is back, after {ended - began:.1f} s")
            with self._counting:
                self._left -= 1
                if not self._left:
                    self._then()

    def _break(self, fault: Fault) -> str:
        self._told(f"{fault} for {fault.for_s:g} s")
        act = {"kill": self._testbed.kill, "pause": self._testbed.pause, "end": self._testbed.end}
        try:
            act[fault.kind](fault.process)
        except Exception as error:  # whatever the machine says: the others go on, and the run tells of it
            return f"{fault}: {type(error).__name__}: {error}"
        return ""

    def _mend(self, fault: Fault) -> str:
        if fault.kind == "pause":
            self._testbed.resume(fault.process)
            return ""
        ends_s = time.monotonic() + MENDED_WITHIN_S
        while True:
            try:
                self._testbed.restart(fault.process)
            except TestbedFailed as failed:
                if time.monotonic() >= ends_s or self._over.is_set():
                    return str(failed).partition("\n")[0]
                time.sleep(_PAUSE_S)
            else:
                return ""
