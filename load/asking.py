"""Asking a service and judging its answer by what it says, not by its status alone."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from gevent import GreenletExit
from locust.event import EventHook
from locust.exception import RescheduleTask

from load.client.checked import Measured
from load.client.client import STUCK_AFTER_S, HttpClient

TIMEOUT_S = 10.0
SHOWN_CHARACTERS = 160


def client_of(url: str, requests: EventHook) -> HttpClient:
    """Return a client that is nobody's in particular; what it asks is fired as Locust's clients fire it."""

    def tell(measured: Measured) -> None:
        requests.fire(
            request_type=measured.method,
            name=measured.name,
            response_time=(measured.ended - measured.intended) * 1000,
            response_length=len(measured.answer.content),
            exception=measured.failure,
            context={
                "sent_late_ms": (measured.sent - measured.intended) * 1000,
                "service_ms": (measured.ended - measured.sent) * 1000,
                "intended": measured.intended,
            },
        )

    return HttpClient(url, tell, timeout_s=TIMEOUT_S, connecting_s=TIMEOUT_S)


@contextmanager
def asked(
    client: Any,
    method: str,
    path: str,
    operation: str,
    *,
    expected: tuple[int, ...] = (200,),
    intended: float | None = None,
    **details: Any,
) -> Iterator[Any]:
    """Send a request and yield its answer; one that is not expected, or not understood, fails.

    Units: `intended` is when it should have been sent, by `time.perf_counter`; the time is taken from there.

    Raises:
        RescheduleTask: the request has failed, and is counted as such.
    """
    with _answered(client, method, path, operation, intended, details) as answer:
        if answer.status_code not in expected:
            refuse(answer, f"status {answer.status_code}: {(answer.text or '')[:SHOWN_CHARACTERS]}")
        try:
            yield answer
        except RescheduleTask:
            raise
        except Exception as error:  # an answer that we stumble over must not go uncounted
            refuse(answer, f"not understood: {type(error).__name__}: {error}")
        if answer.status_code >= 400:
            answer.success()


def _answered(
    client: Any, method: str, path: str, operation: str, intended: float | None, details: dict[str, Any]
) -> Any:
    """Send a request with our client, as a visitor of its own, or with a user's client of Locust's."""
    if isinstance(client, HttpClient):
        client = client.visitor()
        client.intended = intended
    begun = time.perf_counter()
    try:
        return client.request(
            method, path, name=operation, catch_response=True, allow_redirects=False, **details
        )
    except GreenletExit:
        if not isinstance(client, HttpClient):  # ours counts it itself
            _count_unanswered(client, method, operation, time.perf_counter() - begun)
        raise


def refuse(answer: Any, why: str) -> NoReturn:
    """Count an answer as failed, whatever its status, and end the task."""
    answer.failure(why)
    raise RescheduleTask


def must(answer: Any, holds: bool, why: str) -> None:
    """Count an answer as failed, and end the task, unless what must hold does."""
    if not holds:
        refuse(answer, why)


def body_of(answer: Any) -> dict[str, Any]:
    """Read a JSON object; anything else under a good status is a failure."""
    try:
        body = answer.json()
    except ValueError:
        refuse(answer, f"not JSON: {(answer.text or '')[:SHOWN_CHARACTERS]}")
    must(answer, isinstance(body, dict), "the body is no JSON object")
    return dict(body)


def _count_unanswered(client: Any, method: str, operation: str, waited_s: float) -> None:
    if waited_s > STUCK_AFTER_S:
        client.request_event.fire(
            request_type=method,
            name=operation,
            response_time=waited_s * 1000,
            response_length=0,
            exception=TimeoutError("not answered when the load ended"),
            context={},
        )
