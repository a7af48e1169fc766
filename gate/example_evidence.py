"""Made-up stages, tests, orders and runs for the self-tests of the verdict."""

from dataclasses import replace
from typing import Any

from gate.judge_load import MUST_BE_EMPTY
from gate.record import Ended, RunRecord, StageRecord, Start, TestbedRecord
from gate.stage_evidence import StageEvidence, TestResult

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


def a_run(**changed: Any) -> RunRecord:
    """A run of the contract stage alone."""
    record = RunRecord(
        run="r1", profile="pr", seed=1, release={"ref": "abc"}, environment={}, planned=("contract",),
        full=False, started_at="2026-11-22T12:00:00+00:00",
        testbed=TestbedRecord(Start.STARTED), stages=(a_stage(),),
    )  # fmt: skip
    return replace(record, **changed)
