"""Options that several commands share."""

import argparse

from fixtures.testbed.kinds import KINDS, kind_of_run
from fixtures.testbed.runs import REPOSITORY
from gate.stages import ALL
from gate.usage import a_release, a_seed, a_target


def add_testbed(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which system is tested."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--target", type=a_target, metavar="FILE", help="test the running system of a target file"
    )
    which.add_argument(
        "--testbed", choices=KINDS, default=kind_of_run(), help="what PostgreSQL, NATS and who watches run in"
    )
    parser.add_argument(
        "--sut", type=a_release, default=REPOSITORY, metavar="DIR", help="directory with the release's sut/"
    )
    parser.add_argument(
        "--seed", type=a_seed, metavar="N", help="seed of all made-up data (pr: 1, nightly: the time)"
    )
    parser.add_argument("--keep", action="store_true", help="keep databases and broker files of the run")


def some_stages(text: str) -> tuple[str, ...]:
    """Read a list of stages; they always run cheapest first."""
    named = [word.strip() for word in text.split(",") if word.strip()]
    wrong = [word for word in named if word not in ALL]
    if wrong or not named:
        known = ", ".join(ALL)
        raise argparse.ArgumentTypeError(f"{wrong[0] if wrong else text!r} is no stage; there are: {known}")
    return tuple(stage for stage in ALL if stage in named)
