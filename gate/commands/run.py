"""`gate` and `smoke`: run the line, judge, report."""

import argparse
import json
from pathlib import Path

from fixtures.testbed.runs import ASSAY_DIR
from fixtures.testbed.signals import end_in_order_when_terminated
from fixtures.testbed.target import Target
from gate.commands.options import add_testbed, plan, some_stages
from gate.display import a_console, a_display
from gate.history import Entry, earlier_figures, recall, remember
from gate.line import Line
from gate.report.build import HISTORY, build_report
from gate.run_files import EARLIER, read_evidence, write_verdict
from gate.stages import ALL, PROFILES, SMOKE, Plan, order_of
from gate.tables import print_verdict
from gate.verdict import Verdict
from load.objectives import load_objectives

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


def gate(options: argparse.Namespace) -> int:
    """Run the line, and leave verdict, report and history."""
    stages = options.stages or order_of(options.profile, options.target)
    planned = plan(options, stages, profile=options.profile)
    return _run(planned, report=options.report, remembered=True)


def smoke(options: argparse.Namespace) -> int:
    """Run the smoke stage alone, without a report."""
    return _run(plan(options, (SMOKE,)), report=False, remembered=False)


def _run(planned: Plan, *, report: bool, remembered: bool) -> int:
    objectives = load_objectives()
    end_in_order_when_terminated()
    console = a_console()
    intro = f"profile {planned.profile}, seed {planned.seed}, run {_shown(planned.run_dir)}"
    console.print(intro, markup=False, highlight=False, soft_wrap=True)
    _keep_earlier(planned)
    with a_display(console, ("testbed", *planned.stages)) as display:
        verdict = Line(planned, objectives, display).run()
    write_verdict(planned.run_dir, verdict)
    page = _reported(planned.run_dir, verdict) if report else None
    if remembered:
        remember(ASSAY_DIR / HISTORY, Entry.of(verdict))
    print_verdict(console, verdict, page=page and _shown(page), run_dir=_shown(planned.run_dir))
    return verdict.exit_code


def _keep_earlier(planned: Plan) -> None:
    """Leave with the run what earlier ones had, so that it is always judged by the same."""
    target = Target.load(planned.target).name if planned.target else ""
    known = earlier_figures(recall(ASSAY_DIR / HISTORY), planned.profile, target)
    path = planned.run_dir / EARLIER
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known), encoding="utf-8")


def _reported(run_dir: Path, verdict: Verdict) -> Path | None:
    """Build the report; someone who interrupts is not kept waiting for Allure."""
    evidence = read_evidence(run_dir)
    try:
        return build_report(
            run_dir, verdict, evidence, state=ASSAY_DIR, with_allure=not verdict.record.interrupted
        )
    except KeyboardInterrupt:
        return build_report(run_dir, verdict, evidence, state=ASSAY_DIR, with_allure=False)


def _shown(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
