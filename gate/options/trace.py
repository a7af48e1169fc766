"""What `trace` takes."""

import argparse
from pathlib import Path

from fixtures.traces.folders import folders_of
from gate.usage import a_target, run_folder

EXAMPLES = """examples:
  ./assay trace 7F3K-0192                                            in the latest run that knows the order
  ./assay trace 7F3K-0192 --run .assay/runs/20261122T120000-a1b2c3   in one run
  ./assay trace 7F3K-0192 --target staging.toml --open               in a deployment's Jaeger or Tempo

It also writes a page with the same and more.
exit codes: 0 shown, 2 the spans cannot be read, 64 wrong use or no such order
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of trace."""
    parser.add_argument("order", metavar="ORDER", help="number or id of an order")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--run",
        type=_a_run,
        metavar="RUN",
        help="directory or name of a run (default: the latest that knows the order)",
    )
    where.add_argument("--target", type=a_target, metavar="FILE", help="target file with [traces]")
    parser.add_argument("--open", action="store_true", help="show the page in the browser")


def _a_run(text: str) -> Path:
    """Read an option that names a run with spans."""
    path = run_folder(text)
    if not folders_of(path):
        raise argparse.ArgumentTypeError(
            f"{text} is no directory of a run that received spans: it has no traces/"
        )
    return path.resolve()
