"""`sensitivity`: does the gate catch what it should, and nothing else?"""

import argparse
import sys
from pathlib import Path

from fixtures.testbed.own import KINDS, kind_of_run
from fixtures.testbed.runs import REPOSITORY
from fixtures.testbed.signals import end_in_order_when_terminated
from gate.commands.options import PR_SEED, some_stages
from gate.display import a_console
from gate.outcome import EXIT_INTERRUPTED
from gate.sensitivity import pages
from gate.sensitivity.defect import read
from gate.sensitivity.matrix import Row, outcome_of, told
from gate.sensitivity.plant import Trial, new_folder, try_all
from gate.sensitivity.show import Matrix
from gate.stages import ORDER
from gate.usage import a_release, a_seed

DEFECTS = REPOSITORY / "sut" / "defects"
EXAMPLES = """examples:
  ./assay sensitivity                               every planted defect, and one clean run
  ./assay sensitivity order-lost-on-crash           one of them
  ./assay sensitivity --no-clean --stages smoke,e2e without the clean run, some stages only
  ./assay sensitivity --defects my-defects/         your own diffs, made with git diff

A diff is a patch that git applies at the root of the repository and that touches sut/ alone. Before the first
«diff --git» it says «Symptom: …» and «Expected: smoke|contract|e2e|load|compare»; with load it may say
«Profile: …», a load profile; with e2e «Near: FILE», the scenarios that look at what it undoes. Who is
expected is asked first, and then, if need be, every stage. A defect that is expected of compare is held
against the release without it.

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


def sensitivity(options: argparse.Namespace) -> int:
    """Fill the matrix, and leave it as a page, Markdown and JSON."""
    defects = read(options.defects, options.names)
    end_in_order_when_terminated()
    trial = Trial(new_folder(), options.sut, options.stages, options.testbed, options.seed)
    console = a_console()
    rows: list[Row] = []
    interrupted = False
    try:
        with Matrix(console) as matrix:
            rows += try_all(trial, defects, matrix, clean=not options.no_clean)
    except KeyboardInterrupt:
        interrupted = True
    page = pages.write(trial.folder, rows)
    print(told(rows) if rows else "nothing was tried to its end")
    print(f"page     {page.relative_to(REPOSITORY)}")
    if interrupted:
        print("interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    return outcome_of(rows).exit_code


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is no directory")
    return path
