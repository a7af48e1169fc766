"""The histogram: HdrHistogram's buckets, exact merging, and its format."""

import random

import numpy as np
import pytest
from hdrh.histogram import HdrHistogram

from load.histogram import DIGITS, LONGEST_US, Histogram
from load.series import Series, second_of


def times_us(seed: int, count: int = 5000) -> list[float]:
    """Times from microseconds to minutes."""
    rng = random.Random(seed)
    return [min(float(LONGEST_US), max(1.0, rng.lognormvariate(9, 3))) for _ in range(count)]


def filled(times: list[float]) -> Histogram:
    """A histogram of these times."""
    histogram = Histogram()
    for time_us in times:
        histogram.add(time_us)
    return histogram


def test_its_buckets_are_those_of_hdr_histogram() -> None:
    """Whoever knows one knows the other; every percentile is the same."""
    times = times_us(1)
    theirs = HdrHistogram(1, LONGEST_US, DIGITS)
    for time_us in times:
        theirs.record_value(round(time_us))

    ours = filled(times)

    for percentile in (1, 50, 90, 99, 99.9, 100):
        assert ours.value_at(percentile) == theirs.get_value_at_percentile(percentile) / 1000


@pytest.mark.parametrize("way", ["pack", "encode"])
def test_no_count_is_lost_on_the_way(way: str) -> None:
    """Workers send one form, files keep the other."""
    sent = filled(times_us(2))

    got = Histogram.unpack(sent.pack()) if way == "pack" else Histogram.decode(sent.encode())

    for mine, theirs in zip(sent.counted(), got.counted(), strict=True):
        assert np.array_equal(mine, theirs)


def test_merged_parts_are_the_whole() -> None:
    """In whatever parts times come, the counts are the same."""
    times = times_us(3)
    merged, whole = Histogram(), Histogram()
    merged.merge(filled(times[:7]))
    merged.merge(filled(times[7:]))

    whole.add_many(times)

    for mine, theirs in zip(merged.counted(), whole.counted(), strict=True):
        assert np.array_equal(mine, theirs)


def test_an_empty_histogram_has_no_time() -> None:
    """Nothing is not an error to whoever merges, and no percentile to whoever asks."""
    empty = Histogram.unpack(Histogram().pack())
    empty.merge(Histogram())

    assert empty.count == 0
    assert empty.value_at(99) == 0


def test_a_time_belongs_to_the_second_in_which_it_was_to_begin() -> None:
    """An answer that came two seconds late is late in the second of the question."""
    series = Series()
    series.note(100.2, 101.0, 102.2)
    series.fail(100.2)

    [(second, kept)] = series.seconds.items()

    assert second == second_of(100.2)
    assert kept.failures == 1
    assert kept.latency.value_at(50) == pytest.approx(2000, rel=0.001)
    assert kept.service.value_at(50) == pytest.approx(1200, rel=0.001)
