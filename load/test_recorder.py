"""The recorder: exact to three digits, merging without loss, bounded."""

import csv
import json
import math
import random
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from load.recorder import (
    FAILURE_KINDS_KEPT,
    LONGEST_MS,
    OPERATIONS_KEPT,
    OTHER_OPERATIONS,
    Recorder,
    write_csv,
)


def recorded(times_ms: list[float], operation: str = "POST /v1/orders") -> Recorder:
    """A recorder that saw these times."""
    recorder = Recorder()
    for time_ms in times_ms:
        recorder.request(operation, time_ms)
    return recorder


def lognormal(seed: int, count: int = 5000) -> list[float]:
    """Response times as services have them."""
    rng = random.Random(seed)
    return [rng.lognormvariate(3, 0.8) for _ in range(count)]


def test_percentiles_agree_with_the_raw_times() -> None:
    """Three digits are kept, where Locust would say 130 for 126.4."""
    times_ms = lognormal(1)

    summary = recorded(times_ms).evidence(10)["operations"]["POST /v1/orders"]

    for percentile in (50, 90, 95, 99):
        truth = float(np.percentile(times_ms, percentile, method="inverted_cdf"))
        assert summary[f"p{percentile}_ms"] == pytest.approx(truth, rel=0.002)
    assert summary["max_ms"] == pytest.approx(max(times_ms), abs=0.001)
    assert summary["mean_ms"] == pytest.approx(sum(times_ms) / len(times_ms), abs=0.001)
    assert summary["rate_per_s"] == 500


def test_merged_workers_equal_one_generator() -> None:
    """Percentiles cannot be averaged; histograms can be added."""
    first, second = lognormal(2), lognormal(3, 700)
    merged = Recorder()
    for times_ms in (first, second):
        merged.merge(json.loads(json.dumps(recorded(times_ms).pack())))

    together, whole = merged.evidence(5)["operations"], recorded(first + second).evidence(5)["operations"]

    assert together["POST /v1/orders"] == pytest.approx(whole["POST /v1/orders"], abs=0.001)


def test_what_is_taken_is_not_reported_twice() -> None:
    """Workers report every few seconds; each request counts once."""
    worker, master = recorded([1, 2, 3]), Recorder()

    master.merge(worker.take())
    master.merge(worker.take())

    assert master.requests == 3
    assert worker.requests == 0


def test_failures_are_counted_by_message_and_bounded() -> None:
    """A flood of different messages does not fill the disk."""
    recorder = Recorder()
    for number in range(FAILURE_KINDS_KEPT + 30):
        recorder.request("GET shop/", 5, f"message {number}")

    failures = recorder.evidence(1)["failures"]

    assert recorder.failed == FAILURE_KINDS_KEPT + 30
    assert len(failures) == FAILURE_KINDS_KEPT + 1
    assert failures[0] == {"operation": "GET shop/", "count": 30, "message": "other failures"}


def test_failures_survive_the_way_to_another_process() -> None:
    """Messages and counts are merged, too."""
    recorder, master = Recorder(), Recorder()
    recorder.request("GET shop/", 5, "no rows")

    master.merge(recorder.pack())
    master.merge(recorder.pack())

    assert master.evidence(1)["failures"] == [{"operation": "GET shop/", "count": 2, "message": "no rows"}]
    assert master.evidence(1)["operations"]["GET shop/"]["failures"] == 2


@pytest.mark.parametrize("time_ms", [math.nan, math.inf, -0.1])
def test_a_time_that_is_no_time_is_refused(time_ms: float) -> None:
    """A percentile of nonsense would look like a figure."""
    with pytest.raises(ValueError, match="cannot be recorded"):
        recorded([time_ms])


def test_very_short_and_very_long_times_are_kept_at_the_ends() -> None:
    """Nothing is dropped: dropping long times would flatter the percentiles."""
    summary = recorded([0.0, LONGEST_MS * 5]).evidence(1)["operations"]["POST /v1/orders"]

    assert summary["requests"] == 2
    assert summary["max_ms"] == LONGEST_MS


def test_nothing_recorded_gives_no_figures() -> None:
    """An empty series has no percentile, not one of zero."""
    assert Recorder().evidence(20) == {"operations": {}, "slis": {}, "failures": []}


def test_the_csv_holds_operations_and_spans(tmp_path: Path) -> None:
    """One line each, in columns that spreadsheets read."""
    recorder = recorded([10, 20])
    recorder.span("order_to_price", 800)

    write_csv(tmp_path / "load.csv", recorder.evidence(2))

    with (tmp_path / "load.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["operation"] for row in rows] == ["POST /v1/orders", "order_to_price"]
    assert float(rows[1]["p95_ms"]) == pytest.approx(800, rel=0.001)


def named_by_order(first: int, count: int) -> Recorder:
    """A recorder of a user who forgot `name=`: one operation for each order."""
    recorder = Recorder()
    for number in range(first, first + count):
        recorder.note(f"GET /orders/{number}", 1.0, 1.0, 1.12, "no rows")
    return recorder


def test_very_many_names_take_little_memory() -> None:
    """An order's own name costs 20 kB at most, and there is an end to it."""
    tracemalloc.start()
    recorder = named_by_order(0, OPERATIONS_KEPT * 3)
    recorder.evidence(1.0)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert taken < OPERATIONS_KEPT * 20_000


def test_names_beyond_the_bound_are_counted_together() -> None:
    """No request is hidden because its name came late, nor on its way to the master."""
    master = named_by_order(0, OPERATIONS_KEPT)

    master.merge(named_by_order(OPERATIONS_KEPT, OPERATIONS_KEPT + 7).pack())

    assert master.requests == master.failed == OPERATIONS_KEPT * 2 + 7
    assert len(master.operations) == OPERATIONS_KEPT + 1
    assert master.operations[OTHER_OPERATIONS].requests == OPERATIONS_KEPT + 7
