"""What a generator process notes while it runs, and writes down when it ends."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import gevent
import psutil

from load.hlog import write_hlog
from load.recorder import BEGINS, PROGRESS, RECORDED
from load.recovery import by_second, recovery, told
from load.results import HISTOGRAMS, write_plots
from load.series import Series
from load.session import Session
from load.steady import Steady

SAYS_EVERY_S = 5.0
ANSWERED_WITHIN_S = 5.0
MOST_OVERDUE_SHARE = 0.1
"""A machine that stands still at the end of a load keeps a few from beginning; that is no other load."""


class Run:
    """Listens to Locust: records requests, says how it goes, and leaves evidence beside the ledger.

    Workers send what they recorded to the master, which merges it; the master, or a single process, writes.
    """

    def __init__(self, environment: Any, session: Session) -> None:
        self._environment, self._session = environment, session
        self._process = psutil.Process()
        self._started, self._started_at, self._cpu_s = 0.0, "", 0.0
        self._lasted_s = 0.0
        self._steady: Steady | None = None

    def follow(self) -> None:
        """Listen to what happens in this process."""
        events = self._environment.events
        events.request.add_listener(self._record)
        events.test_start.add_listener(self._begin)
        events.test_stopping.add_listener(self._stop)
        events.test_stop.add_listener(self._end)
        events.user_error.add_listener(self._stumble)
        if type(self._environment.runner).__name__ == "MasterRunner":
            events.quit.add_listener(self._write)
        events.report_to_master.add_listener(self._report)
        events.worker_report.add_listener(self._merge)

    def _record(
        self,
        request_type: str,
        name: str,
        response_time: float,
        exception: object,
        context: Mapping[str, Any] | None = None,
        **_: object,
    ) -> None:
        time_ms = response_time or 0.0
        failure = None if exception is None else str(exception) or type(exception).__name__
        begun = time.perf_counter() - time_ms / 1000
        known = context or {}
        self._session.recorder.request(
            f"{request_type} {name}",
            time_ms,
            failure,
            ours_ms=self._session.lateness.explains_ms(begun, known.get("sent_late_ms", 0.0)),
            service_ms=known.get("service_ms"),
            intended=known.get("intended"),
        )

    def _stumble(self, user_instance: Any, exception: BaseException, **_: object) -> None:
        """Count what a user could not go on from: a page without its form, an answer without its field."""
        why = f"{type(exception).__name__}: {exception}"
        self._session.recorder.request(f"STEP {user_instance.place}", 0.0, why)

    def _report(self, client_id: str, data: dict[str, Any]) -> None:
        data["assay"] = self._session.recorder.take()

    def _merge(self, client_id: str, data: dict[str, Any]) -> None:
        self._session.recorder.merge(data["assay"])

    def _begin(self, **_: object) -> None:
        self._session.recorder.take()  # a run from the web page begins anew
        self._started, self._started_at = time.monotonic(), _now()
        self._cpu_s = self._cpu()
        self._session.lateness.start()
        print(BEGINS, flush=True)
        gevent.spawn(self._say)
        if self._session.profile.arrivals and self._arrivals_are_ours():
            self._steady = Steady(self._environment, self._session)
            self._steady.start()

    def _arrivals_are_ours(self) -> bool:
        """A rate is the whole load's: of several generators the first applies it."""
        runner = self._environment.runner
        return type(runner).__name__ != "MasterRunner" and getattr(runner, "worker_index", 0) <= 0

    def _stop(self, **_: object) -> None:
        if self._steady:
            self._steady.stop()

    def _end(self, **_: object) -> None:
        if self._steady:
            self._steady.end(ANSWERED_WITHIN_S)
        self._session.stop_looking()
        elapsed_s = time.monotonic() - self._started
        self._lasted_s = elapsed_s
        self._write()
        self._started = 0.0

    def _write(self, **_: object) -> None:
        """Leave what was measured; a master does so once more when its workers have told the last of it."""
        if type(self._environment.runner).__name__ == "WorkerRunner" or not self._lasted_s:
            return
        folder = self._session.ledger.path.parent
        folder.mkdir(parents=True, exist_ok=True)
        found = json.dumps(self._found(self._lasted_s), indent=2)
        (folder / RECORDED).write_text(found, encoding="utf-8")
        write_hlog(folder / HISTOGRAMS, self._session.recorder.operations)
        write_plots(folder, self._session.recorder)

    def _found(self, elapsed_s: float) -> dict[str, Any]:
        lag = self._session.lateness.series.summary(elapsed_s)
        cpu_share = (self._cpu() - self._cpu_s) / elapsed_s if elapsed_s else 0.0
        return {
            "profile": self._session.profile.name,
            "started_at": self._started_at,
            "finished_at": _now(),
            "planned_s": self._session.profile.seconds,
            "elapsed_s": round(elapsed_s, 3),
            **self._session.recorder.evidence(elapsed_s),
            "figures": self._figures(),
            "seconds": told(self._answered(), self._session.recorder.spans.values()),
            "generator": {
                "cpu_share": round(cpu_share, 3),
                "lag_p99_ms": lag.get("p99_ms"),
                "arrivals_lag_p99_ms": self._steady.lag_p99_ms() if self._steady else None,
            },
            "arrivals": self._steady.accounts() if self._steady else {},
            "not_applied": self._not_applied(),
        }

    def _not_applied(self) -> str:
        """Say what of the planned load was not there; what was shed counts as failed already."""
        missing = []
        if gone := self._session.turned_away:
            missing.append(f"{gone} of {self._session.profile.users} users could not begin")
        if refused := self._session.wares.refused:
            missing.append(
                f"{refused} orders were not placed, as max_orders = {self._session.profile.max_orders} "
                f"of profile {self._session.profile.name} was reached"
            )
        for name, each in (self._steady.accounts() if self._steady else {}).items():
            if each["overdue"] > MOST_OVERDUE_SHARE * each["planned"]:
                missing.append(f"{each['overdue']} of {each['planned']} arrivals of {name} did not begin")
        return "; ".join(missing)

    def _figures(self) -> dict[str, Any]:
        surge = self._session.profile.surge
        if surge is None or self._steady is None:
            return {}
        return {"recovery": recovery(by_second(self._answered()), surge, self._steady.began)}

    def _answered(self) -> list[Series]:
        operations = self._session.recorder.operations
        return [series for name, series in operations.items() if not name.startswith("STEP")]

    def _say(self) -> None:
        begun, planned = self._started, self._session.profile.seconds
        while self._started == begun:
            gevent.sleep(SAYS_EVERY_S)
            recorder, orders = self._session.recorder, len(self._session.ledger.acknowledged)
            lasted = time.monotonic() - begun
            # Who started it in Locust's web page ends it there.
            of = f" of {planned:.0f}" if lasted <= planned else ""
            print(
                f"{PROGRESS}{lasted:3.0f}{of} s  {recorder.requests:5d} requests  "
                f"{recorder.failed:3d} failed  {orders:4d} orders",
                flush=True,
            )

    def _cpu(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
