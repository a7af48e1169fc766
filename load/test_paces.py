"""Paces: when things arrive, how they are shared between generators, and what is counted of them."""

import math
from itertools import chain, islice, pairwise

import pytest

from load.account import Account
from load.histogram import Histogram
from load.paces import Pace, Share, Step, constant, poisson, schedule

SPIKE = schedule(Step(2, 100), Step(1, 500), Step(2, 100, 20))


def test_a_constant_pace_keeps_its_distance() -> None:
    """Two hundred a second come every five milliseconds."""
    offsets = list(islice(constant(200).offsets(), 50))

    assert offsets == pytest.approx([number * 0.005 for number in range(50)])


def test_chance_keeps_the_mean_rate_and_repeats_itself() -> None:
    """Distances vary as they do where nobody knows of the others; a run can be repeated."""
    offsets = list(islice(poisson(1000, seed=7).offsets(), 20_000))
    gaps = [later - earlier for earlier, later in pairwise(offsets)]

    assert offsets[-1] == pytest.approx(20, rel=0.03)
    assert sum(gap > 0.001 for gap in gaps) / len(gaps) == pytest.approx(1 / math.e, rel=0.05)
    assert offsets == list(islice(poisson(1000, seed=7).offsets(), 20_000))
    assert offsets != list(islice(poisson(1000, seed=8).offsets(), 20_000))


def test_a_schedule_goes_through_its_rates_and_ends() -> None:
    """A spike: 2 s at 100, 1 s at 500, then down from 100 to 20 within 2 s."""
    offsets = list(SPIKE.offsets())

    assert len(offsets) == SPIKE.planned(5) == 200 + 500 + 120
    assert [sum(second <= each < second + 1 for each in offsets) for second in range(5)] == [
        100,
        100,
        500,
        80,
        40,
    ]
    assert (SPIKE.seconds, SPIKE.peak_per_s) == (5, 500)


@pytest.mark.parametrize("pace", [constant(90), SPIKE], ids=["constant", "schedule"])
def test_shares_together_are_the_whole(pace: Pace) -> None:
    """Three generators apply what one would have, none of it twice."""
    shares = chain.from_iterable(islice(pace.offsets(Share(number, 3)), 90) for number in range(3))

    assert sorted(shares) == list(islice(pace.offsets(), 270))


def test_a_pace_goes_on_where_it_was() -> None:
    """A generator that takes over another's share neither repeats nor leaves out."""
    before = [each for each in SPIKE.offsets() if each < 2.5]

    assert before + list(SPIKE.offsets(since_s=2.5)) == list(SPIKE.offsets())


@pytest.mark.parametrize("step", [Step(0, 5), Step(5, 0)])
def test_a_pace_at_which_nothing_arrives_is_refused(step: Step) -> None:
    """It would prove nothing."""
    with pytest.raises(ValueError, match="nothing arrives"):
        schedule(step)


@pytest.mark.parametrize("rate", [-1, math.nan, math.inf])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    """At once, not in the middle of a run."""
    with pytest.raises(ValueError, match="rate_per_s of a step"):
        constant(rate)


def lagging(ms: float) -> Histogram:
    """A histogram of one lag."""
    histogram = Histogram()
    histogram.add(ms * 1000)
    return histogram


@pytest.mark.parametrize(
    ("account", "told"),
    [
        (Account(begun=1000, lag=lagging(4)), ""),
        (Account(begun=1000, lag=lagging(6)), "6.0 ms late"),
        (Account(begun=995, shed=5), ""),
        (Account(begun=980, shed=20), "20 were shed"),
        (Account(begun=980, overdue=20), "20 overdue"),
        (Account(), "nothing arrived"),
        (Account(begun=1950, expected=2000), "only 1950 arrivals of 2000"),
        (Account(begun=1985, expected=2000), ""),
        (Account(begun=1950, expected=2000, is_random=True), ""),
        (Account(begun=1700, expected=2000, is_random=True), "only 1700"),
    ],
)
def test_what_was_not_applied_as_planned_is_doubted(account: Account, told: str) -> None:
    """Late by more than 5 ms, or more than 1 % missed: no figure of such a run is a proof."""
    assert told in account.doubt
    assert bool(account.doubt) is bool(told)


def test_accounts_of_two_generators_add_up() -> None:
    """Nothing is lost on the way."""
    account = Account(begun=3, shed=1, lag=lagging(2))

    account.merge(Account.unpack(Account(begun=2, overdue=4, cut_off=1, lag=lagging(9)).pack()))

    assert (account.planned, account.begun, account.shed, account.overdue, account.cut_off) == (
        10,
        5,
        1,
        4,
        1,
    )
    assert account.lag.count == 2
