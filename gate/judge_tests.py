"""Judge a stage of tests: pure, from how the stage ran and what its tests left behind."""

from collections.abc import Iterator

from gate.criteria import Criterion
from gate.outcome import Outcome, fold
from gate.record import Ended, StageRecord
from gate.stage_evidence import KNOWN_OUTCOMES, StageEvidence, TestResult

TITLES = {
    "smoke": "The system works at all",
    "contract": "The partner API keeps its contract",
    "drills": "Every alert fires at its fault, is mailed, and ends",
    "e2e": "Shoppers, partners and operators get their orders through",
}
_PYTEST_STATUS = {
    2: "pytest was interrupted",
    3: "pytest broke down",
    4: "pytest was called wrongly or could not import the tests",
    5: "pytest found no tests",
}


def judge_tests(record: StageRecord, evidence: StageEvidence | None) -> list[Criterion]:
    """Return one criterion for the stage and one for each test that did not simply pass."""
    single = [_single(record, test) for test in (evidence.tests if evidence else ()) if _is_told(test)]
    doubts = list(_doubts(record, evidence))
    outcome = fold([Outcome.UNKNOWN] * bool(doubts) + [item.outcome for item in single] or [Outcome.PASS])
    passed = evidence.count("passed") if evidence else 0
    ran = sum(test.outcome != "skipped" for test in evidence.tests) if evidence else 0
    whole = Criterion(
        id=f"{record.name}.tests",
        stage=record.name,
        title=TITLES.get(record.name, f"The tests of {record.name} pass"),
        outcome=outcome,
        why="; ".join(doubts) or _told(evidence),
        value=float(passed) if evidence else None,
        unit=f"of {ran} tests passed",
        samples=ran,
        needs_samples=1,
        key=True,
        evidence=f"evidence/{record.name}.json" if evidence and evidence.complete else record.log,
    )
    return [whole, *single]


def _is_told(test: TestResult) -> bool:
    return test.is_violation or test.is_unclear or test.flaky


def _single(record: StageRecord, test: TestResult) -> Criterion:
    if test.is_violation:
        outcome, found = Outcome.FAIL, test.message
    elif test.is_unclear:
        outcome, found = Outcome.UNKNOWN, f"{_kind(test)}: {test.message}" if test.message else _kind(test)
    else:
        outcome, found = Outcome.WARN, "it passed only when it was run again"
    why = found.strip() or "it failed without a message"
    return Criterion(test.id, record.name, _title(test), outcome, why, evidence=test.place)


def _kind(test: TestResult) -> str:
    if test.outcome in ("failed", "error"):
        return "could not be run"
    return test.outcome if test.outcome in KNOWN_OUTCOMES else f"ended as {test.outcome or 'nothing'!r}"


def _title(test: TestResult) -> str:
    """Return the test's name in words: test_order_is_priced[PLA] is «Order is priced [PLA]»."""
    name, bracket, parameters = test.id.rpartition("::")[2].partition("[")
    words = name.removeprefix("test_").replace("_", " ").strip()
    return f"{words[:1].upper()}{words[1:]}" + (f" [{parameters}" if bracket else "")


def _doubts(record: StageRecord, evidence: StageEvidence | None) -> Iterator[str]:
    """Say everything for which the stage as a whole cannot be believed, worst first."""
    if record.ended is Ended.NOT_RUN:
        yield f"not run: {record.why or 'the run ended before'}"
        return
    if record.ended is not Ended.ITSELF:
        yield _cut_short(record, evidence)
    elif evidence is None or not evidence.complete:
        yield f"it left no evidence ({_status(record.exit_status)}); see {record.log}"
    elif evidence.fault:
        yield f"its evidence cannot be read: {evidence.fault}"
    else:
        yield from _result_doubts(record, evidence)


def _result_doubts(record: StageRecord, evidence: StageEvidence) -> Iterator[str]:
    results = len({test.id for test in evidence.tests})
    if not evidence.collected or not results:
        yield "no tests were collected" if not evidence.collected else "no test left a result"
    elif evidence.count("skipped") == results:
        yield f"all {results} tests were skipped"
    elif results < evidence.collected:
        yield f"{evidence.collected - results} of {evidence.collected} collected tests left no result"
    if record.exit_status not in (0, 1):
        yield f"{_status(record.exit_status)}; see {record.log}"
    elif record.exit_status == 1 and not evidence.count("failed", "error", "inconclusive"):
        yield f"pytest says that something failed, the evidence does not; see {record.log}"


def _cut_short(record: StageRecord, evidence: StageEvidence | None) -> str:
    running = f" while running {', '.join(evidence.running[:2])}" if evidence and evidence.running else ""
    if record.ended is Ended.TIME_LIMIT:
        return f"ended by its time limit of {record.limit_s:g} s{running}"
    return f"interrupted after {record.seconds:.0f} s{running}"


def _status(status: int | None) -> str:
    if status is None:
        return "it could not be started"
    if status < 0:
        return f"killed by signal {-status}"
    return _PYTEST_STATUS.get(status, f"exit status {status}")


def _told(evidence: StageEvidence | None) -> str:
    counts = {"failed": 0, "unclear": 0, "skipped": 0}
    for test in evidence.tests if evidence else ():
        counts["failed"] += test.is_violation
        counts["unclear"] += test.is_unclear
        counts["skipped"] += test.outcome == "skipped"
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)
