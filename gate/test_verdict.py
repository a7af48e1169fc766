"""The verdict: every way evidence can be good, bad, missing or broken has one right outcome."""

import itertools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gate.criteria import Criterion, outcome_of
from gate.judge_load import MUST_BE_EMPTY, judge_conservation, judge_load
from gate.judge_testbed import judge_testbed
from gate.judge_tests import judge_tests
from gate.judge_traces import judge_traces
from gate.outcome import Outcome, fold
from gate.record import Ended, RunRecord, StageRecord, Start, TestbedRecord
from gate.run_files import NoSuchRun, read_evidence, to_document, write_verdict
from gate.stage_evidence import StageEvidence, TestResult, from_document, from_feed
from gate.verdict import Evidence, judge
from load.objectives import load_objectives

PASS, WARN, FAIL, UNKNOWN = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN
CLEAN: dict[str, Any] = {
    "attempted": 3,
    "acknowledged": 3,
    "seen": 3,
    "recovered": [],
    "drained_s": 1.0,
    "complete": True,
} | {name: [] for name in MUST_BE_EMPTY}


def a_stage(name: str = "contract", exit_status: int | None = 0, **changed: Any) -> StageRecord:
    """A stage that came to its end."""
    return replace(StageRecord(name, Ended.ITSELF, exit_status=exit_status, seconds=3, limit_s=60), **changed)


def results(*outcomes: str, message: str = "", collected: int | None = None) -> StageEvidence:
    """Tests with these outcomes."""
    tests = tuple(TestResult(f"test_a.py::test_{at}", told, message) for at, told in enumerate(outcomes))
    return StageEvidence(len(tests) if collected is None else collected, tests)


def outcome(record: StageRecord, evidence: StageEvidence | None) -> Outcome:
    """Judge a stage."""
    return outcome_of(judge_tests(record, evidence))


def a_run(**changed: Any) -> RunRecord:
    """A run of the contract stage alone."""
    record = RunRecord(
        run="r1", profile="pr", seed=1, release={"ref": "abc"}, environment={}, planned=("contract",),
        full=False, started_at="2026-11-22T12:00:00+00:00",
        testbed=TestbedRecord(Start.STARTED), stages=(a_stage(),),
    )  # fmt: skip
    return replace(record, **changed)


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


@pytest.mark.parametrize("name", MUST_BE_EMPTY)
def test_orders_that_break_conservation_fail_the_release(name: str) -> None:
    """One lost, unexpected, doubled, mispriced, leaked or stuck order is one too many."""
    judged = judge_conservation("e2e", CLEAN | {name: [{"number": "K7F3-0192"}]}, "x")

    assert (judged.outcome, judged.why, judged.value) == (FAIL, f"1 {name} (K7F3-0192)", 1)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (CLEAN, PASS),
        (None, UNKNOWN),
        ({}, UNKNOWN),
        (CLEAN | {"acknowledged": 0}, UNKNOWN),
        (CLEAN | {"acknowledged": []}, UNKNOWN),
        (CLEAN | {"complete": False}, UNKNOWN),
        (CLEAN | {"complete": "yes"}, UNKNOWN),
        (CLEAN | {"complete": False, "lost": ["A"]}, UNKNOWN),
        (CLEAN | {"complete": False, "stuck": ["A"]}, UNKNOWN),
        (CLEAN | {"complete": False, "doubled": ["A"]}, FAIL),
        (CLEAN | {"lost": None}, UNKNOWN),
        ({name: told for name, told in CLEAN.items() if name != "lost"}, UNKNOWN),
        (CLEAN | {"recovered": ["A"]}, PASS),
    ],
)
def test_conservation_is_believed_only_when_orders_were_followed_to_their_end(
    found: dict[str, object] | None, expected: Outcome
) -> None:
    """Nothing acknowledged, drained or said is UNKNOWN; what time cannot mend is FAIL at once."""
    assert judge_conservation("e2e", found, "x").outcome is expected


