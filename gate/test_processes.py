"""Stages as processes: they end in time, with all they started, and are told apart by how they ended."""

import signal
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from gate import processes
from gate.record import Ended

STUBBORN = (
    "import signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(600)\n"
)


def run(tmp_path: Path, code: str, *, limit_s: float = 30, grace_s: float = 0.5) -> processes.Finished:
    """Run Python code as a stage."""
    [finished] = processes.run([job(tmp_path, code, limit_s=limit_s)], grace_s=grace_s)
    return finished


def job(
    tmp_path: Path, code: str, *, name: str = "log", limit_s: float = 30, ages: list[float] | None = None
) -> processes.Job:
    """Python code as a stage's command."""
    tick = ages.append if ages is not None else lambda _: None
    command = (sys.executable, "-c", code)
    return processes.Job(name, command, {}, tmp_path, tmp_path / name, limit_s, tick)


@pytest.mark.parametrize("status", [0, 1, 5])
def test_stage_that_ends_by_itself_keeps_its_exit_status_and_output(tmp_path: Path, status: int) -> None:
    """What pytest says reaches the verdict, what it prints reaches the log."""
    finished = run(tmp_path, f"print('hello'); raise SystemExit({status})")

    assert (finished.ended, finished.exit_status) == (Ended.ITSELF, status)
    assert (tmp_path / "log").read_text() == "hello\n"


def test_stage_that_crashes_is_told_by_its_signal(tmp_path: Path) -> None:
    """A segmentation fault is no ordinary failure."""
    finished = run(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")

    assert (finished.ended, finished.exit_status) == (Ended.ITSELF, -signal.SIGSEGV)


def test_hung_stage_is_ended_with_everything_it_started(tmp_path: Path) -> None:
    """A stage that ignores its interrupt is killed, and so is what it left running."""
    began = time.monotonic()

    finished = run(tmp_path, STUBBORN, limit_s=1.0)

    assert finished.ended is Ended.TIME_LIMIT
    assert time.monotonic() - began < 10
    assert _is_gone(int((tmp_path / "log").read_text()))


def test_hung_stage_may_still_write_what_it_knows(tmp_path: Path) -> None:
    """It is interrupted before it is killed, as pytest then leaves its evidence."""
    code = (
        "import time\ntry:\n    time.sleep(600)\n"
        "except KeyboardInterrupt:\n    print('evidence')\n    raise SystemExit(2)\n"
    )

    finished = run(tmp_path, code, limit_s=0.5, grace_s=10)

    assert (finished.ended, finished.exit_status) == (Ended.TIME_LIMIT, 2)
    assert (tmp_path / "log").read_text() == "evidence\n"


def test_ctrl_c_ends_the_stage_and_is_told(tmp_path: Path) -> None:
    """An interrupted stage is taken down in order, not left behind."""
    threading.Timer(0.5, signal.raise_signal, (signal.SIGINT,)).start()

    finished = run(tmp_path, "import time; time.sleep(600)")

    assert finished.ended is Ended.INTERRUPT
    assert finished.seconds < 10


def test_stage_tells_its_age_while_it_runs(tmp_path: Path) -> None:
    """Progress can be shown."""
    ages: list[float] = []

    [finished] = processes.run([job(tmp_path, "import time; time.sleep(0.6)", ages=ages)])

    assert len(ages) >= 2
    assert ages == sorted(ages)
    assert finished.peak_bytes > 1_000_000


def test_memory_that_a_stage_held_for_some_seconds_only_is_seen(tmp_path: Path) -> None:
    """What its child took after the start and gave back before the end is in the stage's figure."""
    held = "import time; held = bytearray(150_000_000); time.sleep(5); del held; time.sleep(1)"
    code = f"import subprocess, sys, time; time.sleep(1); subprocess.run([sys.executable, '-c', {held!r}])"

    finished = run(tmp_path, code)

    assert 150_000_000 < finished.peak_bytes < 400_000_000


def test_stages_run_side_by_side_and_each_keeps_its_own_end(tmp_path: Path) -> None:
    """One that fails at once and one that hangs neither hide nor hold up the other."""
    began = time.monotonic()
    jobs = [
        job(tmp_path, "raise SystemExit(3)", name="fails"),
        job(tmp_path, "import time; time.sleep(2.0)", name="passes"),
        job(tmp_path, "import time; time.sleep(600)", name="hangs", limit_s=1.0),
    ]

    failed, passed, hung = processes.run(jobs, grace_s=1)

    assert (failed.ended, failed.exit_status) == (Ended.ITSELF, 3)
    assert failed.seconds < passed.seconds
    assert (passed.ended, passed.exit_status) == (Ended.ITSELF, 0)
    assert hung.ended is Ended.TIME_LIMIT
    assert time.monotonic() - began < 10


def test_ctrl_c_ends_all_stages_at_once(tmp_path: Path) -> None:
    """They share one time of grace."""
    threading.Timer(0.5, signal.raise_signal, (signal.SIGINT,)).start()
    jobs = [job(tmp_path, STUBBORN, name=name) for name in ("one", "two", "three")]

    finished = processes.run(jobs, grace_s=1)

    assert {each.ended for each in finished} == {Ended.INTERRUPT}
    assert max(each.seconds for each in finished) < 10


def _is_gone(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)  # ended; init has not looked yet
    except psutil.NoSuchProcess:
        return True


def test_stages_beside_one_that_shows_that_all_is_in_vain_are_called_off(tmp_path: Path) -> None:
    """Nobody waits for the scenarios of a system that is not usable, and they are said not to have run."""
    began, told = time.monotonic(), list[tuple[int, int | None]]()
    codes = {"quick": "raise SystemExit(1)", "long": "import time; time.sleep(600)"}
    stages = [job(tmp_path, code, name=name) for name, code in codes.items()]

    def goes_on(place: int, finished: processes.Finished) -> bool:
        told.append((place, finished.exit_status))
        return finished.exit_status == 0

    quick, long = processes.run(stages, goes_on=goes_on, grace_s=0.5)

    assert told == [(0, 1)]
    assert (quick.ended, long.ended) == (Ended.ITSELF, Ended.NOT_RUN)
    assert time.monotonic() - began < 60


def test_stages_beside_one_that_is_well_go_on_to_their_end(tmp_path: Path) -> None:
    """Each end is told, and none is lost."""
    told = list[int]()
    stages = [job(tmp_path, "", name=name) for name in ("one", "other")]

    def goes_on(place: int, _: processes.Finished) -> bool:
        told.append(place)
        return True

    ends = processes.run(stages, goes_on=goes_on)

    assert [end.ended for end in ends] == [Ended.ITSELF, Ended.ITSELF]
    assert sorted(told) == [0, 1]
