"""Stages: what each runs, depending on what is asked for."""

from dataclasses import replace
from pathlib import Path

import pytest

from gate.stages import ALL, CONTRACT, DRILLS, E2E, LOAD, SMOKE, STAGES, Plan, order_of

PLAN = Plan(Path("run"), target=None)


def command(stage: str, plan: Plan) -> str:
    """The stage's command as one text."""
    return " ".join(STAGES[stage].command(plan))


def test_e2e_does_not_repeat_what_smoke_has_run() -> None:
    """A test that ran in two stages would be a retry in the report, and cost its time twice."""
    assert "not smoke" in command(E2E, PLAN)
    assert "smoke" not in command(E2E, replace(PLAN, stages=(E2E,)))


def test_pull_request_leaves_slow_tests_to_the_night() -> None:
    """About two minutes is what a merge waits for."""
    assert "not slow" in command(E2E, PLAN)
    assert "slow" not in command(E2E, replace(PLAN, profile="nightly"))


def test_planted_defect_meets_the_slow_tests_too() -> None:
    """Whether something is caught must not depend on how long a merge may wait."""
    assert "slow" not in command(E2E, replace(PLAN, until_fail=True))


def test_faults_are_not_aimed_at_a_system_of_somebody_else() -> None:
    """A deployment's processes are not ours to kill."""
    assert "not fault" in command(E2E, replace(PLAN, target=Path("staging.toml")))
    assert "fault" not in command(E2E, PLAN)


@pytest.mark.parametrize("stage", [stage for stage in ALL if stage != LOAD])
def test_every_test_stage_has_the_seed_and_leaves_results(stage: str) -> None:
    """A failure can be repeated, and is in the report."""
    words = command(stage, replace(PLAN, seed=77))

    assert "--seed 77" in words
    assert "--alluredir run/allure-results" in words


def test_sensitivity_stops_a_stage_at_its_first_failure() -> None:
    """One catch is enough."""
    assert "--exitfirst" in command(SMOKE, replace(PLAN, until_fail=True))
    assert "--exitfirst" not in command(SMOKE, PLAN)


def test_plan_is_full_only_with_every_stage() -> None:
    """Part of the stages is no verdict on the release."""
    assert PLAN.full
    assert not replace(PLAN, stages=(SMOKE, LOAD)).full
    assert not replace(PLAN, profile="nightly").full
    assert replace(PLAN, profile="nightly", stages=ALL).full


def test_drills_are_nightly_and_never_aimed_at_somebody_elses_system() -> None:
    """They take minutes, and break whatever they run on."""
    assert DRILLS not in order_of("pr")
    assert DRILLS in order_of("nightly")
    assert DRILLS not in order_of("nightly", Path("staging.toml"))
    assert "not drill" in command(E2E, replace(PLAN, profile="nightly"))
    assert "drill" not in command(DRILLS, PLAN).replace("e2e/operations/drills", "")


def test_stages_of_tests_run_side_by_side_and_before_load() -> None:
    """They fill each other's pauses; what is timed stays alone."""
    assert PLAN.turns == ((SMOKE, CONTRACT, E2E), (LOAD,))
    assert replace(PLAN, stages=(SMOKE, E2E)).turns == ((SMOKE, E2E),)
    assert replace(PLAN, stages=(LOAD,)).turns == ((LOAD,),)
    assert replace(PLAN, profile="nightly", stages=ALL).turns == ((SMOKE, CONTRACT, E2E), (DRILLS,), (LOAD,))


@pytest.mark.parametrize("plan", [replace(PLAN, until_fail=True), replace(PLAN, target=Path("staging.toml"))])
def test_stages_take_turns_where_the_first_failure_ends_it_or_the_system_is_somebody_elses(
    plan: Plan,
) -> None:
    """The cheaper stage may make the other one needless; a deployment meets one stage at a time."""
    assert plan.turns == ((SMOKE,), (CONTRACT,), (E2E,), (LOAD,))


def test_load_profile_of_its_own_may_take_its_time() -> None:
    """A soak is not cut off by the limit of a pull request's load."""
    usual, soak = PLAN, replace(PLAN, load_profile="soak")

    assert STAGES["load"].limit_s(usual) < STAGES["load"].limit_s(soak)
    assert "soak" in STAGES["load"].command(soak)


def test_night_has_the_longest_past() -> None:
    """A million finished orders; a pull request has what is filled in a moment."""
    assert PLAN.history_orders == 20_000
    assert replace(PLAN, profile="nightly").history_orders == 1_000_000


def test_night_makes_up_more_requests() -> None:
    """What chance finds, it finds where nobody waits for it."""
    assert replace(PLAN, profile="nightly").examples > PLAN.examples
