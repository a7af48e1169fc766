"""Efficiency: the highest rate of an open model that one core begins in time, by our client and Locust's."""

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import psutil

from load.bench.others import hey, wrk
from load.bench.running import ENVIRONMENT, LOCUSTFILE, Ran, locust, on_core, target

STEP_S, ROUNDS = 3, 3
OURS = (4000, 8000, 10_000, 12_000, 14_000, 16_000, 18_000, 20_000, 22_000)
THEIRS = (1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000)
IN_TIME_MS, STRETCH_MS = 5.0, 1.0
LEAST_RATIO = 2.5
IDLE_USERS, MOST_MB = 10_000, 150.0
BEGUN_SHARE = 0.99


@dataclass(frozen=True)
class Reached:
    """The highest rates that began in time (lag p99 < 5 ms, and < 1 ms), and each step's lags, by round."""

    in_time_per_s: float
    stretch_per_s: float
    steps: dict[float, list[float]]


def both_reached() -> tuple[Reached, Reached]:
    """Raise the rates of our client and of Locust's in turns, so that what else the machine does meets both.

    Raises:
        RuntimeError: not one arrival has begun.
    """
    rounds = [(climbed("Open", OURS), climbed("FastOpen", THEIRS)) for _ in range(ROUNDS)]
    return reached([ours for ours, _ in rounds]), reached([theirs for _, theirs in rounds])


def reached(rounds: Sequence[Mapping[float, float]]) -> Reached:
    """Return what the median of the rounds reached; a rate counts if all below it were in time, too."""
    steps = {rate: [lags[rate] for lags in rounds] for rate in rounds[0]}
    medians = {rate: median(lags) for rate, lags in steps.items()}
    return Reached(_highest(medians, IN_TIME_MS), _highest(medians, STRETCH_MS), steps)


def climbed(kind: str, rates: tuple[int, ...]) -> dict[float, float]:
    """Raise the rate step by step; return the lag p99 of each. Units: ms, by rate.

    Raises:
        RuntimeError: not one arrival has begun.
    """
    steps = " ".join(map(str, (STEP_S, *rates)))
    with target("fast") as running:
        ran = locust(kind, running.url, STEP_S * len(rates) + 1, steps=steps)
    if not ran.figures["arrivals"][kind]["begun"]:
        raise RuntimeError(f"nothing was measured: {ran.figures['doubt']}")
    return lags_of_steps(ran, kind, rates)


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
