"""A check of the project ends with whoever has started it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from fixtures.testbed.runs import REPOSITORY
from fixtures.waiting import until

CHECK = """
import os, pathlib, time
pathlib.Path("pid").write_text(str(os.getpid()))
try:
    time.sleep(600)
except KeyboardInterrupt:
    time.sleep(1)
    print("cleared away", flush=True)
    raise SystemExit(2)
"""
OWNER = """
import os, pathlib, sys
from gate import foreground
sys.exit(foreground.run([sys.executable, "check.py"], cwd=pathlib.Path.cwd(), env=os.environ))
"""
ENDS_WITHIN_S = 20


def begun(folder: Path) -> "subprocess.Popen[str]":
    """Start somebody who runs a long check; return once that is under way."""
    (folder / "check.py").write_text(CHECK)
    owner = subprocess.Popen(
        [sys.executable, "-P", "-c", OWNER],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    until(lambda: (folder / "pid").exists() and check(folder), ENDS_WITHIN_S, what="the check is under way")
    return owner


def check(folder: Path) -> int:
    """Return the check's process id; 0 before it has told it."""
    return int((folder / "pid").read_text() or 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_check_clears_away_when_its_owner_is_told_to_end(tmp_path: Path, number: signal.Signals) -> None:
    """Whoever stops all checks stops the one that runs, and waits until it has put its things in order."""
    with begun(tmp_path) as owner:
        owner.send_signal(number)
        said, _ = owner.communicate(timeout=ENDS_WITHIN_S)

    assert said == "cleared away\n"
    assert owner.returncode != 0
    assert not psutil.pid_exists(check(tmp_path))


def test_check_is_killed_with_its_owner(tmp_path: Path) -> None:
    """Kill -9 of all checks leaves none of them running."""
    with begun(tmp_path) as owner:
        running = psutil.Process(check(tmp_path))
        owner.kill()

    def is_gone() -> bool:
        return not running.is_running() or running.status() == psutil.STATUS_ZOMBIE

    until(is_gone, ENDS_WITHIN_S, what="the check is gone")


def test_how_a_check_ended_is_handed_on(tmp_path: Path) -> None:
    """A check that fails is told by its exit status."""
    (tmp_path / "check.py").write_text("raise SystemExit(3)")

    ended = subprocess.run(
        [sys.executable, "-P", "-c", OWNER], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(REPOSITORY)}
    )

    assert ended.returncode == 3
