"""Drills are judged by what they have left: what nobody saw is not known to work."""

from typing import Any

import pytest

from gate.criteria import outcome_of
from gate.judge_drills import judge_drills
from gate.outcome import Outcome
from gate.run_files import EARLIER
from gate.stages import ALL
from gate.verdict import CONSERVATION, DRILLS, TRACES

PASS, UNKNOWN = Outcome.PASS, Outcome.UNKNOWN
A_DRILL = {"alert": "OrderLost", "fired_s": 8.5, "mailed_s": 10.1, "ended_s": 2.0, "over_mailed_s": 4.2}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, UNKNOWN),
        ({}, UNKNOWN),
        ({"drills": []}, UNKNOWN),
        ({"drills": [A_DRILL]}, PASS),
        ({"drills": [A_DRILL | {"over_mailed_s": None}]}, UNKNOWN),
        ({"drills": [A_DRILL, A_DRILL | {"failure": "Inconclusive: nobody watches"}]}, UNKNOWN),
    ],
)
def test_alerts_have_been_seen_only_where_each_drill_came_to_its_end(
    found: dict[str, Any] | None, said: Outcome
) -> None:
    """Whatever is missing is UNKNOWN, also where it was Prometheus or Alertmanager that failed."""
    assert outcome_of(judge_drills("drills", found, "drill-times.json")) is said


def test_time_to_fire_and_to_end_are_in_the_verdict() -> None:
    """A release manager reads how long a fault goes unnoticed."""
    [criterion] = judge_drills("drills", {"drills": [A_DRILL]}, "drill-times.json")

    assert (criterion.id, criterion.value, criterion.unit) == ("drills.OrderLost", 8.5, "s until it fires")
    assert criterion.why == "mailed after 10.1 s; over 2.0 s after the fault, mailed after 4.2 s"


def test_what_is_judged_beside_a_stages_tests_has_a_name_of_its_own() -> None:
    """Each stage leaves evidence/STAGE.json at its end, over whatever bears that name."""
    kept_by_stages = {f"evidence/{stage}.json" for stage in ALL}

    assert not kept_by_stages & {DRILLS, CONSERVATION, TRACES, EARLIER}
