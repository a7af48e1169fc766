"""What is measured of a request, and answers that their callers judge.

`with client.get(path, catch_response=True) as answer: answer.failure(why)`
"""

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, NamedTuple, Self

from load.client.answer import Answer


class Refused(Exception):  # noqa: N818 - named for what happened, as our errors are
    """An answer is not what it must be."""


_ENDS_OF_TASKS = frozenset(
    ("StopUser", "StopTest", "RescheduleTask", "RescheduleTaskImmediately", "InterruptTaskSet")
)


def ends_a_task(error: BaseException) -> bool:
    """Return whether an exception is one of those by which Locust's tasks are ended: that is no error."""
    kinds = type(error).__mro__
    return any(each.__name__ in _ENDS_OF_TASKS and each.__module__ == "locust.exception" for each in kinds)


class Measured(NamedTuple):
    """One request. Units: seconds by `time.perf_counter`."""

    method: str
    name: str
    intended: float
    sent: float
    ended: float
    failure: Exception | None
    answer: Answer
    context: Mapping[str, Any]


Observe = Callable[[Measured], None]


class CheckedAnswer(Answer):
    """An answer whose request is reported when its `with` block ends, however that ends."""

    __slots__ = ("_is_judged", "_observe", "measured")

    def __init__(self, answer: Answer, measured: Measured, observe: Observe) -> None:
        super().__init__(answer.status_code, answer.raw_headers, answer.content, answer.url)
        self.error, self.history = answer.error, answer.history
        self._is_judged = False
        self.measured, self._observe = measured, observe
        """What will be reported; whoever knows better may change it."""

    def success(self) -> None:
        """Count the request as good, whatever its status."""
        self.measured, self._is_judged = self.measured._replace(failure=None), True

    def failure(self, why: str | Exception) -> None:
        """Count the request as failed, whatever its status."""
        failure = why if isinstance(why, Exception) else Refused(why)
        self.measured, self._is_judged = self.measured._replace(failure=failure), True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Report the request; an error that ends the block unjudged is its failure, and goes on."""
        is_open = not self._is_judged and self.measured.failure is None
        if is_open and isinstance(error, Exception) and not ends_a_task(error):
            self.failure(error)
        self._observe(self.measured)


def failure_of(answer: Answer) -> Exception | None:
    """Return why an answer that nobody judges counts as failed."""
    if answer.error is not None:
        return answer.error
    return None if answer.status_code < 400 else Refused(f"status {answer.status_code}")
