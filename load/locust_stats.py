"""Tells Locust's own statistics of many requests at once, for its web page, its tables and `--csv`.

Firing Locust's event for each request costs as much as sending it.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from locust import stats as locust_stats

from load.client.checked import Measured

Key = tuple[str, str]
"""A request's name and method, as Locust orders them."""


class LocustStats:
    """What Locust has not been told yet."""

    def __init__(self, environment: Any) -> None:
        self._environment = environment
        self._times: dict[Key, list[float]] = {}
        self._lengths: dict[Key, int] = {}
        self._failures: list[tuple[Key, Exception]] = []
        self._listeners: list[Callable[..., object]] = []

    def note(self, measured: Measured) -> None:
        """Keep a request until it is told."""
        key = measured.name, measured.method
        times = self._times.get(key)
        if times is None:
            times = self._times.setdefault(key, [])
            self._lengths.setdefault(key, 0)
        times.append(measured.ended - measured.intended)
        self._lengths[key] += len(measured.answer.content)
        if measured.failure is not None:
            self._failures.append((key, measured.failure))
        if self._listeners:
            self._fire(measured)

    def tell(self) -> None:
        """Tell Locust what there is, and see who else wants to know of each request from now on."""
        stats = self._environment.stats
        for key, times in self._times.items():
            if times:
                told = np.array(times) * 1000
                times.clear()
                for entry in (stats.entries[key], stats.total):
                    _add(entry, told, self._lengths[key])
                self._lengths[key] = 0
        failures, self._failures = self._failures, []
        for (name, method), failure in failures:
            stats.log_error(method, name, failure)
        self._listeners = list(_others(self._environment.events.request._handlers))

    def forget(self) -> None:
        """Forget what was not told: a run begins."""
        self._times, self._lengths, self._failures = {}, {}, []
        self._listeners = list(_others(self._environment.events.request._handlers))

    def _fire(self, measured: Measured) -> None:
        """Tell those who listen to Locust's event, each request at a time; that is what costs."""
        event = type(self._environment.events.request)()
        event._handlers = self._listeners
        event.fire(
            request_type=measured.method,
            name=measured.name,
            response_time=(measured.ended - measured.intended) * 1000,
            response_length=len(measured.answer.content),
            response=measured.answer,
            context=dict(measured.context),
            exception=measured.failure,
            start_time=time.time() - (time.perf_counter() - measured.intended),
            url=measured.answer.url,
        )


def _others(handlers: Iterable[Callable[..., object]]) -> Iterable[Callable[..., object]]:
    """Leave out Locust's own listener, which fills the statistics that we fill."""
    return (each for each in handlers if getattr(each, "__module__", "") != "locust.runners")


def _add(entry: Any, times_ms: "np.ndarray[Any, np.dtype[np.float64]]", length: int) -> None:
    """Do to an entry what its `log` does for one request."""
    now = time.time()
    last = entry.last_request_timestamp
    if entry.use_response_times_cache and last and int(now) > int(last):
        entry._cache_response_times(int(now) - 1)
    entry.num_requests += times_ms.size
    entry.num_reqs_per_sec[int(now)] += times_ms.size
    entry.last_request_timestamp = now
    entry.total_response_time += float(times_ms.sum())
    lowest = float(times_ms.min())
    entry.min_response_time = (
        lowest if entry.min_response_time is None else min(entry.min_response_time, lowest)
    )
    entry.max_response_time = max(entry.max_response_time, float(times_ms.max()))
    for rounded, count in zip(*np.unique(np.rint(times_ms), return_counts=True), strict=True):
        entry.response_times[locust_stats.bucket_response_time(int(rounded))] += int(count)
    entry.total_content_length += length
