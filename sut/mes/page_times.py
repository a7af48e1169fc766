"""How long the MES's pages take in the operators' own browsers, as those report it (`page-times.js`)."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CollectorRegistry, Histogram

from sut import sessions
from sut.accounts.current import SignedIn
from sut.pages.forms import read_body
from sut.problems import Problem

PAGES = ("dead-letters", "notifications", "order", "orders")
#: Nobody looks at more pages than that in a minute, and no number of browsers may take our time.
EACH_MOST, ALL_MOST = 120, 3000
LONGEST_MS = 120_000
_BODY_MOST_BYTES = 1000
_WINDOW_S = 60
_BUCKETS_S = (0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 30)

router = APIRouter(include_in_schema=False)


class Report(NamedTuple):
    """What a browser measured from the click on; `rows_ms` is None where a page has no rows."""

    token: str
    page: str
    first_byte_ms: float
    rows_ms: float | None


class PageTimes:
    """The histograms of what browsers report, and how much they may report."""

    def __init__(self, registry: CollectorRegistry, clock: Callable[[], float] = time.monotonic) -> None:
        self._first_byte = _histogram(
            "assay_page_first_byte_seconds", "From the click to the page's first byte", registry
        )
        self._rows = _histogram("assay_page_rows_seconds", "From the click until rows are visible", registry)
        self._clock = clock
        self._window = 0
        self._reports: Counter[UUID] = Counter()

    def admit(self, account_id: UUID) -> bool:
        """Say whether another report of somebody is taken now, and count it."""
        window = int(self._clock() // _WINDOW_S)
        if window != self._window:
            self._window, self._reports = window, Counter()
        if self._reports[account_id] >= EACH_MOST or self._reports.total() >= ALL_MOST:
            return False
        self._reports[account_id] += 1
        return True

    def note(self, report: Report) -> None:
        """Keep what was measured."""
        self._first_byte.labels(report.page).observe(report.first_byte_ms / 1000)
        if report.rows_ms is not None:
            self._rows.labels(report.page).observe(report.rows_ms / 1000)


@router.post("/page-times")
async def take(request: Request, operator: SignedIn) -> Response:
    """Take the times of one page; they change nothing but histograms, and still are nobody else's to send."""
    times: PageTimes = request.app.state.page_times
    if not times.admit(operator.id):
        raise Problem(429, "That are more pages than anybody looks at.", headers={"Retry-After": "60"})
    report = read(await read_body(request, _BODY_MOST_BYTES))
    sessions.check_csrf(request, report.token)
    times.note(report)
    return Response(status_code=204)


def read(body: bytes) -> Report:
    """Read a report.

    Raises:
        Problem: 400 it is not JSON, 422 it is not what the script sends.
    """
    try:
        sent: Any = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise Problem(400, "The report is not JSON in UTF-8.") from None
    if not isinstance(sent, dict) or sent.keys() != set(Report._fields):
        raise _odd()
    report = Report(**sent)
    if not isinstance(report.token, str) or report.page not in PAGES or not _is_time(report.first_byte_ms):
        raise _odd()
    if report.rows_ms is not None and not (
        _is_time(report.rows_ms) and report.rows_ms >= report.first_byte_ms
    ):
        raise _odd()
    return report


def _is_time(value: object) -> bool:
    """Say whether it is a number within bounds; JSON also brings NaN, infinity and numbers of any length."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LONGEST_MS


def _odd() -> Problem:
    return Problem(422, "That is not how a page of ours reports its times.")


def _histogram(name: str, what: str, registry: CollectorRegistry) -> Histogram:
    histogram = Histogram(
        name, f"{what}, as operators' browsers report it.", ["page"], buckets=_BUCKETS_S, registry=registry
    )
    for page in PAGES:
        histogram.labels(page)  # so that a page which nobody has opened reads 0
    return histogram
