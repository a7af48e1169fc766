"""Asking a service and judging its answer by what it says, not by its status alone."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from gevent import GreenletExit
from locust.contrib.fasthttp import FastHttpSession
from locust.exception import RescheduleTask

TIMEOUT_S = 10.0
SHOWN_CHARACTERS = 160
STUCK_AFTER_S = 2.0
"""A request that waits longer than this when a run ends has failed; a younger one was merely cut off."""


def client_of(url: str, requests: Any, most_at_once: int) -> FastHttpSession:
    """Return a client that is nobody's in particular and does not repeat what fails."""
    client = FastHttpSession(
        url,
        requests,
        None,
        network_timeout=TIMEOUT_S,
        connection_timeout=TIMEOUT_S,
        max_retries=0,
        concurrency=most_at_once,
    )
    client.client.redirect_response_codes = frozenset()
    return client


@contextmanager
def asked(
    client: FastHttpSession,
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
    begun = time.perf_counter()
    try:
        answer = client.request(
            method, path, name=operation, catch_response=True, allow_redirects=False, **details
        )
    except GreenletExit:
        _count_unanswered(client, method, operation, time.perf_counter() - (intended or begun))
        raise
    with answer:
        if intended is not None:
            answer.request_meta["response_time"] = (time.perf_counter() - intended) * 1000
            answer.request_meta["context"] = {"sent_late_ms": (begun - intended) * 1000}
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


def _count_unanswered(client: FastHttpSession, method: str, operation: str, waited_s: float) -> None:
    if waited_s > STUCK_AFTER_S:
        client.request_event.fire(
            request_type=method,
            name=operation,
            response_time=waited_s * 1000,
            response_length=0,
            exception=TimeoutError("not answered when the load ended"),
            context={},
        )
