"""How the release under test is watched: its rules and routes, checked by Prometheus's own programs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from fixtures.testbed.observers import Program, observer
from fixtures.testbed.own import release_of_run

FLOW_URL, MES_URL = "https://flow.example", "https://mes.example"
OPERATIONS = "operations@example.com"
Labels = Mapping[str, str]
_WITHIN_S = 30
_LENGTH = re.compile(r"(?:\[|\boffset )(\d+)(ms|[smhd])\b")
_UNIT_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


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

    def silences(self, source: Labels, target: Labels) -> bool:
        """Say whether nobody is told of an alert while another fires; a missing label counts as empty.

        Source: https://prometheus.io/docs/alerting/latest/configuration/#inhibit_rule
        """
        return any(
            _match(rule["source_matchers"], source)
            and _match(rule["target_matchers"], target)
            and all(source.get(label, "") == target.get(label, "") for label in rule.get("equal", ()))
            for rule in self.routes().get("inhibit_rules", ())
        )

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


def _match(matchers: Sequence[str], labels: Labels) -> bool:
    """Read Alertmanager's matchers, as in severity="critical"."""
    held: dict[str, Callable[[str, str], bool]] = {
        "=": lambda value, wanted: value == wanted,
        "!=": lambda value, wanted: value != wanted,
        "=~": lambda value, wanted: re.fullmatch(wanted, value) is not None,
        "!~": lambda value, wanted: re.fullmatch(wanted, value) is None,
    }
    read = (re.fullmatch(r'\s*(\w+)\s*(=~|!~|!=|=)\s*"?(.*?)"?\s*', matcher) for matcher in matchers)
    return all(each and held[each[2]](labels.get(each[1], ""), each[3]) for each in read)


def lengths_ms(rule: Mapping[str, Any]) -> list[float]:
    """Return every length of time that a rule names: how long it waits, and the windows that it looks at."""
    named = [f"[{rule['for']}]"] if "for" in rule else []
    return [int(count) * _UNIT_MS[unit] for count, unit in _LENGTH.findall(" ".join([*named, rule["expr"]]))]


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


def alerts_in(suite: Path) -> list[Labels]:
    """Return the labels of each alert that a file's tests expect to fire."""
    asked = (
        each
        for test in yaml.safe_load(suite.read_text())["tests"]
        for each in test.get("alert_rule_test", ())
    )
    return [
        {"alertname": each["alertname"], **alert["exp_labels"]}
        for each in asked
        for alert in each.get("exp_alerts", ())
    ]


def made(folder: Path, time_scale: float = 1) -> Watch:
    """Have the release write its configuration as it would for a deployment, or at another pace."""
    addresses = [f"--scrape={job}=http://127.0.0.1:1" for job in ("shop", "api", "mes", "pricing", "flow")]
    people = [f"--flow-url={FLOW_URL}", f"--mes-url={MES_URL}", f"--mail-to={OPERATIONS}"]
    pace = [] if time_scale == 1 else [f"--time-scale={time_scale}"]
    subprocess.run(
        [sys.executable, "-m", "sut.observability", str(folder), *addresses, *people, *pace],
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
