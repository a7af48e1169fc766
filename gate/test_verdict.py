"""The verdict: every way evidence can be good, bad, missing or broken has one right outcome."""

import itertools
from pathlib import Path
from typing import Any

import pytest

from gate.criteria import Criterion
from gate.example_evidence import a_run, a_stage, results
from gate.outcome import Outcome, fold
from gate.record import StageRecord, Start, TestbedRecord
from gate.run_files import NoSuchRun, read_evidence, to_document, write_verdict
from gate.stage_evidence import StageEvidence, TestResult
from gate.verdict import Evidence, judge
from load.objectives import load_objectives

PASS, WARN, FAIL, UNKNOWN = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_fold_of_any_mixture_is_its_worst_member(size: int) -> None:
    """FAIL outranks UNKNOWN outranks WARN outranks PASS, in any order and number."""
    for mixture in itertools.product(Outcome, repeat=size):
        worst = next(rank for rank in (FAIL, UNKNOWN, WARN, PASS) if rank in mixture)
        assert fold(mixture) is worst


def test_fold_of_nothing_is_unknown() -> None:
    """A release of which nothing was judged is not good."""
    assert fold([]) is UNKNOWN


def test_exit_codes_are_the_documented_ones() -> None:
    """CI relies on 0 for pass and warn, 1 for fail and 2 for unknown."""
    assert [each.exit_code for each in (PASS, WARN, FAIL, UNKNOWN)] == [0, 0, 1, 2]


@pytest.mark.parametrize(
    ("testbed", "expected"),
    [
        (TestbedRecord(Start.STARTED), PASS),
        (TestbedRecord(Start.REFUSED, why="api ended with exit status 1"), FAIL),
        (TestbedRecord(Start.IMPOSSIBLE, why="nats-server is not installed"), UNKNOWN),
        (TestbedRecord(), UNKNOWN),
        (TestbedRecord(Start.STARTED, died=("api (exit status -11)",)), FAIL),
    ],
)
def test_system_that_does_not_come_up_fails_and_our_missing_tools_are_unknown(
    testbed: TestbedRecord, expected: Outcome
) -> None:
    """The release is not blamed for what the harness lacks."""
    evidence = Evidence(a_run(testbed=testbed), {"contract": results("passed")})

    assert judge(evidence, []).outcome is expected


def test_verdict_with_no_stage_planned_is_unknown() -> None:
    """A run that tested nothing says nothing."""
    assert judge(Evidence(a_run(planned=(), stages=())), []).outcome is UNKNOWN


def test_planned_stage_that_was_never_reached_is_unknown_and_says_why() -> None:
    """A skipped stage is not a passed stage."""
    skipped = StageRecord("load", why="smoke says that the system is not usable")

    verdict = judge(
        Evidence(
            a_run(planned=("contract", "load"), stages=(a_stage(), skipped)), {"contract": results("passed")}
        ),
        [],
    )

    assert verdict.outcome is UNKNOWN
    assert any("not run: smoke says that the system is not usable" in line for line in verdict.why)


@pytest.mark.parametrize(("told", "expected"), [("passed", UNKNOWN), ("failed", FAIL)])
def test_interrupted_run_is_unknown_unless_something_failed_before(told: str, expected: Outcome) -> None:
    """Ctrl-C never leaves a green verdict, and exits 130 either way."""
    status = 0 if told == "passed" else 1
    record = a_run(interrupted="Ctrl-C", stages=(a_stage(exit_status=status),))

    verdict = judge(Evidence(record, {"contract": results(told)}), [])

    assert (verdict.outcome, verdict.exit_code) == (expected, 130)


def test_reasons_are_worst_first_and_name_a_failed_test_once() -> None:
    """The stage's own line is left out where its tests say the same."""
    tests = (
        TestResult("t.py::test_unclear", "inconclusive", "not felt"),
        TestResult("t.py::test_wrong", "failed", "assert 1 == 2\nwith more lines"),
    )
    verdict = judge(
        Evidence(a_run(stages=(a_stage(exit_status=1),)), {"contract": StageEvidence(2, tests)}), []
    )

    assert verdict.why == [
        "FAIL contract: Wrong: assert 1 == 2",
        "UNKNOWN contract: Unclear: inconclusive: not felt",
    ]


def test_reasons_are_few_enough_to_read() -> None:
    """A hundred failures are told as a dozen and a number."""
    evidence = results(*["failed"] * 100, message="assert 0")

    verdict = judge(Evidence(a_run(stages=(a_stage(exit_status=1),)), {"contract": evidence}), [])

    assert len(verdict.why) == 13
    assert verdict.why[-1] == "… and 88 more"


def test_run_written_to_disk_is_judged_the_same_again(tmp_path: Path) -> None:
    """Old evidence can be judged again, and the criteria survive the way through verdict.json."""
    a_run(testbed=TestbedRecord(Start.STARTED, breakdown={"api": 0.4}, log_lines=("x",))).write(tmp_path)
    (tmp_path / "evidence" / "contract.json").write_text(
        '{"collected": 1, "tests": [{"id": "t.py::test_a", "outcome": "failed", "message": "assert 0"}]}'
    )

    first = judge(read_evidence(tmp_path), load_objectives())
    path = write_verdict(tmp_path, first)
    second = judge(read_evidence(tmp_path), load_objectives())

    assert first == second
    assert path.read_text().count('"outcome"') > 1
    stored: Any = to_document(second)["criteria"]
    assert [Criterion.from_json(item) for item in stored] == list(first.criteria)


@pytest.mark.parametrize("record", [None, "no json", "[]", "{}", '{"testbed": {"start": "flying"}}'])
def test_directory_without_a_record_is_refused(tmp_path: Path, record: str | None) -> None:
    """Judging a directory that is no run says so instead of passing it."""
    (tmp_path / "evidence").mkdir()
    if record is not None:
        (tmp_path / "evidence" / "run.json").write_text(record)

    with pytest.raises(NoSuchRun):
        read_evidence(tmp_path)
