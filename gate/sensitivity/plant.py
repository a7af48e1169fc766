"""Runs the line on a copy of the release for each planted defect, and once on the release as it is."""

import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from fixtures.testbed.interface import TestbedFailed
from fixtures.testbed.own import own_testbed
from fixtures.testbed.runs import ASSAY_DIR
from gate.criteria import outcome_of
from gate.display import Display
from gate.judge_chaos import judge_chaos
from gate.line import Line
from gate.outcome import Outcome
from gate.run_files import write_verdict
from gate.sensitivity.defect import CHAOS, COMPARE, Defect, DoesNotApply, copy_release, plant
from gate.sensitivity.matrix import CLEAN, Row, clean_row, compared_row, row_of, unknown_row
from gate.sensitivity.show import Matrix
from gate.stages import DRILLS, E2E, LOAD, ORDER, Plan
from gate.verdict import Verdict
from load.chaos.run import chaos
from load.chaos.schedule import load_schedule
from load.compare import compare, told_of
from load.comparing.versions import NoSuchVersion
from load.objectives import load_objectives


@dataclass(frozen=True)
class Trial:
    """How the defects are tried."""

    folder: Path
    release: Path
    stages: tuple[str, ...]
    testbed: str = "native"
    seed: int = 1


def new_folder() -> Path:
    """Make a directory for a matrix."""
    folder = ASSAY_DIR / "sensitivity" / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
    folder.mkdir(parents=True)
    return folder


def try_all(trial: Trial, defects: Sequence[Defect], matrix: Matrix, *, clean: bool) -> Iterator[Row]:
    """Try each defect, then the clean release; yield each row as it is known."""
    for defect in defects:
        row = _try(trial, defect, matrix.begin(defect.name))
        matrix.end(row)
        yield row
    if clean:
        display = matrix.begin(CLEAN)
        copy_release(trial.release, trial.folder / "clean")
        verdict, seconds = _run(trial, trial.folder / "clean", display, until_fail=False)
        row = clean_row(verdict, seconds=seconds, run=verdict.record.run)
        matrix.end(row)
        yield row


def _try(trial: Trial, defect: Defect, display: Display) -> Row:
    known = (defect.name, defect.symptom, defect.expected)
    copy = trial.folder / defect.name
    try:
        plant(defect, trial.release, copy)
    except DoesNotApply as error:
        return unknown_row(*known, f"the diff does not apply: {error}")
    if defect.expected == COMPARE and LOAD in trial.stages:
        return _compared(trial, defect, copy, display)
    if defect.schedule and LOAD in trial.stages:
        return _under_faults(trial, defect, defect.schedule, copy, display)
    if defect.expected == DRILLS and trial.stages == ORDER:  # no pull request waits for them
        trial = replace(trial, stages=(DRILLS,))
    began = time.monotonic()
    verdict = _likeliest(trial, defect, copy, display)
    if verdict is None or verdict.outcome is not Outcome.FAIL:
        verdict, _ = _run(trial, copy, display, until_fail=True)
    return row_of(*known, verdict, seconds=round(time.monotonic() - began, 1), run=str(copy.name))


def _compared(trial: Trial, defect: Defect, copy: Path, display: Display) -> Row:
    """Hold the release with the defect against the one without it."""
    known, began = (defect.name, defect.symptom, defect.expected), time.monotonic()
    run_dir = copy / "run"
    run_dir.mkdir()

    def told(text: str, share: float) -> None:
        display.update(COMPARE, text, time.monotonic() - began)

    try:
        _, found = compare(str(defect.path), trial.release, run_dir, seed=trial.seed, told=told)
    except (NoSuchVersion, TestbedFailed) as error:
        return unknown_row(*known, str(error).partition("\n")[0])
    seconds = round(time.monotonic() - began, 1)
    return compared_row(*known, Outcome(found.outcome), told_of(found)[0], seconds=seconds, run=copy.name)


def _under_faults(trial: Trial, defect: Defect, schedule: Path, copy: Path, display: Display) -> Row:
    """Break the release with the defect by a schedule, while orders come."""
    known, began = (defect.name, defect.symptom, defect.expected), time.monotonic()
    run_dir = copy / "run"
    (run_dir / "evidence").mkdir(parents=True)

    def told(text: str) -> None:
        display.update(CHAOS, text, time.monotonic() - began)

    try:
        with own_testbed(trial.testbed, run_dir=run_dir, sut_root=copy) as testbed:
            document = chaos(testbed, load_schedule(schedule), run_dir, told=told)
    except TestbedFailed as error:
        return unknown_row(*known, str(error).partition("\n")[0])
    criteria = judge_chaos(document)
    outcome, seconds = outcome_of(criteria), round(time.monotonic() - began, 1)
    why = next((f"{each.title}: {each.why}" for each in criteria if each.outcome is outcome), "")
    return compared_row(*known, outcome, why, seconds=seconds, run=copy.name)


def _likeliest(trial: Trial, defect: Defect, copy: Path, display: Display) -> Verdict | None:
    """Ask first who should know, if the header tells; whoever asks does not decide, so only a FAIL counts.

    None where nobody is likelier than others.
    """
    if defect.expected not in trial.stages or (defect.expected == E2E and not defect.near):
        return None
    near = defect.near if defect.expected == E2E else ()
    alone = replace(trial, stages=(defect.expected,))
    return _run(
        alone,
        copy,
        display,
        until_fail=True,
        load_profile=defect.profile,
        scenarios=near,
        folder="first",
    )[0]


def _run(
    trial: Trial,
    copy: Path,
    display: Display,
    *,
    until_fail: bool,
    load_profile: str = "",
    scenarios: tuple[str, ...] = (),
    folder: str = "run",
) -> tuple[Verdict, float]:
    run_dir = copy / folder
    run_dir.mkdir()
    plan = Plan(
        run_dir,
        scenarios=scenarios,
        load_profile=load_profile,
        stages=trial.stages,
        testbed=trial.testbed,
        sut_root=copy,
        seed=trial.seed,
        until_fail=until_fail,
    )
    began = time.monotonic()
    verdict = Line(plan, load_objectives(), display).run()
    write_verdict(run_dir, verdict)
    if verdict.record.interrupted:
        raise KeyboardInterrupt
    return verdict, round(time.monotonic() - began, 1)
