"""The smoke profile, run for real against the system of this run, and its objectives."""

import pytest

from fixtures.evidence import Inconclusive
from fixtures.testbed.runs import current_run_dir
from fixtures.testbed.target import Target
from load.judging import Judgement, judge_all
from load.objectives import load_objectives
from load.profiles import load_profile
from load.run import refuse_strangers, run


@pytest.mark.alone
def test_smoke_load_keeps_every_objective(target: Target) -> None:
    """Twenty seconds of shoppers, partners and operators break no objective and lose no order."""
    refuse_strangers(target)
    path = current_run_dir() / "evidence" / "load-test.json"

    evidence = run(target, load_profile("smoke"), path)
    judged = judge_all(load_objectives(), evidence)

    assert told(judged, "FAIL") == []
    if unknown := told(judged, "UNKNOWN"):
        raise Inconclusive("; ".join(unknown))


def told(judged: list[Judgement], outcome: str) -> list[str]:
    """What the objectives with an outcome say."""
    return [f"{judgement.title}: {judgement.why}" for judgement in judged if judgement.outcome == outcome]
