"""What tests told of a stage has one right outcome, however it was told."""

from collections.abc import Mapping

import pytest

from gate.criteria import outcome_of
from gate.example_evidence import a_stage, results
from gate.judge_tests import judge_tests
from gate.outcome import Outcome
from gate.record import Ended, StageRecord
from gate.stage_evidence import StageEvidence, TestResult, from_document, from_feed

PASS, WARN, FAIL, UNKNOWN = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN


def outcome(record: StageRecord, evidence: StageEvidence | None) -> Outcome:
    """Judge a stage."""
    return outcome_of(judge_tests(record, evidence))


@pytest.mark.parametrize(
    ("outcomes", "message", "status", "expected"),
    [
        (("passed", "passed"), "", 0, PASS),
        (("passed", "skipped"), "", 0, PASS),
        (("passed", "failed"), "assert 1 == 2", 1, FAIL),
        (("failed",), "", 1, FAIL),
        (("passed", "error"), "assert 1 == 2", 1, FAIL),
        (("passed", "error"), "AssertionError: the sign-up was refused", 1, FAIL),
        (("passed", "error"), "E   AssertionError: no", 1, FAIL),
        (("passed", "error"), "fixture 'nofix' not found", 1, UNKNOWN),
        (("passed", "error"), "ConnectError: refused; AssertionError elsewhere", 1, UNKNOWN),
        (("passed", "error"), "", 1, UNKNOWN),
        (("passed", "inconclusive"), "the fault hit nothing", 1, UNKNOWN),
        (("passed", "inconclusive"), "the fault hit nothing", 0, UNKNOWN),
        (("failed", "inconclusive"), "x", 1, FAIL),
        (("failed", "error"), "x", 1, FAIL),
        (("passed", "failed"), "worker 'gw1' crashed while running 'test_a.py::test_1'", 1, UNKNOWN),
        (("passed", "exploded"), "", 0, UNKNOWN),
        (("skipped", "skipped"), "", 0, UNKNOWN),
        ((), "", 5, UNKNOWN),
        ((), "", 0, UNKNOWN),
        (("passed",), "", 1, UNKNOWN),
        (("passed",), "", 2, UNKNOWN),
        (("passed",), "", 3, UNKNOWN),
        (("passed",), "", 4, UNKNOWN),
        (("passed",), "", 5, UNKNOWN),
        (("passed",), "", -9, UNKNOWN),
        (("passed",), "", None, UNKNOWN),
        (("failed",), "x", 2, FAIL),
        (("failed",), "x", -9, FAIL),
    ],
)
def test_stage_with_results_has_the_right_outcome(
    outcomes: tuple[str, ...], message: str, status: int | None, expected: Outcome
) -> None:
    """What tests say and how pytest ended are weighed together; doubt is UNKNOWN, a violation FAIL."""
    assert outcome(a_stage(exit_status=status), results(*outcomes, message=message)) is expected


def test_stage_without_evidence_is_unknown_and_names_its_log() -> None:
    """A stage that crashed before it wrote anything has proven nothing."""
    (whole,) = judge_tests(a_stage(exit_status=-11), None)

    assert whole.outcome is UNKNOWN
    assert whole.why == "it left no evidence (killed by signal 11); see logs/stage-contract.log"


def test_stage_with_fewer_results_than_collected_is_unknown() -> None:
    """Tests that vanished on the way were not passed."""
    (whole,) = judge_tests(a_stage(), results("passed", collected=3))

    assert (whole.outcome, whole.why) == (UNKNOWN, "2 of 3 collected tests left no result")


def test_stage_that_passed_only_on_the_second_try_is_a_warning() -> None:
    """A flaky pass is told, and does not stop the release."""
    flaky = StageEvidence(1, (TestResult("test_a.py::test_b", "passed", flaky=True),))

    assert outcome(a_stage(), flaky) is WARN


@pytest.mark.parametrize("ended", [Ended.TIME_LIMIT, Ended.INTERRUPT, Ended.NOT_RUN])
def test_stage_that_did_not_end_by_itself_is_unknown(ended: Ended) -> None:
    """Hung, interrupted and never started stages prove nothing, whatever exit status was seen."""
    assert outcome(a_stage(ended=ended), results("passed")) is UNKNOWN


def test_hung_stage_names_the_test_that_hung_and_keeps_what_failed_before() -> None:
    """A violation seen before the hang still fails the release."""
    feed = from_feed(
        [
            {"event": "collected", "count": 3},
            {"event": "started", "id": "test_a.py::test_price"},
            {
                "event": "finished",
                "id": "test_a.py::test_price",
                "outcome": "failed",
                "message": "assert 1 == 2",
            },
            {"event": "started", "id": "test_a.py::test_hangs"},
        ]
    )

    whole, single = judge_tests(a_stage(ended=Ended.TIME_LIMIT, exit_status=-9), feed)

    assert (whole.outcome, single.outcome) == (FAIL, FAIL)
    assert whole.why == "ended by its time limit of 60 s while running test_a.py::test_hangs"


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"collected": "3", "tests": []},
        {"collected": 3},
        {"collected": True, "tests": []},
        {"collected": 1, "tests": ["x"]},
        {"collected": 1, "tests": [{"outcome": "passed"}]},
    ],
)
def test_evidence_of_a_wrong_form_is_unknown(document: Mapping[str, object]) -> None:
    """Evidence that cannot be read is no evidence."""
    assert outcome(a_stage(), from_document(document)) is UNKNOWN


def test_failed_test_becomes_a_criterion_that_names_test_message_and_place() -> None:
    """The reason of a verdict leads to the test."""
    test = TestResult(
        "e2e/test_x.py::test_price_is_right[PLA]", "failed", "assert 1 == 2", file="e2e/test_x.py", line=7
    )

    _, single = judge_tests(a_stage(exit_status=1), StageEvidence(1, (test,)))

    assert (single.id, single.title, single.why) == (test.id, "Price is right [PLA]", "assert 1 == 2")
    assert single.evidence == "e2e/test_x.py:7"
