"""The service's side of its worker processes: who is free, who has died, and sending them work."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from typing import Any

from sut.pricing.worker import MESSAGE_BYTES

log = logging.getLogger(__name__)

_SECRETS = ("DATABASE_URL", "BROKER_URL", "OTEL_EXPORTER_OTLP_HEADERS")
_RESTART_S = 0.2


class WorkerDied(Exception):  # noqa: N818 - named for what happened, not for being an error
    """The process ended before it answered."""


class Worker:
    """One worker process."""

    def __init__(self, channel: socket.socket, process: int) -> None:
        channel.setblocking(False)
        self._channel = channel
        self._process = process
        self.fit = True

    @property
    def alive(self) -> bool:
        """Whether the process is there, at work or waiting for some."""
        try:
            return bool(self._channel.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return True
        except OSError:
            return False

    async def do(self, job: dict[str, Any], file: int) -> dict[str, Any]:
        """Send it a stage, with the model's file, and wait for the answer.

        Raises:
            WorkerDied: it ended without one.
        """
        self.fit = False  # until it has answered
        try:
            socket.send_fds(self._channel, [json.dumps(job).encode()], [file])
            message = await asyncio.get_running_loop().sock_recv(self._channel, MESSAGE_BYTES)
        except OSError:
            message = b""
        if not message:
            raise WorkerDied
        answer: dict[str, Any] = json.loads(message)
        self.fit = not answer["leaves"]
        return answer

    def kill(self) -> None:
        """Kill the process, whatever it does."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._process, signal.SIGKILL)

    def end(self) -> None:
        """Kill the process and forget it."""
        self.kill()
        self._channel.close()
        os.close(self._process)


class Crew:
    """As many workers as wanted; one that ends is replaced."""

    def __init__(self, count: int, memory_mb: int) -> None:
        self._count = count
        self._memory_mb = memory_mb
        self._nursery: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._free: asyncio.LifoQueue[Worker] = asyncio.LifoQueue()
        self._members: set[Worker] = set()
        self._restart: asyncio.TimerHandle | None = None

    @property
    def working(self) -> bool:
        """Whether there is anybody to do the work."""
        return any(worker.alive for worker in self._members)

    async def start(self) -> None:
        """Begin to raise workers; return at once."""
        self._raise_nursery()

    async def stop(self) -> None:
        """End every worker."""
        if self._restart:
            self._restart.cancel()
        self._end_nursery()
        for worker in list(self._members):
            self._dismiss(worker)

    async def take(self) -> Worker:
        """Wait for a worker that is free; it must be given back."""
        while True:
            worker = await self._free.get()
            if worker.alive:
                return worker
            self._dismiss(worker)

    def give_back(self, worker: Worker) -> None:
        """Have a worker wait for its next stage, or end it if it is not fit for one."""
        if worker.fit:
            self._free.put_nowait(worker)
        else:
            self._dismiss(worker)

    def _dismiss(self, worker: Worker) -> None:
        if worker in self._members:  # else everybody was sent away meanwhile
            self._members.remove(worker)
            worker.end()

    def _raise_nursery(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        arguments = [str(each) for each in (theirs.fileno(), self._count, self._memory_mb, os.getpid())]
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "sut.pricing.nursery", *arguments],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={**_harmless_environment(), "OPENBLAS_NUM_THREADS": "1"},
        )
        theirs.close()
        ours.setblocking(False)
        self._control = ours
        asyncio.get_running_loop().add_reader(ours.fileno(), self._welcome)

    def _welcome(self) -> None:
        handles: list[int] = []
        if self._control:
            with suppress(ConnectionResetError):
                _, handles, _, _ = socket.recv_fds(self._control, 1, 2)
        if handles:
            channel, process = handles
            worker = Worker(socket.socket(fileno=channel), process)
            self._members.add(worker)
            self._free.put_nowait(worker)
            return
        log.error("the workers' nursery has ended; raising another")
        self._end_nursery()
        self._restart = asyncio.get_running_loop().call_later(_RESTART_S, self._raise_nursery)

    def _end_nursery(self) -> None:
        if self._control:
            asyncio.get_running_loop().remove_reader(self._control.fileno())
            self._control.close()
            self._control = None
        if self._nursery:
            self._nursery.kill()
            self._nursery.wait()


def _harmless_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _SECRETS}
