"""Orders and load: what breaks the promise fails, what was not seen to its end is unknown."""

from dataclasses import replace
from typing import Any

import pytest

from gate.example_evidence import CLEAN, a_stage
from gate.judge_load import MUST_BE_EMPTY, judge_conservation, judge_load
from gate.outcome import Outcome
from gate.record import Ended
from load.objectives import load_objectives

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN


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


def test_a_conservation_objective_of_another_profile_does_not_count() -> None:
    """Nor is a profile passed that no objective judges."""
    only_spike = replace(
        next(each for each in load_objectives() if each.sli == "conservation"), profiles=("spike",)
    )
    evidence = {"profile": "smoke", "conservation": CLEAN | {"lost": ["A"]}}

    found = {each.id: each.outcome for each in judge_load(a_stage("load"), evidence, [only_spike])}

    assert found == {"load.run": PASS, "load.objectives": UNKNOWN, "load.conservation": FAIL}


def test_load_without_a_conservation_objective_is_judged_for_conservation_anyway() -> None:
    """Nobody can configure the loss of orders away."""
    *_, conservation = judge_load(a_stage("load"), {"conservation": CLEAN | {"lost": ["A"]}}, [])

    assert (conservation.id, conservation.outcome) == ("load.conservation", FAIL)
