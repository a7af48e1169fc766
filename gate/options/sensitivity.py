"""What `sensitivity` takes."""

import argparse
from pathlib import Path

from fixtures.testbed.kinds import KINDS, kind_of_run
from fixtures.testbed.runs import REPOSITORY
from gate.options.testbed import some_stages
from gate.stages import ORDER, PR_SEED
from gate.usage import a_release, a_seed

DEFECTS = REPOSITORY / "sut" / "defects"
EXAMPLES = """examples:
  ./assay sensitivity                                 every planted defect, and one clean run
  ./assay sensitivity order-lost-on-crash             one of them
  ./assay sensitivity --no-clean --stages smoke,e2e   without the clean run, some stages only
  ./assay sensitivity --defects my-defects/           your own diffs, made with git diff

A diff is a patch that git applies at the root of the repository and that touches sut/ alone. Before the first
«diff --git» it says «Symptom: …» and «Expected: smoke|contract|e2e|load|compare|chaos»; with load it may say
«Profile: …», a load profile; with chaos «Schedule: …», rolling, pile-up or flapping; with e2e «Near: FILE»,
the scenarios that look at what it undoes. Who is expected is asked first, and then, if need be, every stage.
A defect that is expected of compare is held against the release without it.

exit codes: 0 all caught and the clean run green, 1 a defect escaped or the clean run failed,
2 unknown (a diff does not apply, a stage could not tell), 64 wrong use, 130 interrupted
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of sensitivity."""
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="defects, by file name without .diff (default: all)"
    )
    parser.add_argument("--defects", type=_folder, default=DEFECTS, metavar="DIR", help="where the diffs are")
    parser.add_argument(
        "--stages", type=some_stages, default=ORDER, metavar="A,B", help="stages to try (default: all)"
    )
    parser.add_argument("--no-clean", action="store_true", help="leave out the run without a defect")
    parser.add_argument(
        "--sut", type=a_release, default=REPOSITORY, metavar="DIR", help="directory with sut/"
    )
    parser.add_argument(
        "--testbed", choices=KINDS, default=kind_of_run(), help="what PostgreSQL, NATS and who watches run in"
    )
    parser.add_argument(
        "--seed", type=a_seed, default=PR_SEED, metavar="N", help="seed of all made-up data (default: 1)"
    )


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is no directory")
    return path
