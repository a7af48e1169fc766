"""What `judge`, `report` and `history` take."""

import argparse

from gate.usage import a_run

JUDGE_EXAMPLES = """examples:
  ./assay judge .assay/runs/20261122T120000-a1b2c3    judge old evidence by today's objectives

It writes verdict.json again and runs nothing. exit codes: as of gate
"""
REPORT_EXAMPLES = """examples:
  ./assay report                                      where the last run's report is
  ./assay report --open                               show it in the browser
  ./assay report .assay/runs/20261122T120000-a1b2c3   build the report of a run again

exit codes: 0 the report's path was printed, 64 wrong use or no run
"""
HISTORY_EXAMPLES = """examples:
  ./assay history                                     the last verdicts, newest last
  ./assay history --last 50                           more of them

exit codes: 0, 64 wrong use
"""


def add_judge(parser: argparse.ArgumentParser) -> None:
    """Add the options of judge."""
    parser.add_argument("run", type=a_run, metavar="RUN", help="directory or name of a run")


def add_report(parser: argparse.ArgumentParser) -> None:
    """Add the options of report."""
    parser.add_argument(
        "run",
        type=a_run,
        nargs="?",
        metavar="RUN",
        help="directory or name of a run; its report is built again",
    )
    parser.add_argument("--open", action="store_true", help="show the report in the browser")


def add_history(parser: argparse.ArgumentParser) -> None:
    """Add the options of history."""
    parser.add_argument("--last", type=_how_many, default=20, metavar="N", help="how many runs (default: 20)")


def _how_many(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of runs; it is 1 or more")
    return int(text)
