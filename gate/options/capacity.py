"""What `capacity` takes."""

import argparse

from fixtures.testbed.runs import REPOSITORY
from gate.usage import a_release, a_target, seconds_between
from load.lengths import CAPACITY_STEP_S

EXAMPLES = """examples:
  ./assay capacity                            of the reference system, on this machine
  ./assay capacity --sut ../release-1.4       of another release of it
  ./assay capacity --target staging.toml      of a running system that is yours to load
  ./assay capacity --seconds 30               longer at each rate: takes longer, is surer

The load is the profile «contract» of load/profiles.toml at more and more times its rate: doubled until an
objective breaks, then between what held and what broke, then confirmed for twice as long. The picture shows
rate against latency.

exit codes: 0 the headroom is kept (or only nearly), 1 it is not, 2 unknown (the load generator was full
first, or nothing could be told), 64 wrong use, 130 interrupted
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of capacity."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--target", type=a_target, metavar="FILE", help="a running system, by its target file")
    which.add_argument(
        "--sut", type=a_release, default=REPOSITORY, metavar="DIR", help="directory with the release's sut/"
    )
    parser.add_argument(
        "--seconds",
        type=seconds_between(5, 600),
        default=CAPACITY_STEP_S,
        metavar="S",
        help=f"time at each rate ({CAPACITY_STEP_S:g})",
    )
