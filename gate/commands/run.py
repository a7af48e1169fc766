"""`gate` and `smoke`: run the line, judge, report."""

import argparse
import json
from pathlib import Path

from fixtures.testbed.runs import ASSAY_DIR
from fixtures.testbed.signals import end_in_order_when_terminated
from fixtures.testbed.target import BadTarget, Target
from gate.commands.planning import plan
from gate.display import a_console, a_display, from_here
from gate.history import Entry, earlier_figures, recall, remember
from gate.line import Line
from gate.report.build import HISTORY, build_report
from gate.run_files import EARLIER, read_evidence, write_verdict
from gate.stages import LOAD, ORDER, SMOKE, Plan, order_of
from gate.tables import print_verdict
from gate.usage import WrongUse
from gate.verdict import Verdict
from load.objectives import load_objectives
from load.strangers import refuse_strangers


def gate(options: argparse.Namespace) -> int:
    """Run the line, and leave verdict, report and history."""
    stages = options.stages or order_of(options.profile, options.target)
    if options.target and LOAD in stages:
        _must_be_ours_to_load(options.target)
    planned = plan(options, stages, profile=options.profile)
    return _run(planned, report=options.report, remembered=True)


def _must_be_ours_to_load(target: Path) -> None:
    """Refuse now what the load stage would refuse after all the others.

    Raises:
        WrongUse: the target is of another machine, and its file does not allow it to be loaded.
    """
    try:
        refuse_strangers(Target.load(target))
    except BadTarget as refused:
        others = ",".join(stage for stage in ORDER if stage != LOAD)
        raise WrongUse(f"{refused}, or leave the load out: --stages {others}") from None


def smoke(options: argparse.Namespace) -> int:
    """Run the smoke stage alone, without a report."""
    return _run(plan(options, (SMOKE,)), report=False, remembered=False)


def _run(planned: Plan, *, report: bool, remembered: bool) -> int:
    objectives = load_objectives()
    end_in_order_when_terminated()
    console = a_console()
    intro = f"profile {planned.profile}, seed {planned.seed}, run {from_here(planned.run_dir)}"
    console.print(intro, markup=False, highlight=False, soft_wrap=True)
    _keep_earlier(planned)
    with a_display(console, ("testbed", *planned.stages)) as display:
        verdict = Line(planned, objectives, display).run()
    write_verdict(planned.run_dir, verdict)
    page = _reported(planned.run_dir, verdict) if report else None
    if remembered:
        remember(ASSAY_DIR / HISTORY, Entry.of(verdict))
    print_verdict(console, verdict, page=page and from_here(page), run_dir=from_here(planned.run_dir))
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
