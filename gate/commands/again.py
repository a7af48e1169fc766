"""`judge`, `report` and `history`: look again at what earlier runs left."""

import argparse
import sys
import webbrowser
from pathlib import Path

from rich.markup import escape

from fixtures.testbed.runs import ASSAY_DIR, REPOSITORY, RUNS
from gate.display import a_console
from gate.history import Entry, last_good, recall
from gate.report.build import HISTORY, PAGE, build_report
from gate.run_files import NoSuchRun, read_evidence, write_verdict
from gate.tables import a_table, badge, print_verdict
from gate.usage import WrongUse
from gate.verdict import judge as judge_evidence
from load.objectives import load_objectives


def judge(options: argparse.Namespace) -> int:
    """Judge a run's evidence again."""
    try:
        verdict = judge_evidence(read_evidence(options.run), load_objectives())
    except NoSuchRun as error:
        raise WrongUse(str(error)) from None
    write_verdict(options.run, verdict)
    page = options.run / PAGE
    print_verdict(a_console(), verdict, page=page if page.is_file() else None, run_dir=options.run)
    return verdict.outcome.exit_code


def report(options: argparse.Namespace) -> int:
    """Build a run's report again, or find the last one; print its path."""
    run = options.run or last_run()
    page: Path = run / PAGE
    if options.run or not page.is_file():
        try:
            evidence = read_evidence(run)
        except NoSuchRun as error:
            raise WrongUse(str(error)) from None
        verdict = judge_evidence(evidence, load_objectives())
        write_verdict(run, verdict)
        page = build_report(run, verdict, evidence, state=ASSAY_DIR, new=False)
    print(page.relative_to(Path.cwd()) if page.is_relative_to(Path.cwd()) else page)
    if options.open and not webbrowser.open(page.as_uri()):
        print("no browser could be opened; open that file yourself", file=sys.stderr)
    return 0


def last_run() -> Path:
    """Return the latest run that was judged.

    Raises:
        WrongUse: there is none.
    """
    judged = sorted(RUNS.glob("*/verdict.json"), key=lambda path: path.stat().st_mtime)
    if not judged:
        raise WrongUse(
            f"no run has been judged under {RUNS.relative_to(REPOSITORY)}; start one with ./assay gate"
        )
    return judged[-1].parent


def history(options: argparse.Namespace) -> int:
    """Print the last verdicts."""
    entries = recall(ASSAY_DIR / HISTORY)[-options.last :]
    if not entries:
        print("no run of the gate is remembered yet; start one with ./assay gate")
        return 0
    table = a_table("finished", "outcome", "release", "profile", "stages", "time", "run", right=("time",))
    for entry in entries:
        stages = "all" if entry.full else ", ".join(entry.seconds)
        table.add_row(
            entry.finished_at[:16].replace("T", " "), badge(entry.outcome), escape(entry.ref), entry.profile,
            stages, f"{entry.took_s or sum(entry.seconds.values()):.0f} s", entry.run,
        )  # fmt: skip
    a_console().print(table)
    _print_last_good(entries)
    return 0


def _print_last_good(entries: list[Entry]) -> None:
    good = last_good(entries[:-1], entries[-1]) if not entries[-1].good else entries[-1]
    none = "no good release is remembered: only runs of all stages count"
    print(f"last good release: {good.ref} ({good.run})" if good else none)
