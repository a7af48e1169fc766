"""The benchmark's truth, and what it makes of figures, without running anything."""

import statistics

import pytest

from load.bench.accuracy import Compared
from load.bench.efficiency import lags_of_steps, reached
from load.bench.known import delay_ms, frozen_ms, truth_ms
from load.bench.running import Ran


def test_the_freezing_target_has_the_known_percentiles() -> None:
    """Two milliseconds, and a second's freeze in five, at 200 a second."""
    freezes = [(4.0 + 5 * number, 5.0 + 5 * number) for number in range(4)]
    truth = truth_ms([frozen_ms(number / 200, freezes) for number in range(4000)])

    assert truth[50] == 2
    assert truth[95] == pytest.approx(755, abs=6)
    assert truth[99] == pytest.approx(955, abs=6)


def test_the_lognormal_target_has_the_percentiles_of_its_distribution() -> None:
    """However many requests there were."""
    truth = truth_ms([delay_ms("lognormal", number) for number in range(10_000)])

    assert truth[50] == pytest.approx(20, rel=0.005)
    assert truth[95] == pytest.approx(20 * 2.7183 ** (0.5 * statistics.NormalDist().inv_cdf(0.95)), rel=0.01)


@pytest.mark.parametrize(
    ("measured", "is_accurate"),
    [({50: 2.4, 99: 101.0}, True), ({50: 2.6, 99: 100.0}, False), ({50: 2.0, 99: 101.1}, False)],
)
def test_a_percentile_may_be_off_by_one_per_cent_or_half_a_millisecond(
    measured: dict[float, float], is_accurate: bool
) -> None:
    """Whichever is more; and not by more."""
    assert Compared("freezing", {}, {50: 2.0, 99: 100.0}, measured, "").is_accurate is is_accurate


def test_a_step_counts_by_its_worst_whole_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """And only if all that was planned has begun."""
    monkeypatch.setattr("load.bench.efficiency.time.time", lambda: 1000.0)
    monkeypatch.setattr("load.bench.efficiency.time.perf_counter", lambda: 0.0)
    lags = {str(1000 + second): {"lag_p99_ms": 0.1 * second, "begun": 100.0} for second in range(6)}
    ran = Ran({"arrivals": {"Open": {"first": 0.5}}}, lags, 0, {})

    assert lags_of_steps(ran, "Open", (100, 200)) == {100: pytest.approx(0.2), 200: float("inf")}


def test_a_rate_is_reached_by_the_median_of_the_rounds_and_with_all_below_it() -> None:
    """One disturbed round is not what the client can do, and one lucky step is not either."""
    rounds: list[dict[float, float]] = [
        {100: 0.2, 200: 9.0, 300: 0.4},
        {100: 0.3, 200: 2.0, 300: 8.0},
        {100: 7.0, 200: 3.0, 300: 6.0},
    ]

    found = reached(rounds)

    assert (found.in_time_per_s, found.stretch_per_s) == (200, 100)
    assert found.steps[200] == [9.0, 2.0, 3.0]
