"""The open model in one Locust process: lets visitors arrive, records their requests, tells Locust and files.

It is there as soon as a locustfile has a class of `OpenHttpUser`.
"""

import gc
import inspect
import time
from pathlib import Path
from typing import Any

import gevent
from locust.runners import MasterRunner, WorkerRunner

from load.account import Account
from load.arrivals import Arrivals
from load.client.checked import Measured
from load.crew import Crew
from load.locust_stats import LocustStats
from load.paces import Pace, Share, at_rate
from load.recorder import Recorder
from load.results import Results
from load.series import Series

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
        self._arrivals: dict[str, Arrivals] = {}
        self._users: list[Any] = []
        self._of_workers: dict[str, dict[str, Account]] = {}
        self._telling: Any = None
        self._starts = self._ended = 0.0
        self._faults: list[str] = []
        self._is_listening = False
        self.recorder = Recorder()

    def listen(self) -> None:
        """Follow Locust's run; several user classes share one load."""
        if self._is_listening:
            return
        self._is_listening = True
        happens = self._environment.events
        happens.test_start.add_listener(self._begin)
        happens.test_stopping.add_listener(self._end)
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
        return {name: arrivals.lag for name, arrivals in self._arrivals.items()}

    @property
    def results(self) -> Results:
        """Return what was applied and measured so far."""
        accounts: dict[str, Account] = {name: each.account() for name, each in self._arrivals.items()}
        for of_worker in self._of_workers.values():
            for name, account in of_worker.items():
                accounts.setdefault(name, Account()).merge(Account.unpack(account.pack()))
        elapsed_s = (self._ended or time.perf_counter()) - self._starts
        for kind in self._kinds:
            pace = self._pace(kind)
            accounts.setdefault(kind.__name__, Account()).expected = pace.planned(elapsed_s)
        return Results(self.recorder, accounts, elapsed_s, [*self._crew.lost, *self._faults], self._crew.most)

    @property
    def _kinds(self) -> list[Any]:
        return [
            kind for kind in self._environment.user_classes if getattr(kind, "arrivals", None) is not None
        ]

    def _begin(self, **_: object) -> None:
        self.recorder, self._of_workers, self._arrivals, self._faults = Recorder(), {}, {}, []
        self._stats.forget()
        self._crew.begin()
        starts_in_s = self._crew.starts_at - time.time() if self._crew.starts_at else STARTS_AFTER_S
        self._starts, self._ended = time.perf_counter() + starts_in_s, 0.0
        if isinstance(self._environment.runner, MasterRunner):
            return
        _warm_up()
        inspect.stack()  # Locust looks at its stack when it stops, and the first look takes some 200 ms
        gc.collect()
        gc.freeze()  # what is there stays: to look through it again and again would stop all for some 50 ms
        gc.set_threshold(MOST_GARBAGE)
        self._telling = gevent.spawn(self._tell)
        for kind in self._kinds:
            gevent.spawn(self._open, kind)

    def _open(self, kind: Any) -> None:
        """Let the visitors of one class arrive, once it is ready to have them."""
        user = kind(self._environment)
        user.host = self._environment.host or user.host
        try:
            user.must_have_tasks()
            user.on_start()
            arrivals = Arrivals(
                self._pace(kind),
                lambda intended: self._visited(user, intended),
                most_in_flight=kind.most_in_flight,
                share=self._crew.share,
            )
        except Exception as error:
            self._stumble(user, error)
            self._faults.append(f"{kind.__name__} could not begin: {error}")
            return
        self._users.append(user)
        self._arrivals[kind.__name__] = arrivals
        if not self._crew.starts_at:
            self._starts = max(self._starts, time.perf_counter() + STARTS_AFTER_S)
        arrivals.start(after_s=self._starts - time.perf_counter())

    def _visited(self, user: Any, intended: float) -> None:
        try:
            user.visit(intended)
        except Exception as error:
            if type(error).__module__ != "locust.exception":  # those are how tasks are ended in Locust
                self.recorder.request(f"TASK {type(user).__name__}", 0.0, f"{type(error).__name__}: {error}")
                self._stumble(user, error)

    def _stumble(self, user: Any, error: Exception) -> None:
        self._environment.events.user_error.fire(user_instance=user, exception=error, tb=error.__traceback__)

    def _pace(self, kind: Any) -> Pace:
        return at_rate(kind.arrivals, getattr(self._environment.parsed_options, "arrival_rate", None))

    def _take_share(self, share: Share) -> None:
        for arrivals in self._arrivals.values():
            arrivals.take_share(share)

    def _tell(self) -> None:
        while True:
            gevent.sleep(TELLS_EVERY_S)
            self._stats.tell()

    def _end(self, **_: object) -> None:
        """Let nothing more arrive, wait for the last answers, and bring together what was measured."""
        if self._ended or not self._starts:
            return
        self._ended = time.perf_counter()
        within_s = max(ANSWERED_WITHIN_S, self._environment.stop_timeout or 0)
        self._crew.end(within_s)
        for arrivals in self._arrivals.values():
            arrivals.stop()
        ends = time.perf_counter() + within_s
        for arrivals in self._arrivals.values():
            arrivals.end(max(0.0, ends - time.perf_counter()))
        for user in self._users:
            user.on_stop()
        self._users = []
        if self._telling is not None:
            self._telling.kill()
            self._telling = None
            gc.unfreeze()
        self._stats.tell()
        if not isinstance(self._environment.runner, WorkerRunner):
            self._write()

    def _report(self, client_id: str, data: dict[str, Any]) -> None:
        self._stats.tell()
        accounts = {name: arrivals.account().pack() for name, arrivals in self._arrivals.items()}
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
        folder = getattr(options, "hdr_folder", None)
        if folder:
            results.write(Path(folder))
        if (
            results.doubt
            and self._environment.process_exit_code is None
            and not self._environment.runner.errors
        ):
            self._environment.process_exit_code = EX_UNKNOWN

    def _leave(self, **_: object) -> None:
        if not isinstance(self._environment.runner, WorkerRunner) and self._starts:
            print("\n".join(self.results.table()), flush=True)


def _warm_up() -> None:
    """Let numpy load what it loads when it is first used: that takes longer than an arrival may be late."""
    scratch = Series()
    scratch.note(0.0, 0.0, 0.001)
    scratch.pack()
