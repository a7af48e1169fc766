"""Efficiency: the highest rate of an open model that one core begins in time, by our client and Locust's."""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from load.bench.others import hey, wrk
from load.bench.running import ENVIRONMENT, LOCUSTFILE, Ran, locust, on_core, target

STEP_S = 3
OURS = (4000, 8000, 10_000, 12_000, 14_000, 16_000, 18_000, 20_000, 22_000)
THEIRS = (1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000)
IN_TIME_MS, STRETCH_MS = 5.0, 1.0
LEAST_RATIO = 2.5
IDLE_USERS, MOST_MB = 10_000, 150.0
BEGUN_SHARE = 0.99


@dataclass(frozen=True)
class Reached:
    """The highest rates that began in time (lag p99 < 5 ms, and < 1 ms), and the lag of each step."""

    in_time_per_s: float
    stretch_per_s: float
    steps: dict[float, float]


def reached(kind: str, rates: tuple[int, ...]) -> Reached:
    """Raise the rate step by step; a step counts if all before it were in time, too."""
    steps = " ".join(map(str, (STEP_S, *rates)))
    with target("fast") as running:
        ran = locust(kind, running.url, STEP_S * len(rates) + 1, steps=steps)
    lags = lags_of_steps(ran, kind, rates)
    return Reached(_highest(lags, IN_TIME_MS), _highest(lags, STRETCH_MS), lags)


def closed_rates() -> dict[str, float]:
    """Return the requests per second of closed loops and other tools, for the measure of it."""
    found: dict[str, float] = {}
    with target("fast") as running:
        for name, kind in (("FastHttpUser, closed", "ClosedFast"), ("HttpUser, closed", "ClosedStock")):
            found[name] = locust(
                kind, running.url, STEP_S, "--users", "20", "--spawn-rate", "100"
            ).requests_per_s
        for name, said in (("wrk", wrk(running.url, STEP_S)), ("hey", hey(running.url, STEP_S))):
            if said:
                found[name] = said[0]
    return found


def idle_mb() -> float:
    """Return the memory of a process with 10,000 idle users, each with its connection. Units: MB."""
    users = ("--users", str(IDLE_USERS), "--spawn-rate", str(IDLE_USERS // 10))
    with target("fast") as running:
        command = [
            *(sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "Idle", "--host", running.url),
            *users,
        ]
        command += ["--headless", "--only-summary", "--run-time", "60s"]
        child = subprocess.Popen(
            on_core(0, command), env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process = psutil.Process(child.pid)
            ends = time.monotonic() + 50
            while len(process.net_connections()) < IDLE_USERS and time.monotonic() < ends:
                time.sleep(0.5)
            if len(process.net_connections()) < IDLE_USERS:
                raise RuntimeError(f"{len(process.net_connections())} of {IDLE_USERS} users came")
            return float(process.memory_info().rss) / 1e6
        finally:
            child.kill()
            child.wait()


def lags_of_steps(ran: Ran, kind: str, rates: Sequence[float]) -> dict[float, float]:
    """Return the lag p99 of each step, by the worst of its whole seconds; infinite where one is not full.

    Units: ms, by rate.
    """
    begins = ran.figures["arrivals"][kind]["first"] + time.time() - time.perf_counter()
    found: dict[float, float] = {}
    for number, rate in enumerate(rates):
        whole = range(int(begins + number * STEP_S) + 1, int(begins + (number + 1) * STEP_S))
        kept = [ran.lags.get(str(second), {}) for second in whole]
        full = all(each.get("begun", 0) >= BEGUN_SHARE * rate for each in kept)
        found[rate] = max(each["lag_p99_ms"] for each in kept) if full else float("inf")
    return found


def _highest(lags: dict[float, float], most_ms: float) -> float:
    highest = 0.0
    for rate, lag_ms in lags.items():
        if lag_ms >= most_ms:
            break
        highest = rate
    return highest
