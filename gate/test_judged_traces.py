"""Traces: what is owed, what is broken, what cannot be told."""

from typing import Any

import pytest

from gate.criteria import outcome_of
from gate.example_evidence import CLEAN, a_run, a_stage, results
from gate.judge_testbed import judge_testbed
from gate.judge_traces import judge_traces
from gate.outcome import Outcome
from gate.record import Start, TestbedRecord
from gate.verdict import Evidence, judge
from load.objectives import load_objectives

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
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
