"""What `compare` takes."""

import argparse

from fixtures.testbed.runs import REPOSITORY
from gate.usage import a_release, a_seed, seconds_between
from load.lengths import COMPARISON_S

EXAMPLES = """examples:
  ./assay compare v1.4.0                            this release against a tag, a branch or a commit
  ./assay compare HEAD                              what is not committed yet against what is
  ./assay compare n-plus-one-on-the-order-list      a planted defect against the release without it
  ./assay compare my-change.diff                    any diff against sut/, made with git diff
  ./assay compare ../release-1.4                    against a directory that holds sut/
  ./assay compare HEAD --seconds 60                 less time, less certainty

Both versions run on this machine and are asked in turn, in windows of some milliseconds. A difference is
claimed only where its whole interval lies beyond what two runs of one version differ by.

exit codes: 0 nothing became worse, 1 something did, 2 unknown (too noisy, or a version does not work),
64 wrong use, 130 interrupted
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of compare."""
    parser.add_argument(
        "ref", metavar="REF", help="a git reference, a diff, a planted defect, or a directory"
    )
    parser.add_argument(
        "--sut",
        type=a_release,
        default=REPOSITORY,
        metavar="DIR",
        help="the release that REF is held against",
    )
    parser.add_argument(
        "--seconds",
        type=seconds_between(10, 3600),
        default=COMPARISON_S,
        metavar="S",
        help=f"how long both are asked ({COMPARISON_S:g}); starting them comes on top",
    )
    parser.add_argument("--seed", type=a_seed, default=1, metavar="N", help="seed of the random order (1)")
