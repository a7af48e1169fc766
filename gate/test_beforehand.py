"""What is told before the first set-up, on a Python that has no packages."""

import os
import subprocess
import sys

import pytest

from e2e.operations.drills.alerts import ALERTS
from gate.beforehand import GO_ON
from gate.cli import COMMANDS, main
from gate.finding import ROOT

HELPS = [[], *([command.name] for command in COMMANDS), ["test"], ["bench"], ["drill"], ["up"]]
WRONG = {
    "unknown command": (["frobnicate"], "frobnicate"),
    "unknown option": (["gate", "--bogus"], "--bogus"),
    "unknown profile": (["gate", "--profile", "weekly"], "weekly"),
    "missing target": (["smoke", "--target", "no-such-file.toml"], "no-such-file.toml"),
    "unknown option of up": (["up", "--bogus"], "--bogus"),
    "unknown alert": (["drill", "NoSuchAlert"], "NoSuchAlert"),
    "unknown benchmark": (["bench", "nothing"], "nothing"),
    "no number of seconds": (["capacity", "--seconds", "1"], "no number of seconds"),
}


def bare(*words: str) -> "subprocess.CompletedProcess[str]":
    """Ask a Python without any package, as a machine has one before the set-up."""
    return subprocess.run(
        [sys.executable, "-S", "-P", "-m", "gate.beforehand", *words],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("words", HELPS, ids=" ".join)
def test_help_needs_no_package_and_is_that_of_the_command(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A newcomer can read everything before anything is installed, and reads the same afterwards."""
    told = bare(*words, "--help")

    assert main([*words, "--help"]) == 0
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == capsys.readouterr().out


@pytest.mark.parametrize(("words", "named"), WRONG.values(), ids=WRONG.keys())
def test_wrong_use_needs_no_package_and_is_one_line(words: list[str], named: str) -> None:
    """Nobody waits for a set-up to learn of a slip of the finger."""
    told = bare(*words)

    assert (told.returncode, told.stdout) == (64, "")
    assert named in told.stderr
    assert len(told.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "words", [["gate"], ["up"], ["test", "e2e"], ["drill", ALERTS[0], "-vv"], ["bench", "load"]], ids=" ".join
)
def test_right_use_goes_on_in_silence(words: list[str]) -> None:
    """What needs the packages is left to the command, after the set-up."""
    told = bare(*words)

    assert (told.returncode, told.stdout, told.stderr) == (GO_ON, "", "")


@pytest.mark.parametrize("words", [["bench", "load", "--help"], ["test", "--help-pytest"]], ids=" ".join)
def test_help_that_needs_packages_says_that_the_set_up_comes_first(words: list[str]) -> None:
    """A help that is not ours to tell is not told by a silent installation."""
    told = bare(*words)

    assert told.returncode == GO_ON
    assert "the set-up comes first" in told.stderr
