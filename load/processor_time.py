"""The processor time of running processes, to the nanosecond: the quietest figure of a busy machine."""

import time
from collections.abc import Iterable, Mapping

import psutil

_WHOLE_PROCESS = 2
"""Linux's clock of all threads of a process, as clock_getcpuclockid(3) makes it of its id."""


def of_process_ns(pid: int) -> int:
    """Return what a process, with all its threads, has used.

    Raises:
        ProcessLookupError: it has ended.
    """
    try:
        return time.clock_gettime_ns((~pid << 3) | _WHOLE_PROCESS)
    except OSError as error:
        raise ProcessLookupError(f"process {pid} has ended") from error


def families(pids: Iterable[int]) -> tuple[int, ...]:
    """Return processes with all their descendants."""
    found: list[int] = []
    for pid in pids:
        try:
            found += [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
        except psutil.NoSuchProcess:
            continue
    return tuple(found)


class Meter:
    """Adds up what some processes use between two looks; those that have ended count no more."""

    def __init__(self, pids: Iterable[int]) -> None:
        self._last = self._read(pids)

    def used_ns(self) -> int:
        """Return what the processes have used since the last look."""
        now = self._read(self._last)
        used = sum(now[pid] - self._last[pid] for pid in now)
        self._last = now
        return used

    def _read(self, pids: Iterable[int] | Mapping[int, int]) -> dict[int, int]:
        found = {}
        for pid in pids:
            try:
                found[pid] = of_process_ns(pid)
            except ProcessLookupError:
                continue
        return found
