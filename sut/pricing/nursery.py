"""Makes worker processes: `python -m sut.pricing.nursery FD COUNT MEMORY_MB OWNER`, started by the service.

It loads what the analyses need once and forks: a worker is there in milliseconds and shares that memory. It
has one thread and no event loop, which makes forking safe. For each worker it sends the service one end of a
channel and a handle of the process. When the service ends, however it ends, the kernel kills the nursery, and
with it the workers.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import socket
import sys
import time

import sut.solid  # noqa: F401 - with numpy, for the workers to inherit
from sut.pricing import worker

_PR_SET_PDEATHSIG = 1
_PAUSE_S = 0.05  # a worker that cannot start must not make us spin


def main(control: socket.socket, count: int, memory_mb: int, owner: int) -> None:
    """Keep so many workers alive."""
    _end_with(owner)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # for the service, which ends us
    gc.collect()
    gc.freeze()
    for _ in range(count):
        _fork(control, memory_mb)
    while True:
        os.wait()
        time.sleep(_PAUSE_S)
        _fork(control, memory_mb)


def _fork(control: socket.socket, memory_mb: int) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    nursery = os.getpid()
    pid = os.fork()
    if pid == 0:
        control.close()
        ours.close()
        _end_with(nursery)
        try:
            worker.work(theirs, memory_mb)
        finally:
            os._exit(0)
    handle = os.pidfd_open(pid)
    socket.send_fds(control, [b"w"], [ours.fileno(), handle])
    os.close(handle)
    ours.close()
    theirs.close()


def _end_with(parent: int) -> None:
    """Have the kernel kill this process when its parent ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before we asked
        os._exit(0)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), *map(int, sys.argv[2:]))
