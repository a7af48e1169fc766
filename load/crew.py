"""The generators of one load: who applies which share, who was lost, whether all told what they measured."""

import time
from collections.abc import Callable
from typing import Any

import gevent
from gevent.event import Event
from locust.runners import MasterRunner, WorkerRunner

from load.paces import WHOLE, Share

SHARE, END, ENDED = "open-share", "open-end", "open-ended"
LOOKS_EVERY_S = 0.5
STARTS_AFTER_S = 1.0
"""All generators begin at the same moment, by clocks that agree; until then the news of it has come."""
GRACE_S = 5.0


class Crew:
    """All generators as the master sees them; in a worker, its share; alone, the whole.

    A lost worker's share goes to the others, and what it had not reported is gone: that is told.
    """

    def __init__(self, environment: Any, on_share: Callable[[Share], None]) -> None:
        self._environment, self._on_share = environment, on_share
        self._working: list[str] = []
        self._ended: set[str] = set()
        self._looking: Any = None
        self._begun = 0.0
        self.lost: list[str] = []
        """Which workers, and when."""
        self.most = 1
        self.share = WHOLE
        self._has_share = Event()
        self.starts_at = 0.0
        """When the first arrives, by `time.time`; 0 where nobody else is to be awaited."""

    def join(self, end: Callable[[], None]) -> None:
        """Listen to the others; `end` ends this process's part when the master says so."""
        runner = self._environment.runner
        if isinstance(runner, MasterRunner):
            runner.register_message(ENDED, self._one_ended)
        elif isinstance(runner, WorkerRunner):
            runner.register_message(SHARE, self._take)
            runner.register_message(END, lambda **_: self._end(end), concurrent=True)

    def begin(self) -> None:
        """Give each worker its share, and look after them."""
        self.lost, self._ended, self._working, self._begun = [], set(), [], time.perf_counter()
        if isinstance(self._environment.runner, MasterRunner):
            self.starts_at = time.time() + STARTS_AFTER_S
            self._look()
            self._looking = gevent.spawn(self._look_on)

    def await_share(self) -> Share:
        """Return this generator's share of this run; a worker is told it by the master, and when it starts.

        Raises:
            TimeoutError: it is not.
        """
        if isinstance(self._environment.runner, WorkerRunner) and not self._has_share.wait(GRACE_S):
            raise TimeoutError(f"the master told no share within {GRACE_S:g} s")
        return self.share

    def end(self, within_s: float) -> None:
        """Let every worker end, and wait for what it still has to tell."""
        self._has_share.clear()
        runner = self._environment.runner
        if not isinstance(runner, MasterRunner) or self._looking is None:
            return
        self._looking.kill()
        self._looking = None
        self._look(shares_out=False)
        for worker in self._working:
            runner.send_message(END, {}, worker)
        ends = time.perf_counter() + within_s + GRACE_S
        while set(self._working) - self._ended and time.perf_counter() < ends:
            gevent.sleep(0.02)
        self._lose(set(self._working) - self._ended, "did not tell its last measurements")

    def _look_on(self) -> None:
        while True:
            gevent.sleep(LOOKS_EVERY_S)
            self._look()

    def _look(self, *, shares_out: bool = True) -> None:
        clients = self._environment.runner.clients
        there = sorted(each.id for each in (*clients.ready, *clients.spawning, *clients.running))
        before = self._working
        self._lose(set(before) - set(there), "was lost")
        if shares_out:  # again and again: a worker that was not listening yet would wait for it in vain
            self._working = there
            self.most = max(self.most, len(there))
            for number, worker in enumerate(there):
                share = {"number": number, "of": len(there), "starts_at": self.starts_at}
                self._environment.runner.send_message(SHARE, share, worker)

    def _lose(self, workers: set[str], how: str) -> None:
        at_s = time.perf_counter() - self._begun
        self.lost += [f"worker {worker} {how}, at {at_s:.0f} s" for worker in sorted(workers)]
        self._working = [worker for worker in self._working if worker not in workers]

    def _one_ended(self, msg: Any, **_: object) -> None:
        self._ended.add(msg.node_id)

    def _take(self, msg: Any, **_: object) -> None:
        self.share = Share(int(msg.data["number"]), int(msg.data["of"]))
        self.starts_at = float(msg.data["starts_at"])
        self._has_share.set()
        self._on_share(self.share)

    def _end(self, end: Callable[[], None]) -> None:
        """In a worker: end, tell all that was measured, and then that this was all."""
        try:
            end()
        finally:
            self._environment.runner._send_stats()
            self._environment.runner.send_message(ENDED)
