"""The open model: a rate that a slow system does not slow, and times from the intended start."""

import time
from itertools import pairwise

import gevent

from load.arrivals import Arrivals, Share, Step, schedule


def test_things_arrive_at_their_rate_while_nothing_is_answered() -> None:
    """A standing system does not hold back those who come to it."""
    begun: list[float] = []

    def stand_still(intended: float) -> None:
        begun.append(intended)
        gevent.sleep(5)

    arrivals = Arrivals(100, stand_still)
    started = time.perf_counter()
    arrivals.start()
    gevent.sleep(0.255)
    arrivals.stop()
    lasted_s = time.perf_counter() - started
    arrivals.end(within_s=0)

    assert len(begun) >= 20
    assert len(begun) <= lasted_s * 100 + 1
    gaps = {round(later - earlier, 6) for earlier, later in pairwise(begun)}
    assert gaps == {0.01}


def test_what_is_too_much_is_counted_as_shed() -> None:
    """More than may be in flight is not sent, and not forgotten."""
    arrivals = Arrivals(200, lambda _: gevent.sleep(5), most_in_flight=3)
    arrivals.start()
    gevent.sleep(0.1)
    arrivals.end(within_s=0)

    assert arrivals.begun == arrivals.cut_off == 3
    assert arrivals.shed >= 10
    assert "were shed" in arrivals.account().doubt


def test_a_generator_without_time_says_so() -> None:
    """What it began late, and what it did not begin, is its own fault, and told."""
    arrivals = Arrivals(100, lambda _: None)
    arrivals.start()
    gevent.sleep(0.05)
    time.sleep(0.3)
    arrivals.stop()

    account = arrivals.account()
    assert account.overdue >= 25
    assert "overdue" in account.doubt


def test_an_error_ends_one_arrival_only() -> None:
    """The others go on, and the next come."""

    def stumble(_: float) -> None:
        raise RuntimeError("a planted error")

    arrivals = Arrivals(200, stumble)
    arrivals.start()
    gevent.sleep(0.1)
    arrivals.end(within_s=1)

    assert arrivals.begun >= 10
    assert arrivals.in_flight == arrivals.cut_off == 0


def test_half_a_share_is_half_the_rate_from_then_on() -> None:
    """When a second generator comes, the first leaves it its part."""
    arrivals = Arrivals(400, lambda _: None)
    arrivals.start()
    gevent.sleep(0.2)
    whole = arrivals.begun
    arrivals.take_share(Share(1, 2))
    gevent.sleep(0.2)
    arrivals.end(within_s=0)

    assert 0.3 * whole < arrivals.begun - whole < 0.75 * whole


def test_a_freeze_of_the_whole_is_seen_by_all_whom_it_hits() -> None:
    """One second in ten is 10 % of those who come: their times run from when they meant to come."""
    times_ms: list[float] = []
    frozen_until = time.perf_counter() + 0.3

    def act(intended: float) -> None:
        gevent.sleep(max(0.0, frozen_until - time.perf_counter()))
        times_ms.append((time.perf_counter() - intended) * 1000)

    arrivals = Arrivals(100, act)
    arrivals.start()
    gevent.sleep(0.6)
    arrivals.end(within_s=1)

    late = [time_ms for time_ms in times_ms if time_ms > 20]
    assert 20 <= len(late) <= 40
    assert max(times_ms) > 270


def test_a_schedule_that_has_ended_lets_nothing_more_come() -> None:
    """And what it counted stays."""
    arrivals = Arrivals(schedule(Step(0.1, 100), Step(0.05, 0), Step(0.1, 200)), lambda _: None)
    arrivals.start()
    gevent.sleep(0.4)

    assert arrivals.is_over
    arrivals.end(within_s=0)
    assert (arrivals.begun, arrivals.shed, arrivals.overdue) == (30, 0, 0)


def test_what_was_due_when_shares_changed_is_counted() -> None:
    """A generator that was busy when another was lost has not begun it, and the new share begins now."""
    arrivals = Arrivals(100, lambda _: None)
    arrivals.start()
    gevent.sleep(0.05)
    time.sleep(0.3)
    arrivals.take_share(Share(0, 2))
    arrivals.stop()

    assert arrivals.overdue >= 25


def test_who_is_in_flight_may_end_the_load() -> None:
    """A task that ends it is not waited for, and goes on."""
    ended: list[int] = []

    def end(_: float) -> None:
        arrivals.end(within_s=5)
        ended.append(arrivals.cut_off)

    arrivals = Arrivals(100, end)
    began = time.perf_counter()
    arrivals.start()
    gevent.sleep(0.1)

    assert ended == [0]
    assert time.perf_counter() - began < 2
