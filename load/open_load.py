"""The open model in one Locust process: lets visitors arrive, records their requests, tells Locust and files.

It is there as soon as a locustfile has a class of `OpenHttpUser`.
"""

import gc
import inspect
import logging
import time
from pathlib import Path
from typing import Any

import gevent
from locust.runners import MasterRunner, WorkerRunner

from load.account import Account
from load.client.checked import Measured
from load.crew import Crew
from load.locust_stats import LocustStats
from load.opened import Opened
from load.paces import Pace, Share, at_rate
from load.recorder import Recorder
from load.results import Results
from load.series import Series

_log = logging.getLogger(__name__)
TELLS_EVERY_S = 0.5
ANSWERED_WITHIN_S = 5.0
STARTS_AFTER_S = 0.01
REPORTED = "open_load"
EX_UNKNOWN = 2
MOST_GARBAGE = 50_000


def load_of(environment: Any) -> "OpenLoad":
    """Return the environment's open load."""
    load = getattr(environment, "open_load", None)
    if load is None:
        load = environment.open_load = OpenLoad(environment)
    return load


class OpenLoad:
    """What one process applies and measures; the master's holds what all have measured."""

    def __init__(self, environment: Any) -> None:
        self._environment = environment
        self._stats = LocustStats(environment)
        self._crew = Crew(environment, self._take_share)
        self._opened: dict[str, Opened] = {}
        self._opening: list[Any] = []
        self._of_workers: dict[str, dict[str, Account]] = {}
        self._telling: Any = None
        self._starts = self._ended = 0.0
        self._faults: list[str] = []
        self._is_listening = self._has_set_exit_code = False
        self.recorder = Recorder()

    def listen(self) -> None:
        """Follow Locust's run; several user classes share one load."""
        if self._is_listening:
            return
        self._is_listening = True
        happens = self._environment.events
        happens.test_start.add_listener(self._begin)
        happens.test_stopping.add_listener(self._end)
        happens.quitting.add_listener(self._end)  # before Locust reckons its exit code
        happens.report_to_master._handlers.insert(0, self._report)  # before Locust packs its statistics
        happens.worker_report.add_listener(self._merge)
        happens.quit.add_listener(self._leave)
        self._crew.join(self._end)

    def observe(self, measured: Measured) -> None:
        """Record a request."""
        failure = measured.failure
        self.recorder.note(
            f"{measured.method} {measured.name}",
            measured.intended,
            measured.sent,
            measured.ended,
            None if failure is None else str(failure) or type(failure).__name__,
        )
        self._stats.note(measured)

    @property
    def lags(self) -> dict[str, Series]:
        """Return by how much this process's arrivals began late, by their user class."""
        return {name: each.arrivals.lag for name, each in self._opened.items()}

    @property
    def results(self) -> Results:
        """Return what was applied and measured so far."""
        accounts: dict[str, Account] = {name: each.account() for name, each in self._opened.items()}
        for of_worker in self._of_workers.values():
            for name, account in of_worker.items():
                accounts.setdefault(name, Account()).merge(Account.unpack(account.pack()))
        elapsed_s = (self._ended or time.perf_counter()) - self._starts
        for kind in self._kinds:
            pace, account = self._pace(kind), accounts.setdefault(kind.__name__, Account())
            account.expected = pace.planned(elapsed_s - account.begins_s)
            account.is_random = pace.is_random
        return Results(self.recorder, accounts, elapsed_s, [*self._crew.lost, *self._faults], self._crew.most)

    @property
    def _kinds(self) -> list[Any]:
        return [
            kind for kind in self._environment.user_classes if getattr(kind, "arrivals", None) is not None
        ]

    def _begin(self, **_: object) -> None:
        self.recorder, self._of_workers, self._opened, self._faults = Recorder(), {}, {}, []
        self._stats.forget()
        self._crew.begin()
        self._exit_with(None)
        self._starts, self._ended = self._start_of_all(), 0.0
        if isinstance(self._environment.runner, MasterRunner):
            return
        _warm_up()
        inspect.stack()  # Locust looks at its stack when it stops, and the first look takes some 200 ms
        gc.collect()
        gc.freeze()  # what is there stays: to look through it again and again would stop all for some 50 ms
        gc.set_threshold(MOST_GARBAGE)
        self._telling = gevent.spawn(self._tell)
        self._opening = [gevent.spawn(self._open, kind) for kind in self._kinds]

    def _start_of_all(self) -> float:
        """Return when the first arrive, by `time.perf_counter`: with other generators, when theirs do."""
        others = self._crew.starts_at
        return time.perf_counter() + (others - time.time() if others else STARTS_AFTER_S)

    def _open(self, kind: Any) -> None:
        """Let the visitors of one class arrive, once it is ready to have them."""
        try:
            opened = Opened(kind, self._environment, self.recorder)
            opened.prepare()
            arrivals = opened.plan(self._pace(kind), self._crew.await_share())
        except Exception as error:
            self._stumble(kind, error)
            return
        if self._ended:
            return
        starts, is_first = self._start_of_all(), not self._opened
        if is_first or self._crew.starts_at:
            self._starts = starts
        opened.begins_s = starts - self._starts
        self._opened[opened.name] = opened
        arrivals.start(after_s=starts - time.perf_counter())

    def _stumble(self, kind: Any, error: Exception) -> None:
        self._environment.events.user_error.fire(user_instance=kind, exception=error, tb=error.__traceback__)
        self._faults.append(f"{kind.__name__} could not begin: {error}")

    def _pace(self, kind: Any) -> Pace:
        return at_rate(kind.arrivals, getattr(self._environment.parsed_options, "arrival_rate", None))

    def _take_share(self, share: Share) -> None:
        for each in self._opened.values():
            each.arrivals.take_share(share)

    def _tell(self) -> None:
        while True:
            gevent.sleep(TELLS_EVERY_S)
            self._stats.tell()

    def _end(self, **_: object) -> None:
        """Let nothing more arrive, wait for the last answers, and bring together what was measured."""
        if self._ended or not self._starts:
            return
        self._ended = time.perf_counter()
        try:
            self._end_arrivals(max(ANSWERED_WITHIN_S, self._environment.stop_timeout or 0))
        finally:
            if self._telling is not None:
                self._telling.kill()
                self._telling = None
                gc.unfreeze()
            self._stats.tell()
            if not isinstance(self._environment.runner, WorkerRunner):
                self._write()

    def _end_arrivals(self, within_s: float) -> None:
        here = gevent.getcurrent()  # which may be a task, or an `on_start`, that ends the load
        for opening in self._opening:
            if opening is not here:
                opening.kill()
        self._crew.end(within_s)
        opened = list(self._opened.values())
        for each in opened:
            each.arrivals.stop()
        ends = time.perf_counter() + within_s
        for each in opened:
            each.arrivals.end(max(0.0, ends - time.perf_counter()))
        for each in opened:
            each.say_goodbye()

    def _report(self, client_id: str, data: dict[str, Any]) -> None:
        self._stats.tell()
        accounts = {name: each.account().pack() for name, each in self._opened.items()}
        data[REPORTED] = {"recorded": self.recorder.take(), "accounts": accounts, "faults": self._faults}

    def _merge(self, client_id: str, data: dict[str, Any]) -> None:
        if reported := data.get(REPORTED):
            self.recorder.merge(reported["recorded"])
            self._of_workers[client_id] = {
                name: Account.unpack(packed) for name, packed in reported["accounts"].items()
            }
            self._faults += [fault for fault in reported["faults"] if fault not in self._faults]

    def _write(self) -> None:
        results, options = self.results, self._environment.parsed_options
        has_failed = self._environment.runner.errors and getattr(options, "exit_code_on_error", 1)
        if results.doubt and not has_failed:  # else Locust says what its user wants to be said of failures
            self._exit_with(EX_UNKNOWN)
        folder = getattr(options, "hdr_folder", None)
        if not folder:
            return
        try:
            results.write(Path(folder))
        except OSError as error:
            _log.error("the figures could not be left in %s: %s", folder, error)
            self._exit_with(EX_UNKNOWN)

    def _exit_with(self, code: int | None) -> None:
        """Set Locust's exit code, or take back what we set for the run before; others' codes stay."""
        if self._environment.process_exit_code is None or self._has_set_exit_code:
            self._environment.process_exit_code = code
            self._has_set_exit_code = code is not None

    def _leave(self, **_: object) -> None:
        if not isinstance(self._environment.runner, WorkerRunner) and self._starts:
            print("\n".join(self.results.table()), flush=True)


def _warm_up() -> None:
    """Let numpy load what it loads when it is first used: that takes longer than an arrival may be late."""
    scratch = Series()
    scratch.note(0.0, 0.0, 0.001)
    scratch.pack()
