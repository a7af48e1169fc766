"""One user class of an open load in one process: its visitors come, do one task each, and go."""

import logging
from typing import Any

import gevent
from locust.exception import StopTest

from load.account import Account
from load.arrivals import Arrivals
from load.client.checked import ends_a_task
from load.paces import Pace, Share
from load.recorder import Recorder

_log = logging.getLogger(__name__)


class Opened:
    """A user who stands for all visitors of the class, and their arrivals."""

    arrivals: Arrivals
    """Once they are planned."""

    def __init__(self, kind: Any, environment: Any, recorder: Recorder) -> None:
        self.name, self._environment, self._recorder = kind.__name__, environment, recorder
        self._user = kind(environment)
        self._user.host = environment.host or self._user.host
        self.begins_s = 0.0

    def prepare(self) -> None:
        """Let the user get ready.

        Raises:
            ValueError: its tasks are none that visitors can do.
        """
        self._user.must_have_tasks()
        self._user.on_start()

    def plan(self, pace: Pace, share: Share) -> Arrivals:
        """Return the arrivals, which have not begun."""
        most = type(self._user).most_in_flight
        self.arrivals = Arrivals(pace, self._visit, most_in_flight=most, share=share)
        return self.arrivals

    def account(self) -> Account:
        """Return what was planned and what came of it."""
        account, client = self.arrivals.account(), self._user._client
        account.begins_s = self.begins_s
        account.repeated = 0 if client is None else client.repeated
        return account

    def say_goodbye(self) -> None:
        """Let the user clear up, whatever comes of that, and close its connections."""
        try:
            self._user.on_stop()
        except Exception as error:
            self.stumble(error)
        self._user.close_connections()

    def stumble(self, error: BaseException) -> None:
        """Tell Locust of an error in a task."""
        self._environment.events.user_error.fire(
            user_instance=self._user, exception=error, tb=error.__traceback__
        )

    def _visit(self, intended: float) -> None:
        try:
            self._user.visit(intended)
        except (Exception, gevent.Timeout) as error:
            if isinstance(error, StopTest):
                self._stop_all(error)
            elif not ends_a_task(error):
                self._recorder.request(f"TASK {self.name}", 0.0, f"{type(error).__name__}: {error}")
                self.stumble(error)

    def _stop_all(self, why: StopTest) -> None:
        """End the load, as Locust does for users of its own."""
        _log.error("a task ends the load: %s", why)
        runner, options = self._environment.runner, self._environment.parsed_options
        gevent.spawn(runner.quit if getattr(options, "headless", False) else runner.stop)
