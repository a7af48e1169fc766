"""What `gate` and `smoke` take."""

import argparse

from gate.options.testbed import add_testbed, some_stages
from gate.stages import ALL, PROFILES

GATE_EXAMPLES = """examples:
  ./assay gate                              the whole line, as a pull request runs it
  ./assay gate --profile nightly            with the slow tests, the drills and a longer load
  ./assay gate --stages smoke,contract      some stages only; no verdict on the whole release
  ./assay gate --target staging.toml        a running system instead of our own
  ./assay gate --sut ../release-1.4         another release of the reference system

exit codes: 0 pass or warn, 1 fail, 2 unknown, 64 wrong use, 130 interrupted (the verdict is kept as UNKNOWN)
"""
SMOKE_EXAMPLES = """examples:
  ./assay smoke                             does the system work at all?
  ./assay smoke --target staging.toml       does that one?

exit codes: as of gate
"""


def add_gate(parser: argparse.ArgumentParser) -> None:
    """Add the options of gate."""
    parser.add_argument(
        "--profile", choices=PROFILES, default=PROFILES[0], help="how much is tested (default: pr)"
    )
    parser.add_argument(
        "--stages",
        type=some_stages,
        default=None,
        metavar="A,B",
        help=f"some of {', '.join(ALL)} (default: all of the profile; drills are nightly's)",
    )
    parser.add_argument(
        "--report",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="build the report (default: yes)",
    )
    add_testbed(parser)
