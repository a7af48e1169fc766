"""`sensitivity`: does the gate catch what it should, and nothing else?"""

import argparse
import sys

from fixtures.testbed.runs import REPOSITORY
from fixtures.testbed.signals import end_in_order_when_terminated
from gate.display import a_console
from gate.outcome import EXIT_INTERRUPTED
from gate.sensitivity import pages
from gate.sensitivity.defect import read
from gate.sensitivity.matrix import Row, outcome_of, told
from gate.sensitivity.plant import Trial, new_folder, try_all
from gate.sensitivity.show import Matrix


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
