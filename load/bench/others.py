"""Other load generators, where they are installed: what wrk and hey say of the same target."""

import re
import subprocess
from shutil import which

from load.bench.running import on_core

_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


def wrk(url: str, seconds: int, connections: int = 20) -> tuple[float, dict[float, float]] | None:
    """Return wrk's requests per second and percentiles in ms; it has no rate. None where it is absent."""
    if which("wrk") is None:
        return None
    said = _said(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency", url])
    found = {
        float(percentile): float(value) * _MS[unit]
        for percentile, value, unit in re.findall(r"^\s+(\d+)%\s+([\d.]+)(us|ms|s|m)$", said, re.MULTILINE)
    }
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    return (float(rate[1]) if rate else 0.0), found


def hey(url: str, seconds: int, rate_per_s: float = 0) -> tuple[float, dict[float, float]] | None:
    """Return hey's requests per second and percentiles in ms, at a rate or as fast as it can."""
    if which("hey") is None:
        return None
    workers = 20
    limit = ["-q", str(max(1, round(rate_per_s / workers)))] if rate_per_s else []
    said = _said(["hey", "-z", f"{seconds}s", "-c", str(workers), "-t", "10", *limit, url])
    found = {
        float(percentile): float(value) * 1000
        for percentile, value in re.findall(r"^\s+(\d+)%+ in ([\d.]+) secs", said, re.MULTILINE)
    }
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    return (float(rate[1]) if rate else 0.0), found


def _said(command: list[str]) -> str:
    return subprocess.run(
        on_core(0, command), capture_output=True, text=True, timeout=120, check=False
    ).stdout
