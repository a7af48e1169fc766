"""Starts what the benchmark needs, each on its core: a target server, Locust, and other load generators."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import Any

from fixtures.testbed.runs import REPOSITORY
from fixtures.testbed.spawner import bound_to_us
from load.bench.settings import LAGS, STEPS

LOCUSTFILE = REPOSITORY / "load" / "bench" / "bench_locustfile.py"
ENVIRONMENT = os.environ | {"PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"}


@dataclass
class Target:
    """A running target server; once it has ended, `done` is what it says it did."""

    url: str
    done: dict[str, Any] = field(default_factory=dict)


def on_core(core: int, command: Sequence[str]) -> list[str]:
    """Return the command bound to one core, where there are several."""
    cores = sorted(os.sched_getaffinity(0))
    pinned = ["taskset", "-c", str(cores[core % len(cores)])] if which("taskset") and len(cores) > 1 else []
    return bound_to_us([*pinned, *command])


@contextmanager
def target(kind: str) -> Iterator[Target]:
    """Run a target server of that kind."""
    command = on_core(1, [sys.executable, "-P", "-m", "load.bench.server", kind])
    child = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        running = Target(f"http://127.0.0.1:{child.stdout.readline().strip()}")
        yield running
        child.send_signal(signal.SIGTERM)
        told = child.communicate(timeout=10)[0].strip()
        running.done |= json.loads(told) if told else {}
    finally:
        child.kill()
        child.wait()


@dataclass(frozen=True)
class Ran:
    """What a run of Locust left: its figures (ours where it was an open one) and the lags of each second."""

    figures: dict[str, Any]
    lags: dict[str, dict[str, float]]
    requests_per_s: float
    percentiles_ms: dict[float, float]


def locust(kind: str, url: str, seconds: float, *options: str, steps: str = "") -> Ran:
    """Run one class of the benchmark's locustfile.

    Raises:
        RuntimeError: it left no figures.
    """
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as made:
        folder = Path(made)
        command = [
            *(sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), kind, "--host", url, "--headless"),
            *("--only-summary", "--run-time", f"{seconds:g}s", "--hdr-folder", made),
            *("--json-file", str(folder / "locust"), *options),
        ]
        environment = ENVIRONMENT | {STEPS: steps, LAGS: str(folder / "lags.json")}
        ended = subprocess.run(
            on_core(0, command),
            env=environment,
            capture_output=True,
            text=True,
            timeout=seconds + 60,
            check=False,
        )
        if not (folder / "locust.json").exists():
            raise RuntimeError(f"Locust left nothing (exit status {ended.returncode}): {ended.stderr[-800:]}")
        stock = json.loads((folder / "locust.json").read_text(encoding="utf-8"))
        ours = folder / "load.json"
        lags = folder / "lags.json"
        return Ran(
            json.loads(ours.read_text(encoding="utf-8")) if ours.exists() else {},
            json.loads(lags.read_text(encoding="utf-8")) if lags.exists() else {},
            sum(entry["num_requests"] for entry in stock) / seconds,
            _stock_percentiles(stock),
        )


def _stock_percentiles(stock: list[dict[str, Any]]) -> dict[float, float]:
    """Return percentiles of Locust's own, rounded, statistics."""
    times = sorted((float(ms), count) for entry in stock for ms, count in entry["response_times"].items())
    total = sum(count for _, count in times)
    found: dict[float, float] = {}
    for percentile in (50, 95, 99, 99.9):
        seen = 0
        for time_ms, count in times:
            seen += count
            if seen >= percentile / 100 * total:
                found[percentile] = time_ms
                break
    return found
