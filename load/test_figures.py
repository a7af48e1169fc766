"""Figures of a whole run: recovery from a surge, and memory that orders leave behind."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from load.bounds import Bound
from load.memory_growth import memory_growth
from load.objectives import Objective
from load.profiles import Surge
from load.recovery import by_second, recovery
from load.series import Second, Series

BEGAN = 1_000_000
SURGE = Surge(after_s=20, seconds=10, times=5)


def seconds(slow_until: int, failed_at: tuple[int, ...] = ()) -> dict[int, Second]:
    """A minute in which the surge was slow, and stayed so for a while."""
    found = {}
    for at in range(60):
        kept = found[BEGAN + at] = Second()
        slow = 20 <= at < slow_until
        for _ in range(20):
            kept.latency.add(900_000 if slow else 30_000)
        kept.failures = int(at in failed_at)
    return found


@pytest.mark.parametrize(("slow_until", "failed_at", "took_s"), [(30, (), 0), (37, (), 7), (32, (33,), 4)])
def test_recovery_ends_when_it_stays_calm(slow_until: int, failed_at: tuple[int, ...], took_s: float) -> None:
    """Three seconds in a row must be as before, without a failure."""
    found = recovery(seconds(slow_until, failed_at), SURGE, BEGAN)

    assert (found["value"], found["samples"], found["doubt"]) == (took_s, 30, "")
    assert "p90 30 ms before" in found["detail"]


def test_recovery_that_never_came_is_at_least_as_long_as_was_looked() -> None:
    """The run ended before it was itself again."""
    found = recovery(seconds(60), SURGE, BEGAN)
    objective = Objective(
        "soon over", "recovery", "*", Bound.parse("s <= 15"), Bound.parse("s <= 40"), 15, False, "x"
    )

    assert found["value"] == 30
    assert objective.judge({"figures": {"recovery": found}}).outcome == "UNKNOWN"
    strict = replace(objective, warn_bound=None)
    assert strict.judge({"figures": {"recovery": found}}).outcome == "FAIL"


def test_recovery_is_told_in_seconds_although_some_have_no_samples() -> None:
    """Few come at a low rate."""
    sparse = {at: kept for at, kept in seconds(37).items() if at < BEGAN + 30 or at % 2}
    assert recovery(sparse, SURGE, BEGAN)["value"] >= 7


def test_recovery_without_a_before_is_not_told() -> None:
    """Nothing to compare with is no figure."""
    assert recovery({}, SURGE, BEGAN)["value"] is None


def test_seconds_of_all_operations_are_added_up() -> None:
    """One slow operation is not hidden by a fast one, and not counted twice."""
    one, other = Series(), Series()
    one.record(10, failed=False, intended=5.0)
    other.record(20, failed=True, intended=5.1)

    (second,) = by_second([one, other]).values()

    assert (second.latency.count, second.failures) == (2, 1)


def watched(kb_an_order: float, *, noise_kb: float = 300, orders: int = 1000) -> dict[str, object]:
    """What was seen of two services while orders came, of which the first keeps so much of each."""
    begun, chance = datetime(2026, 11, 22, tzinfo=UTC), Random(1)
    accepted = [begun + timedelta(seconds=0.12 * number) for number in range(orders)]
    looks = []
    for look in range(60):
        done = min(orders, int(look * 2 / 0.12))
        warm_kb = 20_000 * min(1, look / 15)
        api = 70_000 + warm_kb + done * kb_an_order + chance.uniform(0, noise_kb)
        held = {"api": int(api * 1024), "mes": int((80_000 + chance.uniform(0, noise_kb)) * 1024)}
        looks.append((begun.timestamp() + look * 2, held))
    return memory_growth(looks, accepted)


@pytest.mark.parametrize("kb_an_order", [0.0, 3.0, 10.0])
def test_growth_is_told_after_the_warm_up(kb_an_order: float) -> None:
    """What a service takes once is not counted, what it takes of each order is."""
    found = watched(kb_an_order)

    assert found["value"] == pytest.approx(kb_an_order, abs=0.7)
    assert str(found["detail"]).startswith("most in ")


def test_few_orders_do_not_tell_growth() -> None:
    """Noise is larger than what a few orders leave."""
    assert watched(10, orders=100)["value"] is None
    assert memory_growth([], [])["value"] is None
