"""How the release under test is watched: its rules and routes, checked by Prometheus's own programs."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from fixtures.testbed.observers import Program, observer
from fixtures.testbed.own import release_of_run

FLOW_URL, MES_URL = "https://flow.example", "https://mes.example"
OPERATIONS = "operations@example.com"
_WITHIN_S = 30


@dataclass(frozen=True)
class Said:
    """How a program ended, and all that it said."""

    status: int
    text: str


@dataclass(frozen=True)
class Watch:
    """The configuration as it is released: every interval and window as it stands in the files."""

    folder: Path

    def rules(self) -> list[dict[str, Any]]:
        """Return every rule of every group."""
        files = [yaml.safe_load(path.read_text()) for path in sorted(self.folder.glob("rules/*.yml"))]
        return [rule for file in files for group in file["groups"] for rule in group["rules"]]

    def alerts(self) -> list[dict[str, Any]]:
        """Return the rules that alert somebody."""
        return [rule for rule in self.rules() if "alert" in rule]

    def routes(self) -> dict[str, Any]:
        """Return Alertmanager's configuration."""
        routes: dict[str, Any] = yaml.safe_load((self.folder / "alertmanager.yml").read_text())
        return routes

    def asks(self, program: Program, *words: str) -> Said:
        """Run one of Prometheus's programs in the configuration's folder.

        Raises:
            ObserverMissing: it is not on this machine.
        """
        done = subprocess.run(
            [observer(program), *words],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=_WITHIN_S,
            check=False,
        )
        return Said(done.returncode, done.stdout + done.stderr)


def home() -> Path:
    """Return where the release under test keeps its rules."""
    return release_of_run() / "sut" / "observability"


def suites() -> list[Path]:
    """Return the files with what must hold of the rules."""
    return sorted((home() / "tests").glob("*.yml"))


@cache
def names_in(suite: Path) -> list[str]:
    """Return the names of a file's tests, each «Alert: what it does»."""
    return [test["name"] for test in yaml.safe_load(suite.read_text())["tests"]]


def made(folder: Path) -> Watch:
    """Have the release write its configuration as it would for a deployment."""
    addresses = [f"--scrape={job}=http://127.0.0.1:1" for job in ("shop", "api", "mes", "pricing", "flow")]
    people = [f"--flow-url={FLOW_URL}", f"--mes-url={MES_URL}", f"--mail-to={OPERATIONS}"]
    subprocess.run(
        [sys.executable, "-m", "sut.observability", str(folder), *addresses, *people],
        cwd=release_of_run(),
        env={
            "PATH": os.defpath,
            "PYTHONPATH": str(release_of_run()),
            "METRICS_TOKEN": "made-up",
            "SMTP_URL": "smtp://127.0.0.1:25",
        },
        check=True,
        timeout=_WITHIN_S,
    )
    (folder / "tests").symlink_to(home().resolve() / "tests")
    return Watch(folder)
