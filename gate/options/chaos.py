"""What `chaos` takes."""

import argparse
from pathlib import Path

from fixtures.tables import BadFile
from fixtures.testbed.kinds import KINDS, kind_of_run
from fixtures.testbed.runs import REPOSITORY
from gate.usage import a_release, a_seed, one_line, seconds_between
from load.chaos.schedule import SCHEDULES, Schedule, load_schedule

EXAMPLES = """examples:
  ./assay chaos                                      eight faults by chance; their seed is told
  ./assay chaos --seed 7                             the same faults as the last time
  ./assay chaos --seed 7 --count 20 --seconds 180    more of them
  ./assay chaos --schedule rolling                   faults that a file names, of Assay or your own
  ./assay chaos --sut ../release-1.4                 another release

A system of its own is loaded with the profile «contract» while its processes are killed, frozen and ended.
Afterwards every order is accounted for. The picture shows faults and what was felt of them; schedule.toml
beside it repeats them. The same seed draws the same faults for the same count and seconds. What a file of
your own holds is told in the README; load/chaos/schedules/ has examples.

exit codes: 0 nothing was lost and all is as before (or some fault was not felt), 1 something was lost,
doubled, mispriced or stuck, or it did not recover, 2 unknown, 64 wrong use, 130 interrupted
"""
COUNT, SECONDS = 8, 75.0
_NAMES = sorted(path.stem for path in SCHEDULES.glob("*.toml"))


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of chaos."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--schedule",
        type=_a_schedule,
        metavar="FILE",
        help=f"which process is broken when, and how: a file, or {', '.join(_NAMES)}",
    )
    which.add_argument("--seed", type=a_seed, metavar="N", help="seed of faults by chance (default: random)")
    parser.add_argument(
        "--count", type=_a_count, metavar="N", help=f"how many faults by chance (default: {COUNT})"
    )
    parser.add_argument(
        "--seconds",
        type=seconds_between(35, 3600),
        metavar="S",
        help=f"how long, with faults by chance ({SECONDS:g})",
    )
    parser.add_argument(
        "--sut", type=a_release, default=REPOSITORY, metavar="DIR", help="directory with the release's sut/"
    )
    parser.add_argument(
        "--testbed", choices=KINDS, default=kind_of_run(), help="what PostgreSQL and NATS run in"
    )


def _a_schedule(text: str) -> Schedule:
    """Read a file, or one of those that come with Assay by its name alone."""
    path = Path(text)
    named = path if path.exists() else SCHEDULES / f"{text}.toml"
    if not named.is_file():
        raise argparse.ArgumentTypeError(f"{text!r} is neither a file nor one of {', '.join(_NAMES)}")
    try:
        return load_schedule(named)
    except BadFile as error:
        raise argparse.ArgumentTypeError(one_line(str(error))) from None


def _a_count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 200:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of faults from 1 to 200")
    return int(text)
