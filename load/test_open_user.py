"""The open model inside Locust, as a whole: alone, in several processes, and with one of them lost."""

import csv
import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from fixtures.testbed.runs import REPOSITORY
from load.counting_server import Counting, a_masters_port, counting, start_locust
from load.hlog import read_hlog, whole

EXAMPLE = REPOSITORY / "load" / "examples" / "open_locustfile.py"


@pytest.fixture
def server() -> Iterator[Counting]:
    """A server that counts."""
    with counting() as server:
        yield server


def locust(server: Counting, folder: Path, *options: str) -> "subprocess.Popen[str]":
    """Start Locust with the example, loading the server at 100 visitors a second."""
    return start_locust(
        EXAMPLE,
        *a_masters_port(),
        *("--headless", "--only-summary", "--host", server.url, "--arrival-rate", "100"),
        *("--hdr-folder", str(folder), "--csv", str(folder / "locust")),
        *("--json-file", str(folder / "locust"), *options),
    )


def left(folder: Path) -> tuple[dict[str, Any], int]:
    """The figures that a run left, and how many requests Locust's own statistics count at its end."""
    rows = list(csv.DictReader((folder / "locust_stats.csv").read_text().splitlines()))
    assert {"/", "second page"} <= {row["Name"] for row in rows}
    stock = json.loads((folder / "locust.json").read_text())
    return json.loads((folder / "load.json").read_text()), sum(each["num_requests"] for each in stock)


@pytest.mark.parametrize("options", [(), ("--processes", "2")], ids=["one process", "two processes"])
def test_every_request_is_counted_once_everywhere(
    server: Counting, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """By the server, in the histograms, in Locust's own table, and by the arrivals."""
    running = locust(server, tmp_path, "--run-time", "3", *options)
    told = running.communicate(timeout=60)[0]

    figures, by_locust = left(tmp_path)
    requests = sum(each["requests"] for each in figures["operations"].values())
    assert requests == server.answered == by_locust == figures["arrivals"]["Visitor"]["begun"], told
    assert 0 < requests <= 310
    latencies = whole(read_hlog(tmp_path / "load.hlog.gz"))
    assert sum(each.count for (_, kind), each in latencies.items() if kind == "latency") == requests
    assert "<svg" in (tmp_path / "percentiles.html").read_text()
    assert "GET second page" in told


def test_a_lost_worker_makes_the_result_unknown(server: Counting, tmp_path: Path) -> None:
    """What it had not told is gone; the others take over its share, and nobody calls that a success."""
    running = locust(server, tmp_path, "--run-time", "8", "--processes", "2")
    server.await_answered(50)
    psutil.Process(running.pid).children()[0].send_signal(signal.SIGKILL)
    told = running.communicate(timeout=60)[0]

    figures, _ = left(tmp_path)
    assert "was lost" in figures["doubt"], told
    assert figures["generators"]["most"] == 2
    assert running.returncode != 0