def test_load_without_evidence_leaves_every_objective_unknown() -> None:
    """No samples never pass an objective."""
    judged = judge_load(a_stage("load"), None, load_objectives())

    assert {item.outcome for item in judged} == {UNKNOWN}
    assert len(judged) > len(load_objectives()) - 1


@pytest.mark.parametrize(
    "changed",
    [{"exit_status": 1}, {"ended": Ended.TIME_LIMIT}, {"ended": Ended.INTERRUPT}, {"ended": Ended.NOT_RUN}],
)
def test_load_that_broke_off_is_unknown_although_it_left_evidence(changed: dict[str, Any]) -> None:
    """Half a load run does not stand for the whole."""
    ran, *_ = judge_load(a_stage("load", **changed), {"operations": {}}, [])

    assert ran.outcome is UNKNOWN


def test_load_without_a_conservation_objective_is_judged_for_conservation_anyway() -> None:
    """Nobody can configure the loss of orders away."""
    _, conservation = judge_load(a_stage("load"), {"conservation": CLEAN | {"lost": ["A"]}}, [])

    assert (conservation.id, conservation.outcome) == ("load.conservation", FAIL)


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


BROKEN_TRACE: dict[str, Any] = {
    "number": "7F3K-0192",
    "test": "e2e/ordering/test_a.py::test_b",
    "faults": [{"hop": "api.submitted processed by mes", "kind": "missing", "last_hop": "published"}],
}
WHOLE: dict[str, Any] = {"expected": True, "why": "", "orders": 3, "hops": 60, "broken": []}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (WHOLE, PASS),
        (WHOLE | {"broken": [BROKEN_TRACE]}, FAIL),
        (WHOLE | {"broken": [BROKEN_TRACE], "why": "the receiver ended by itself"}, UNKNOWN),
        (WHOLE | {"why": "no span of any order was received"}, UNKNOWN),
        (WHOLE | {"orders": 0}, UNKNOWN),
        (WHOLE | {"expected": False}, UNKNOWN),
        (WHOLE | {"broken": "none"}, UNKNOWN),
        ({}, UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_traces_are_whole_only_where_that_was_told(found: dict[str, Any] | None, said: Outcome) -> None:
    """A receiver that failed, no spans, no orders and no evidence are UNKNOWN, never PASS."""
    assert judge_traces("e2e", found, "traces.json").outcome is said


def test_broken_trace_names_order_scenario_and_last_hop() -> None:
    """The verdict's first page says where to look."""
    why = judge_traces("e2e", WHOLE | {"broken": [BROKEN_TRACE] * 5}, "traces.json").why

    assert why.startswith("5 of 3 orders: 7F3K-0192 of e2e/ordering/test_a.py::test_b: ")
    assert "api.submitted processed by mes is missing, last hop published" in why
    assert why.endswith("and 2 more")


@pytest.mark.parametrize(("traces", "criteria"), [(True, ["e2e.traces"]), (False, [])])
def test_traces_are_owed_where_they_can_be_read(traces: bool, criteria: list[str]) -> None:
    """A deployment without tracing, and evidence from before it, are judged without."""
    record = a_run(
        planned=("e2e",), stages=(a_stage("e2e"),), testbed=TestbedRecord(Start.STARTED, traces=traces)
    )

    verdict = judge(Evidence(record, {"e2e": results("passed")}, conservation=CLEAN), load_objectives())

    assert [item.id for item in verdict.criteria if item.id == "e2e.traces"] == criteria
    assert [item.outcome for item in verdict.criteria if item.id == "e2e.traces"] == [UNKNOWN] * len(criteria)


@pytest.mark.parametrize(("died", "said"), [("traces", UNKNOWN), ("mail", UNKNOWN), ("mes", FAIL)])
def test_end_of_a_watcher_is_no_failure_of_the_release(died: str, said: Outcome) -> None:
    """A receiver that ended by itself leaves nobody able to tell; a service that did is a failure."""
    assert outcome_of(judge_testbed(TestbedRecord(Start.STARTED, died=(died,)))) is said
