"""Locust as a child process: it dies with us, ends in time, and leaves what it measured."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fixtures.testbed.runs import REPOSITORY, RUN_DIR_VARIABLE
from fixtures.testbed.spawner import bound_to_us
from fixtures.testbed.target import Target
from load.profiles import Profile
from load.recorder import PROGRESS, RECORDED

LOCUSTFILE = REPOSITORY / "load" / "locustfile.py"
STOPS_WITHIN_S = 5
GRACE_S = 40.0


class LoadFailed(RuntimeError):  # noqa: N818 - named for what happened, as our errors are
    """The load did not run as planned, so its figures prove nothing."""


def generated(cast: Target, profile: Profile, folder: Path) -> dict[str, Any]:
    """Load the target and return what was measured; ledgers of the orders are left in `folder`.

    Raises:
        LoadFailed: Locust hung, crashed or left nothing.
    """
    log = folder.parent / "logs" / "locust.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    left = folder / RECORDED
    left.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="assay-load-") as private:
        target_file = Path(private) / "target.toml"
        cast.dump(target_file)
        status = _finished(_command(profile, target_file, log), folder.parent, log, profile.seconds + GRACE_S)
    if status != 0 or not left.exists():
        raise LoadFailed(f"Locust ended with exit status {status} and left no figures; see {log}")
    measured: dict[str, Any] = json.loads(left.read_text(encoding="utf-8"))
    left.unlink()
    return measured


def _command(profile: Profile, target_file: Path, log: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless", "--only-summary"),
        *("--users", str(profile.users), "--spawn-rate", str(profile.users)),
        *("--run-time", f"{profile.seconds:g}s", "--stop-timeout", str(STOPS_WITHIN_S)),
        *("--target", str(target_file), "--load-profile", profile.name),
        *("--exit-code-on-error", "0", "--logfile", str(log)),
    ]


def _finished(command: list[str], run_dir: Path, log: Path, within_s: float) -> int:
    """Wait for the child; its progress goes to whoever looks on, all else to the log."""
    ours = {RUN_DIR_VARIABLE: str(run_dir), "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        bound_to_us(command),
        cwd=REPOSITORY,
        env=os.environ | ours,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as child:
        too_late = threading.Timer(within_s, child.kill)
        too_late.start()
        try:
            _pass_on(child.stdout or (), log)
            return child.wait()
        finally:
            too_late.cancel()
            child.kill()


def _pass_on(lines: Iterable[str], log: Path) -> None:
    with log.open("a", encoding="utf-8") as file:
        for line in lines:
            if line.startswith(PROGRESS):
                print(line, end="", flush=True)
            else:
                file.write(line)
