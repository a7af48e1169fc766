"""Locust as a child process: it dies with us, ends in time, and leaves what it measured."""

import json
import math
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from fixtures.testbed.runs import REPOSITORY
from fixtures.testbed.spawner import bound_to_us
from fixtures.testbed.target import Target
from load.profiles import Profile
from load.recorder import BEGINS, PROGRESS, RECORDED

LOCUSTFILE = REPOSITORY / "load" / "locustfile.py"
STOPS_WITHIN_S = 5
GRACE_S = 40.0


def _nothing() -> None:
    return


def tell(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


class LoadFailed(RuntimeError):  # noqa: N818 - named for what happened, as our errors are
    """The load did not run as planned, so its figures prove nothing good; a fault that they show is one."""

    def __init__(self, why: str, evidence: Mapping[str, Any] | None = None) -> None:
        super().__init__(why)
        self.evidence: Mapping[str, Any] = evidence or {}


class Generator:
    """Locust as a child process: it starts at once, for it takes a second to, and waits for its cast."""

    def __init__(self, profile: Profile, folder: Path) -> None:
        self._within_s = profile.seconds + GRACE_S
        self._left = folder / RECORDED
        self._left.unlink(missing_ok=True)
        self._log = _log_beside(folder)
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._child = subprocess.Popen(
            bound_to_us(_command(profile, folder, self._log)),
            cwd=REPOSITORY,
            env=os.environ | {"PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._child.kill()
        with suppress(BrokenPipeError):
            self._child.__exit__(*error)  # type: ignore[arg-type]  # it looks at none of them

    def load(
        self, cast: Target, begun: Callable[[], None] = _nothing, say: Callable[[str], None] = tell
    ) -> dict[str, Any]:
        """Load the cast's target and return what was measured; ledgers of the orders are left in the folder.

        `begun` is called once, when the load begins; `say` with each line of how it goes.

        Raises:
            LoadFailed: Locust hung, crashed or left nothing.
        """
        status = self._finished(cast, begun, say)
        if status != 0 or not self._left.exists():
            raise LoadFailed(f"Locust ended with exit status {status} and left no figures; see {self._log}")
        measured: dict[str, Any] = json.loads(self._left.read_text(encoding="utf-8"))
        self._left.unlink()
        return measured

    def _finished(self, cast: Target, begun: Callable[[], None], say: Callable[[str], None]) -> int:
        """Wait for the child; its progress goes to whoever looks on, all else to the log."""
        assert self._child.stdin is not None
        too_late = threading.Timer(self._within_s, self._child.kill)
        too_late.start()
        try:
            with suppress(BrokenPipeError), self._child.stdin as stdin:
                stdin.write(cast.as_toml())
            _pass_on(self._child.stdout or (), self._log, begun, say)
            return self._child.wait()
        finally:
            too_late.cancel()


def _log_beside(folder: Path) -> Path:
    return (folder.parent / "logs" if folder.name == "evidence" else folder) / "locust.log"


def _command(profile: Profile, folder: Path, log: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless", "--only-summary"),
        *("--users", str(profile.users), "--spawn-rate", str(profile.users)),
        # Locust takes whole seconds alone
        *("--run-time", f"{math.ceil(profile.seconds)}s", "--stop-timeout", str(STOPS_WITHIN_S)),
        *("--target", "/dev/stdin", "--load-profile", profile.name, "--evidence-folder", str(folder)),
        *("--load-times", f"{profile.times:g}", "--load-seconds", f"{profile.seconds:g}"),
        *("--exit-code-on-error", "0", "--logfile", str(log)),
    ]


def _pass_on(lines: Iterable[str], log: Path, begun: Callable[[], None], say: Callable[[str], None]) -> None:
    with log.open("a", encoding="utf-8") as file:
        for line in lines:
            if line.startswith(BEGINS):
                begun()
                begun = _nothing  # each of several workers says so
            elif line.startswith(PROGRESS):
                say(line.rstrip("\n"))
            else:
                file.write(line)
