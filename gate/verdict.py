"""The verdict: a pure fold of evidence into criteria and of criteria into one outcome."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gate.criteria import Criterion, outcome_of
from gate.judge_drills import judge_drills
from gate.judge_load import judge_conservation, judge_load
from gate.judge_testbed import judge_testbed
from gate.judge_tests import judge_tests
from gate.judge_traces import judge_traces
from gate.outcome import EXIT_INTERRUPTED, WORST_FIRST, Outcome
from gate.record import Ended, RunRecord, StageSummary
from gate.stage_evidence import StageEvidence
from load.objectives import Objective

TOLD = 12
CONSERVATION = "evidence/conservation.json"
TRACES = "evidence/traces.json"
DRILLS = "evidence/drill-times.json"


@dataclass(frozen=True)
class Evidence:
    """Everything a run left behind that is judged."""

    record: RunRecord
    stages: Mapping[str, StageEvidence] = field(default_factory=dict)
    load: Mapping[str, object] | None = None
    conservation: Mapping[str, object] | None = None
    traces: Mapping[str, object] | None = None
    drills: Mapping[str, object] | None = None
    earlier: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What the evidence says of the release."""

    record: RunRecord
    outcome: Outcome
    criteria: tuple[Criterion, ...]
    stages: tuple[StageSummary, ...]

    @property
    def exit_code(self) -> int:
        """The exit code of the gate: that of the outcome, or 130 when someone interrupted the run."""
        return EXIT_INTERRUPTED if self.record.interrupted else self.outcome.exit_code

    @property
    def why(self) -> list[str]:
        """The reasons, worst first; empty when everything passed."""
        told = [criterion for criterion in self.criteria if not self.is_told_by_others(criterion)]
        ranked = [item for rank in WORST_FIRST[:-1] for item in told if item.outcome is rank]
        lines = [f"{item.outcome} {item.stage}: {item.title}: {_first_line(item.why)}" for item in ranked]
        more = len(lines) - TOLD
        interrupted = (
            [f"UNKNOWN run: interrupted ({self.record.interrupted})"] if self.record.interrupted else []
        )
        return interrupted + lines[:TOLD] + ([f"… and {more} more"] if more > 0 else [])

    def is_told_by_others(self, whole: Criterion) -> bool:
        """Tell whether a stage's own criterion says only what its single tests say anyway."""
        if whole.id != f"{whole.stage}.tests":
            return False
        singles = [item for item in self.criteria if item.stage == whole.stage and "::" in item.id]
        return whole.outcome is Outcome.PASS or whole.outcome in {item.outcome for item in singles}


def judge(evidence: Evidence, objectives: Iterable[Objective]) -> Verdict:
    """Judge a run. Nothing is read, run or asked: the same evidence always gives the same verdict."""
    record = evidence.record
    criteria = judge_testbed(record.testbed)
    for stage in record.planned:
        criteria += _judge_stage(stage, evidence, objectives)
    if not record.planned:
        criteria.append(
            Criterion("run.stages", "run", "Something was tested", Outcome.UNKNOWN, "no stage was planned")
        )
    outcome = outcome_of(criteria)
    if record.interrupted and outcome is not Outcome.FAIL:
        outcome = Outcome.UNKNOWN
    stages = tuple(_summary(name, evidence, criteria) for name in record.planned)
    return Verdict(record, outcome, tuple(criteria), stages)


def _judge_stage(stage: str, evidence: Evidence, objectives: Iterable[Objective]) -> list[Criterion]:
    record = evidence.record.stage(stage)
    if stage == "load":
        return judge_load(record, evidence.load, objectives, evidence.earlier)
    criteria = judge_tests(record, evidence.stages.get(stage))
    if stage == "drills" and record.ended is not Ended.NOT_RUN:
        criteria += judge_drills(stage, evidence.drills, DRILLS)
    if stage == "e2e" and record.ended is not Ended.NOT_RUN:
        criteria.append(judge_conservation(stage, evidence.conservation, CONSERVATION))
        if evidence.record.testbed.traces:
            criteria.append(judge_traces(stage, evidence.traces, TRACES))
    return criteria


def _summary(name: str, evidence: Evidence, criteria: Iterable[Criterion]) -> StageSummary:
    record, found = evidence.record.stage(name), evidence.stages.get(name)
    tests = found.tests if found else ()
    return StageSummary(
        name,
        outcome_of(criteria, name),
        record.ended,
        round(record.seconds, 2),
        record.peak_rss_bytes,
        passed=sum(test.outcome == "passed" for test in tests),
        failed=sum(test.is_violation for test in tests),
        unclear=sum(test.is_unclear for test in tests),
        skipped=sum(test.outcome == "skipped" for test in tests),
    )


def _first_line(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "no reason was given")
    return line if len(line) <= 240 else f"{line[:239]}…"
