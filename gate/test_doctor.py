"""The doctor tells what is missing, how to get it, and whether the harness can run at all."""

import json
import os
import subprocess
import sys

import pytest

from gate import doctor
from gate.finding import ROOT, Finding
from gate.machine import packages, pins

THERE = Finding("python", ok=True, seen="3.11.2", get="apt-get install -y python3")
LACKING = Finding("browser", ok=False, seen="", get="apt-get install -y chromium")
NICE_TO_HAVE = Finding("docker engine", ok=False, seen="", get="apt-get install -y docker.io", required=False)


def test_missing_need_is_told_with_the_way_to_get_it() -> None:
    """Whoever reads the table knows what to type next."""
    told = doctor.table([THERE, LACKING])

    assert told.splitlines() == [
        "  ok        python   3.11.2",
        "  MISSING   browser  not found",
        "                     → apt-get install -y chromium",
    ]


@pytest.mark.parametrize(
    ("findings", "expected"),
    [([THERE], 0), ([THERE, NICE_TO_HAVE], 0), ([THERE, LACKING], 2)],
    ids=["all there", "only an optional one lacks", "a required one lacks"],
)
def test_exit_code_says_whether_the_harness_can_run(
    monkeypatch: pytest.MonkeyPatch, findings: list[Finding], expected: int
) -> None:
    """A script can ask the doctor and need not read the table."""
    monkeypatch.setattr(doctor, "look", lambda: findings)

    assert doctor.main([]) == doctor.main(["--json"]) == doctor.main(["--missing"]) == expected


def test_unknown_option_is_one_line_and_exit_64(capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped option is refused at once."""
    assert doctor.main(["--jsom"]) == 64
    assert capsys.readouterr().err.count("\n") == 1


def test_doctor_runs_before_anything_is_installed() -> None:
    """On a bare Python, without any package, the doctor still answers."""
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-m", "gate.doctor", "--json"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )

    found = {each["name"]: each for each in json.loads(done.stdout)["needs"]}
    assert done.returncode == 2
    assert found["python"]["ok"]
    assert not found["packages"]["ok"]


def test_every_pin_of_the_lock_file_is_read() -> None:
    """No package escapes the comparison with what is installed."""
    lock = ROOT / "requirements.lock"

    assert len(pins(lock)) == sum("==" in line for line in lock.read_text().splitlines())
    assert packages().ok, packages().seen
