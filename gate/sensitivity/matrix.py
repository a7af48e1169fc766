"""The defect matrix: who was caught by what, and whether a clean release is left alone. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from gate.criteria import Criterion
from gate.outcome import Outcome, fold
from gate.verdict import Verdict

CLEAN = "(no defect)"


class Result(StrEnum):
    """What came of a planted defect, or of the clean release."""

    CAUGHT = "caught"
    ESCAPED = "ESCAPED"
    UNKNOWN = "UNKNOWN"
    GREEN = "green"
    FALSE_ALARM = "FALSE ALARM"


_OUTCOMES = {
    Result.CAUGHT: Outcome.PASS,
    Result.GREEN: Outcome.PASS,
    Result.ESCAPED: Outcome.FAIL,
    Result.FALSE_ALARM: Outcome.FAIL,
    Result.UNKNOWN: Outcome.UNKNOWN,
}


@dataclass(frozen=True)
class Row:
    """One run of the matrix."""

    name: str
    symptom: str
    expected: str
    result: Result
    stage: str = ""
    by: str = ""
    why: str = ""
    seconds: float = 0.0
    run: str = ""

    @property
    def outcome(self) -> Outcome:
        """What the row means for the harness: a defect that escapes is our failure."""
        return _OUTCOMES[self.result]


def row_of(name: str, symptom: str, expected: str, verdict: Verdict, *, seconds: float, run: str) -> Row:
    """Judge the run of a planted defect: only a FAIL has caught it."""
    catch = catching(verdict)
    if catch:
        why = next((line.strip() for line in catch.why.splitlines() if line.strip()), "")
        return Row(name, symptom, expected, Result.CAUGHT, catch.stage, catch.id, why, seconds, run)
    result = Result.UNKNOWN if verdict.outcome is Outcome.UNKNOWN else Result.ESCAPED
    why = verdict.why[0] if verdict.why else "every stage passed"
    return Row(name, symptom, expected, result, why=why, seconds=seconds, run=run)


def clean_row(verdict: Verdict, *, seconds: float, run: str) -> Row:
    """Judge the run without a defect: it must pass."""
    result = {Outcome.FAIL: Result.FALSE_ALARM, Outcome.UNKNOWN: Result.UNKNOWN}.get(
        verdict.outcome, Result.GREEN
    )
    catch = catching(verdict)
    by = catch.id if catch else ""
    why = verdict.why[0] if verdict.why else ""
    return Row(CLEAN, "the release as it is", "", result, catch.stage if catch else "", by, why, seconds, run)


def compared_row(
    name: str, symptom: str, expected: str, outcome: Outcome, why: str, *, seconds: float, run: str
) -> Row:
    """Return the row of a defect that was held against the release without it."""
    results = {Outcome.FAIL: Result.CAUGHT, Outcome.UNKNOWN: Result.UNKNOWN}
    result = results.get(outcome, Result.ESCAPED)
    by = why if result is Result.CAUGHT else ""
    return Row(name, symptom, expected, result, expected, by, why, seconds, run)


def unknown_row(name: str, symptom: str, expected: str, why: str) -> Row:
    """Return the row of a defect that could not be planted or run."""
    return Row(name, symptom, expected, Result.UNKNOWN, why=why)


def catching(verdict: Verdict) -> Criterion | None:
    """Return the criterion that failed first; a single test rather than the stage that it belongs to."""
    failed = [item for item in verdict.criteria if item.outcome is Outcome.FAIL]
    if not failed:
        return None
    same_stage = [item for item in failed if item.stage == failed[0].stage]
    return next((item for item in same_stage if "::" in item.id), failed[0])


def outcome_of(rows: Sequence[Row]) -> Outcome:
    """Fold the matrix: PASS only when every defect was caught and the clean release was left alone."""
    return fold(row.outcome for row in rows)


def told(rows: Sequence[Row]) -> str:
    """Say in a sentence what the matrix shows."""
    planted = [row for row in rows if row.name != CLEAN]
    caught = sum(row.result is Result.CAUGHT for row in planted)
    clean = [row for row in rows if row.name == CLEAN]
    alarms = sum(row.result is Result.FALSE_ALARM for row in clean)
    words = f"{caught} of {len(planted)} defects caught"
    return words + (f", {alarms} false alarms in {len(clean)} clean run" if clean else ", no clean run")
