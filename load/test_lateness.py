"""Our own lateness: noted as it happens, and charged to the requests that it hit, no others."""

import time

import gevent
import pytest

from load.bounds import Bound
from load.lateness import TURNS, Lateness
from load.objectives import Objective
from load.recorder import Recorder


def test_lateness_explains_what_it_hit_and_nothing_before() -> None:
    """A generator that was busy for 100 ms may have added that to a request of that time, twice."""
    lateness = Lateness()
    lateness.start()
    gevent.sleep(0.05)
    begun = time.perf_counter()
    busy_until = begun + 0.1
    while time.perf_counter() < busy_until:
        pass
    gevent.sleep(0.05)
    after = time.perf_counter()

    explained = lateness.explains_ms(begun)
    lateness.stop()

    assert TURNS * 80 <= explained <= TURNS * 250
    assert lateness.explains_ms(after) < explained
    assert lateness.explains_ms(begun, sent_late_ms=30) >= explained


def test_before_it_ticks_nothing_is_explained() -> None:
    """Without a measurement there is no excuse."""
    assert Lateness().explains_ms(0.0) == 0.0


@pytest.mark.parametrize(("ours_ms", "outcome"), [(30, "FAIL"), (900, "UNKNOWN")])
def test_a_starved_generator_excuses_only_requests_that_it_delayed(ours_ms: float, outcome: str) -> None:
    """A system that stands still does so while we are on time; a busy machine makes both late."""
    recorder = Recorder()
    for _ in range(90):
        recorder.request("GET shop/", 20, ours_ms=300)
    for _ in range(10):
        recorder.request("GET shop/", 950, ours_ms=ours_ms)
    evidence = recorder.evidence(20) | {"generator": {"lag_p99_ms": 300.0}}
    objective = Objective("x", "latency", "GET shop/", Bound.parse("p99 <= 500"), None, 50, False, "x")

    assert objective.judge(evidence).outcome == outcome
