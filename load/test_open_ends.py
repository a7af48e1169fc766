"""How runs of the open model end: by a task, by a signal, with errors; and generators that come late."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from load.counting_server import Counting, a_masters_port, counting, start_locust

HEAD = """
import gevent
from locust import events, task
from locust.exception import LocustError, RescheduleTask, StopTest
from load.open_user import OpenHttpUser, Step, constant, schedule
"""
ENDS_ITSELF = """
class Visitor(OpenHttpUser):
    arrivals = constant(100)
    seen = [0]

    @task
    def look(self):
        self.client.get("/")
        self.seen[0] += 1
        if self.seen[0] == 30:
            END
"""
STUMBLES = """
class Visitor(OpenHttpUser):
    arrivals = constant(50)
    seen = [0]

    @task
    def look(self):
        self.seen[0] += 1
        if self.seen[0] == 3:
            raise gevent.Timeout(1)
        if self.seen[0] == 4:
            raise LocustError("a planted error")
        with self.client.get("/", catch_response=True) as answer:
            answer.success()
            raise RescheduleTask

    def on_stop(self):
        raise RuntimeError("a planted farewell")
"""
IS_TOO_MUCH = """
class Visitor(OpenHttpUser):
    arrivals = constant(100)
    most_in_flight = 1

    @task
    def look(self):
        self.client.get("/")
        gevent.sleep(0.1)
"""
ONE_IS_LATE = """
class Early(OpenHttpUser):
    arrivals = constant(100)

    @task
    def look(self):
        self.client.get("/")


class Late(Early):
    def on_start(self):
        gevent.sleep(1)
"""
IS_DEAF_AT_FIRST = """
from load.crew import Crew

take, came = Crew._take, []


def take_the_second(self, msg, **more):
    came.append(msg)
    if len(came) > 1:
        take(self, msg, **more)


Crew._take = take_the_second


class Visitor(OpenHttpUser):
    arrivals = constant(100)

    @task
    def look(self):
        self.client.get("/")
"""
FALLS = """
class Visitor(OpenHttpUser):
    arrivals = schedule(Step(3, 100), Step(100, 4))

    @task
    def look(self):
        self.client.get("/")
"""


@pytest.fixture
def server() -> Iterator[Counting]:
    """A server that counts."""
    with counting() as server:
        yield server


def started(server: Counting, folder: Path, users: str, *options: str) -> "subprocess.Popen[str]":
    """Run a locustfile with these users against the server."""
    locustfile = folder / "locustfile.py"
    locustfile.write_text(HEAD + users, encoding="utf-8")
    return start_locust(
        locustfile,
        *("--headless", "--only-summary", "--host", server.url, "--hdr-folder", str(folder)),
        *options,
    )


def figures_of(folder: Path) -> dict[str, Any]:
    """What a run left."""
    figures: dict[str, Any] = json.loads((folder / "load.json").read_text(encoding="utf-8"))
    return figures


@pytest.mark.parametrize("end", ["self.environment.runner.quit()", "raise StopTest('enough')"])
def test_a_task_may_end_the_run(server: Counting, tmp_path: Path, end: str) -> None:
    """All that was measured is told, as at any other end."""
    told = started(server, tmp_path, ENDS_ITSELF.replace("END", end)).communicate(timeout=30)[0]

    figures = figures_of(tmp_path)
    requests = sum(each["requests"] for each in figures["operations"].values())
    assert requests == server.answered == figures["arrivals"]["Visitor"]["begun"], told
    assert requests >= 30


def test_errors_of_tasks_are_told_and_what_was_judged_stays_so(server: Counting, tmp_path: Path) -> None:
    """A time that ran out, and Locust's own errors, are errors; a task that is merely ended is none."""
    running = started(server, tmp_path, STUMBLES, "--run-time", "1")
    told = running.communicate(timeout=30)[0]

    figures = figures_of(tmp_path)
    assert figures["operations"]["GET /"]["failures"] == 0, told
    assert figures["operations"]["GET /"]["requests"] == server.answered
    assert figures["operations"]["TASK Visitor"]["failures"] == 2


def test_an_unknown_result_is_an_exit_code_whatever_ended_the_run(server: Counting, tmp_path: Path) -> None:
    """Here a signal, and no run time."""
    running = started(server, tmp_path, IS_TOO_MUCH)
    server.await_answered(10)
    running.send_signal(signal.SIGTERM)
    told = running.communicate(timeout=30)[0]

    assert "were shed" in figures_of(tmp_path)["doubt"], told
    assert running.returncode == 2


def test_a_class_that_is_ready_later_has_its_own_clock(server: Counting, tmp_path: Path) -> None:
    """Neither its rate nor that of the other is told wrongly."""
    told = started(server, tmp_path, ONE_IS_LATE, "--run-time", "3").communicate(timeout=30)[0]

    figures = figures_of(tmp_path)
    early, late = (figures["arrivals"][name]["begun"] for name in ("Early", "Late"))
    assert late == pytest.approx(early - 100, abs=15), told
    assert "were anybody's" not in figures["doubt"]
    for name in ("Early", "Late"):
        [line] = [each for each in told.splitlines() if each.startswith(f"arrivals {name}:")]
        rate_per_s = float(line.split("begun (")[1].split("/s")[0])
        assert rate_per_s == pytest.approx(100, rel=0.05), told


def test_a_worker_that_comes_late_takes_its_share_of_what_is_left(server: Counting, tmp_path: Path) -> None:
    """It neither begins the schedule anew, nor applies all of it until it is told its share."""
    *binds, at, port = a_masters_port()
    words = ("--master", "--expect-workers", "1", "--run-time", "9", *binds)
    master = started(server, tmp_path, FALLS, *words)
    follows = ("--worker", at, port)
    workers = [start_locust(tmp_path / "locustfile.py", *follows)]
    server.await_answered(250)
    workers.append(start_locust(tmp_path / "locustfile.py", *follows))
    told = master.communicate(timeout=60)[0]
    for worker in workers:
        worker.communicate(timeout=20)

    figures = figures_of(tmp_path)
    assert figures["generators"] == {"most": 2, "faults": []}, told
    assert figures["arrivals"]["Visitor"]["begun"] == server.answered
    # While one takes over from the other, both may come or none: 3 s of it, on a busy machine.
    planned = 300 + 4 * (figures["elapsed_s"] - 3)
    assert server.answered == pytest.approx(planned, abs=12), told


def test_a_worker_that_did_not_hear_its_share_hears_it_again(server: Counting, tmp_path: Path) -> None:
    """The master may speak before a worker that has just connected listens."""
    words = ("--run-time", "3", "--processes", "2", *a_masters_port())
    running = started(server, tmp_path, IS_DEAF_AT_FIRST, *words)
    told = running.communicate(timeout=60)[0]

    figures = figures_of(tmp_path)
    assert figures["generators"] == {"most": 2, "faults": []}, told
    assert figures["arrivals"]["Visitor"]["begun"] == server.answered
    assert server.answered == pytest.approx(100 * figures["elapsed_s"], rel=0.05), told
