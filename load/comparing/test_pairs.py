"""Pairs of windows: what is claimed of them, and what is not."""

import numpy as np
import pytest

from load.comparing.findings import CPU, P50, P95, Comparison, compared
from load.comparing.pairs import Difference, Measure, Pairs, Said, Turn, of_percentile, of_windows
from load.comparing.picture import page
from load.comparing.rounds import FIRST, Samples

RATE = Measure("throughput", "a second", higher_is_worse=False, ignored_share=0.04)
LEVEL = 0.998


def windows(
    factor: float, *, rounds: int = 50, noise: float = 0.10, seed: int = 1, first_costs: float = 1.1
) -> Pairs:
    """Pairs of windows of a version and of one that takes `factor` times as long, on a machine with noise.

    Whichever was started first in a sitting takes longer in all of it.
    """
    chance, pairs = np.random.default_rng(seed), Pairs()
    for turn in range(rounds):
        sitting = turn * len(FIRST) // rounds
        first, second = (first_costs, 1.0) if FIRST[sitting] == "before" else (1.0, first_costs)
        machine = chance.lognormal(0, 0.5)  # what else runs hits both alike
        for _ in range(8):
            one, other = (chance.lognormal(0, noise, 4) * 10 * machine for _ in range(2))
            pairs.add(Turn(sitting, turn), list(one * first), list(other * factor * second))
    return pairs


@pytest.mark.parametrize(("factor", "said"), [(1.10, Said.WORSE), (0.90, Said.BETTER), (1.0, Said.SAME)])
def test_a_change_of_a_tenth_is_told_and_none_is_not(factor: float, said: Said) -> None:
    """Whatever the machine does to both of a pair."""
    found = of_windows("op", CPU, windows(factor), LEVEL, 1)

    assert found.said is said
    assert found.low_share <= factor - 1 <= found.high_share


def test_more_throughput_is_better() -> None:
    """Figures differ in which way is worse."""
    assert of_windows("op", RATE, windows(1.10), LEVEL, 1).said is Said.BETTER


def test_noise_that_hides_a_tenth_is_unclear() -> None:
    """What could not have been seen is not said to be the same."""
    found = of_windows("op", CPU, windows(1.0, rounds=14, noise=1.5), LEVEL, 1)

    assert found.said is Said.UNCLEAR


def test_few_rounds_say_nothing() -> None:
    """However large the change is."""
    assert of_windows("op", CPU, windows(2.0, rounds=5), LEVEL, 1).said is Said.UNCLEAR


@pytest.mark.parametrize(("factor", "said"), [(1.3, Said.WORSE), (1.08, Said.UNCLEAR), (1.0, Said.UNCLEAR)])
def test_some_rounds_say_only_what_is_plain(factor: float, said: Said) -> None:
    """A third more is seen on a machine that leaves time for nine rounds; a tenth, or none, is not."""
    assert of_windows("op", CPU, windows(factor, rounds=9), LEVEL, 1).said is said


def test_a_tail_is_compared_over_all_rounds() -> None:
    """A 95th percentile that doubles is told."""
    assert of_percentile("op", P95, windows(2.0, noise=0.3), 95, LEVEL, 1).said is Said.WORSE
    assert of_percentile("op", P95, windows(1.0, noise=0.3), 95, LEVEL, 1).said is not Said.WORSE


def test_nothing_is_claimed_of_a_version_against_itself() -> None:
    """Five comparisons of four figures each: not one claim."""
    claims = [
        compared(_samples(windows(1.0, seed=seed))).worse + compared(_samples(windows(1.0, seed=seed))).better
        for seed in range(5)
    ]

    assert [each for each in claims if each] == []


@pytest.mark.parametrize(
    ("factor", "refused", "outcome"),
    [
        (1.0, {}, "PASS"),
        (1.1, {}, "FAIL"),
        (0.9, {}, "PASS"),
        (1.0, {"after": "500"}, "FAIL"),
        (1.0, {"before": "500"}, "UNKNOWN"),
    ],
)
def test_an_outcome_rests_on_what_is_worse(factor: float, refused: dict[str, str], outcome: str) -> None:
    """A version that refuses is worse; where the earlier one does, nothing is known."""
    samples = _samples(windows(factor))
    samples.refused.update(refused)

    assert compared(samples).outcome == outcome


@pytest.mark.parametrize("missing", range(len(FIRST)))
def test_a_sitting_that_gave_nothing_claims_nothing(missing: int) -> None:
    """Its order of starting would weigh less than the other: one of that order is left out, too."""
    kept = tuple(sitting for sitting in range(len(FIRST)) if sitting != missing)

    found = compared(_samples(_of_sittings(windows(1.0, first_costs=1.3), *kept)))

    assert (found.worse, found.better) == ([], [])
    assert found.differences


def test_sittings_of_one_order_tell_nothing() -> None:
    """A version that was always started first is dearer for that alone."""
    assert compared(_samples(_of_sittings(windows(1.0), FIRST.index("before")))).outcome == "UNKNOWN"


def test_a_round_that_was_broken_off_is_no_part_of_a_tail() -> None:
    """A version that refuses ends a round in its midst."""
    pairs = windows(2.0, noise=0.3)
    for side in (pairs.turns, pairs.before, pairs.after):
        del side[-3:]

    found = of_percentile("op", P95, pairs, 95, LEVEL, 1)

    assert (found.said, found.pairs) == (Said.WORSE, 49)


def test_an_operation_that_gave_nothing_is_unknown() -> None:
    """Whole orders whose price never comes in time are not the same as before."""
    samples = _samples(windows(1.0))

    assert compared(samples, ("op",)).outcome == "PASS"
    assert compared(samples, ("op", "a whole order")).outcome == "UNKNOWN"


def test_nothing_measured_is_unknown() -> None:
    """No samples are no pass."""
    assert compared(Samples()).outcome == "UNKNOWN"
    assert Comparison((), {}, 0, 0.0).outcome == "UNKNOWN"


def test_two_rounds_are_not_drawn_as_certainty() -> None:
    """The interval of so few has no width, and means nothing."""
    few = Difference("op", CPU, 1, 1, 0.03, 0.03, 0.03, 2)

    drawn = page(Comparison((few,), {}, 11, 50.0), "before", "after", [])

    assert "op: +3.0% (too few rounds)" in drawn
    assert "+3.0% to +3.0%" not in drawn


def test_an_unclear_operation_makes_the_comparison_unknown() -> None:
    """Unless the other of its two figures that decide is clear."""
    unclear = Difference("op", CPU, 1, 1, 0.0, -0.3, 0.3, 50)
    clear = Difference("op", P50, 1, 1, 0.0, -0.01, 0.01, 50)

    assert Comparison((unclear,), {}, 50, 60.0).outcome == "UNKNOWN"
    assert Comparison((unclear, clear), {}, 50, 60.0).outcome == "PASS"


def _of_sittings(pairs: Pairs, *sittings: int) -> Pairs:
    found = Pairs()
    for turn, before, after in zip(pairs.turns, pairs.before, pairs.after, strict=True):
        if turn.sitting in sittings:
            found.add(turn, before, after)
    return found


def _samples(pairs: Pairs) -> Samples:
    samples = Samples()
    sampled = samples.by_operation["op"]
    for turn, before, after in zip(pairs.turns, pairs.before, pairs.after, strict=True):
        sampled.cpu_ms.add(turn, [float(np.mean(before))], [float(np.mean(after))])
        sampled.times_ms.add(turn, before, after)
        sampled.rate_per_s.add(turn, [1 / float(np.mean(before))], [1 / float(np.mean(after))])
    return samples
