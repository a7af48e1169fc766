"""A clock that calls at the moment it was set to: gevent's own timers come about a millisecond late."""

import ctypes
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import gevent

_MONOTONIC, _ABSOLUTE, _READ = 1, 1, 1
SOON_S = 20e-6
_NONBLOCKING = os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0)


class _Timespec(ctypes.Structure):
    _fields_ = (("s", ctypes.c_long), ("ns", ctypes.c_long))


class _Setting(ctypes.Structure):
    _fields_ = (("every", _Timespec), ("at", _Timespec))


class Alarm:
    """Calls back in gevent's hub, once per setting. Times are `time.perf_counter`'s, in seconds."""

    def __init__(self, call: Callable[[], None]) -> None:
        self._call, self._loop = call, gevent.get_hub().loop
        self._watcher: Any = None
        self._file = -1
        with suppress(OSError, AttributeError):
            if sys.platform == "linux":  # where perf_counter is the monotonic clock
                self._libc = ctypes.CDLL(None, use_errno=True)
                self._file = self._libc.timerfd_create(_MONOTONIC, _NONBLOCKING)
        if self._file >= 0:
            self._setting = _Setting()
            self._pointer, self._settime = ctypes.byref(self._setting), self._libc.timerfd_settime
            self._watcher = self._loop.io(self._file, _READ)
            self._watcher.start(self._call)

    def set(self, moment: float) -> None:
        """Call at that moment, or at once where it has passed; forget any earlier setting."""
        if self._file < 0:
            self._set_roughly(moment)
            return
        at = self._setting.at
        at.s = whole = int(moment)
        at.ns = max(1, int((moment - whole) * 1e9))  # a setting of zero would disarm it
        self._settime(self._file, _ABSOLUTE, self._pointer, None)  # which also forgets the last call

    def set_again(self, moment: float, now: float) -> None:
        """Do what `set` does, from within the call: what is due soon keeps it ringing, which costs less."""
        if self._file < 0 or moment > now + SOON_S:
            self.set(moment)

    def close(self) -> None:
        """Call no more."""
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.close()
            self._watcher = None
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
            self._call = _nothing

    def _set_roughly(self, moment: float) -> None:
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.close()
        self._watcher = self._loop.timer(max(0.0, moment - time.perf_counter()))
        self._watcher.start(self._call)


def _nothing() -> None:
    """Stand in for what is no longer called."""
