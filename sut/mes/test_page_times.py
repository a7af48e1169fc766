"""What browsers report is taken if it can be true, and refused in every other case."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client import CollectorRegistry

from sut.mes.page_times import ALL_MOST, EACH_MOST, PAGES, PageTimes, Report, read
from sut.problems import Problem

GOOD = {"token": "t", "page": "orders", "first_byte_ms": 12.5, "rows_ms": 80}


@pytest.mark.parametrize("changed", [{}, {"rows_ms": None}, {"first_byte_ms": 0}, {"rows_ms": 12.5}])
def test_a_sound_report_is_read(changed: dict[str, Any]) -> None:
    """Milliseconds as browsers tell them; a page without rows has no time of them."""
    sent: dict[str, Any] = GOOD | changed

    assert read(json.dumps(sent).encode()) == Report(**sent)


@pytest.mark.parametrize(
    "changed",
    [
        {"page": "elsewhere"},
        {"page": ["orders"]},
        {"page": None},
        {"first_byte_ms": -1},
        {"first_byte_ms": "12"},
        {"first_byte_ms": True},
        {"first_byte_ms": None},
        {"first_byte_ms": float("nan")},
        {"rows_ms": float("inf")},
        {"rows_ms": 10**300},
        {"rows_ms": 12},
        {"rows_ms": 120_001},
        {"rows_ms": {}},
        {"token": 7},
        {"more": 1},
    ],
)
def test_a_report_that_cannot_be_true_is_refused(changed: dict[str, Any]) -> None:
    """Nothing odd reaches the histograms or makes a series."""
    with pytest.raises(Problem) as refused:
        read(json.dumps(GOOD | changed).encode())
    assert refused.value.status_code == 422


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"{", b"[" * 900, b'{"rows_ms": ' + b"1" * 900, b"page=orders"]
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    """Bytes of any kind are a refusal, not a failure."""
    with pytest.raises(Problem) as refused:
        read(body)
    assert refused.value.status_code == 400


@pytest.mark.parametrize("body", [b"[]", b"null", b"7", b'{"page": "orders"}'])
def test_json_of_another_shape_is_refused(body: bytes) -> None:
    """Every field must be there."""
    with pytest.raises(Problem) as refused:
        read(body)
    assert refused.value.status_code == 422


def test_times_are_kept_in_seconds_by_page() -> None:
    """Prometheus reads base units; a page without rows counts for its first byte alone."""
    registry = CollectorRegistry()
    times = PageTimes(registry)

    times.note(Report("t", "orders", 250, 1250))
    times.note(Report("t", "notifications", 250, None))

    assert registry.get_sample_value("assay_page_rows_seconds_sum", {"page": "orders"}) == 1.25
    assert registry.get_sample_value("assay_page_first_byte_seconds_sum", {"page": "notifications"}) == 0.25
    assert registry.get_sample_value("assay_page_rows_seconds_count", {"page": "notifications"}) == 0


def test_every_page_has_its_series_from_the_start() -> None:
    """A rate can be taken from the first report on."""
    registry = CollectorRegistry()
    PageTimes(registry)

    counts = [registry.get_sample_value("assay_page_rows_seconds_count", {"page": page}) for page in PAGES]
    assert counts == [0] * len(PAGES)


def test_one_reporter_is_held_back_and_the_others_are_not() -> None:
    """Whoever sends without end is heard again in the next minute."""
    now_s = [0.0]
    times, keen, other = PageTimes(CollectorRegistry(), clock=lambda: now_s[0]), uuid4(), uuid4()

    admitted = [times.admit(keen) for _ in range(EACH_MOST + 5)]

    assert admitted == [True] * EACH_MOST + [False] * 5
    assert times.admit(other)
    now_s[0] = 60
    assert times.admit(keen)


def test_many_reporters_together_are_held_back() -> None:
    """No number of browsers takes all of our time."""
    times = PageTimes(CollectorRegistry(), clock=lambda: 0.0)

    admitted = [times.admit(uuid4()) for _ in range(ALL_MOST + 1)]

    assert admitted.count(False) == 1
