"""Wrong use of the command line: one clear line, exit code 64."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from fixtures.testbed.runs import RUNS
from fixtures.testbed.target import BadTarget, Target
from gate.outcome import EXIT_USAGE

Answer = int | Callable[[], int]
"""What a command line comes to: the exit code, where all is said; else what is left to be done."""


class WrongUse(ValueError):  # noqa: N818 - named for what happened, as our errors are
    """The command cannot be run as it was given; the message is one line."""


class Parser(argparse.ArgumentParser):
    """Argparse with our exit code, whole option names only, and examples kept as they are written."""

    def __init__(self, **settings: object) -> None:
        defaults = {"allow_abbrev": False, "formatter_class": argparse.RawDescriptionHelpFormatter}
        super().__init__(**{**defaults, **settings})  # type: ignore[arg-type]  # argparse's own settings

    def error(self, message: str) -> NoReturn:
        """Say in one line what is wrong and where help is."""
        self.exit(EXIT_USAGE, f"{self.prog}: {one_line(message)}; see {self.prog} --help\n")


def one_line(message: str) -> str:
    """Return the first line of a message, and how many more there were."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
    return (lines[0] if lines else "no reason was given") + more


def a_target(text: str) -> Path:
    """Read an option that names a target file, and check the file."""
    path = Path(text)
    try:
        Target.load(path)
    except BadTarget as error:
        raise argparse.ArgumentTypeError(one_line(str(error))) from None
    return path


def a_release(text: str) -> Path:
    """Read an option that names a directory with a release of the system."""
    path = Path(text)
    if not (path / "sut").is_dir():
        raise argparse.ArgumentTypeError(f"{text} holds no directory sut/")
    return path.resolve()


def run_folder(text: str) -> Path:
    """Return the directory of a run that is given by its path, or by its name as `history` shows it."""
    path = Path(text)
    return RUNS / text if not path.exists() and path.name == text else path


def a_run(text: str) -> Path:
    """Read an option that names a run."""
    path = run_folder(text)
    if not (path / "evidence").is_dir():
        raise argparse.ArgumentTypeError(f"{text} is no run's directory: it holds no evidence/")
    return path.resolve()


def a_seed(text: str) -> int:
    """Read an option that is a seed."""
    if not text.isdecimal() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"{text!r} is no seed; a seed is a whole number from 0 to 999999999")
    return int(text)


def seconds_between(low: float, high: float) -> Callable[[str], float]:
    """Return a reader of an option that is a number of seconds."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from {low:g} to {high:g}")
        return value

    return read
