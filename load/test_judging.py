"""Objectives together: relative to earlier runs, weighed in a score, by profile."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.tables import BadFile
from load.bounds import Bound
from load.judging import judge_all
from load.objectives import Objective, load_objectives

RELATIVE = """
[[objective]]
name = "partner accepts an order"
sli = "latency"
operation = "POST /v1/orders"
pass = "p95 <= +10 %"
warn = "p95 <= +20 %"
runs = 4
needs_samples = 20
because = "a reason"
"""
HEADROOM = """
[[objective]]
name = "headroom"
sli = "headroom"
pass = "ratio >= 1.5"
profiles = ["capacity"]
needs_samples = 1
because = "a reason"
"""


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], tuple[Objective, ...]]:
    """Read objectives from a text."""

    def from_text(text: str) -> tuple[Objective, ...]:
        path = tmp_path / "objectives.toml"
        path.write_text(text)
        return load_objectives(path)

    return from_text


def measured(p95_ms: float, profile: str = "smoke") -> dict[str, object]:
    """Evidence of one operation."""
    entry = {"requests": 100, "failures": 0, "p95_ms": p95_ms}
    return {"profile": profile, "operations": {"POST /v1/orders": entry}}


def an_objective(name: str, most_ms: float, *, key: bool = False, weight: float = 1.0) -> Objective:
    """An objective for the acceptance of orders."""
    bound = Bound("p95", "<=", most_ms)
    return Objective(name, "latency", "POST /v1/orders", bound, None, 20, key, "x", weight=weight)


def a_score(passes: float, warns: float) -> Objective:
    """An objective for all others together."""
    bounds = Bound("share", ">=", passes), Bound("share", ">=", warns)
    return Objective("nearly all", "score", "*", *bounds, 1, True, "x")


def test_a_broken_objective_says_its_figures_with_units() -> None:
    """What is read first, in a log or in the report's list of reasons."""
    [slow, score] = judge_all([an_objective("slow", 100), a_score(0.9, 0.8)], measured(345))
    [slow_alone] = judge_all([an_objective("slow", 100)], measured(345))

    assert slow_alone.why == "p95 is 345 ms; allowed p95 <= 100 ms"
    assert slow.why.startswith(slow_alone.why)
    assert score.why == "share is 0 % (broken: slow); allowed share >= 80 %"


@pytest.mark.parametrize(
    ("p95_ms", "outcome"), [(200, "PASS"), (220, "PASS"), (221, "WARN"), (240, "WARN"), (241, "FAIL")]
)
def test_a_relative_bound_is_held_against_the_median_of_good_runs(
    read: Callable[[str], tuple[Objective, ...]], p95_ms: float, outcome: str
) -> None:
    """Of the last four runs the median is 200 ms; what was longer ago counts no more."""
    (objective,) = read(RELATIVE)

    judgement = objective.judge(measured(p95_ms), [900, 900, 190, 200, 200, 500])

    assert judgement.outcome == outcome
    assert "usual is 200 ms, the median of 4 good runs" in judgement.why
    assert judgement.value == p95_ms


@pytest.mark.parametrize("earlier", [[], [200.0], [200.0, 200.0]])
def test_without_history_a_relative_bound_is_unknown(
    read: Callable[[str], tuple[Objective, ...]], earlier: list[float]
) -> None:
    """Nothing to compare with is never a pass, and the figure is kept for the runs to come."""
    (objective,) = read(RELATIVE)

    judgement = objective.judge(measured(1), earlier)

    assert (judgement.outcome, judgement.value) == ("UNKNOWN", 1)
    assert f"{len(earlier)} earlier good runs are known, 3 are needed" in judgement.why


def test_without_samples_a_relative_bound_is_unknown(
    read: Callable[[str], tuple[Objective, ...]],
) -> None:
    """History does not make up for what was not measured."""
    (objective,) = read(RELATIVE)

    assert objective.judge({}, [200] * 9).outcome == "UNKNOWN"
    assert "nothing was measured" in objective.judge({}, [200] * 9).why


def test_what_is_not_key_costs_its_weight_and_warns() -> None:
    """One of four broken leaves three quarters; the score says so, and names it."""
    objectives = [an_objective("slow", 100), an_objective("a", 300, weight=3), a_score(0.9, 0.7)]

    slow, kept, score = judge_all(objectives, measured(200))

    assert [slow.outcome, kept.outcome, score.outcome] == ["WARN", "PASS", "WARN"]
    assert "1 of 4 in the score" in slow.why
    assert score.value == 0.75
    assert "slow" in score.why


def test_too_much_broken_at_once_fails_the_score() -> None:
    """Nothing is key here, and yet the release is not good."""
    objectives = [an_objective("slow", 100), an_objective("slower", 50), a_score(0.9, 0.7)]

    assert [each.outcome for each in judge_all(objectives, measured(200))] == ["WARN", "WARN", "FAIL"]


def test_a_key_objective_fails_by_itself() -> None:
    """However good all others are."""
    objectives = [an_objective("slow", 100, key=True), an_objective("a", 300, weight=99), a_score(0.9, 0.7)]

    assert [each.outcome for each in judge_all(objectives, measured(200))] == ["FAIL", "PASS", "PASS"]


def test_without_a_score_every_objective_is_key() -> None:
    """Nothing is softened where nothing adds it up."""
    assert [each.outcome for each in judge_all([an_objective("slow", 100)], measured(200))] == ["FAIL"]


def test_a_score_of_nothing_is_unknown() -> None:
    """No objective could be told."""
    assert [each.outcome for each in judge_all([an_objective("a", 1), a_score(0.9, 0.7)], {})] == [
        "UNKNOWN",
        "UNKNOWN",
    ]


def test_an_objective_judges_its_profiles_alone(read: Callable[[str], tuple[Objective, ...]]) -> None:
    """A night's run is not asked for its headroom."""
    objectives = read(HEADROOM)
    evidence = {"profile": "capacity", "figures": {"headroom": {"value": 1.6, "samples": 1}}}

    assert judge_all(objectives, measured(1)) == []
    assert [each.outcome for each in judge_all(objectives, evidence)] == ["PASS"]
    assert [each.outcome for each in judge_all(objectives, {"profile": "capacity"})] == ["UNKNOWN"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("+10 %", "10 %", ":6: [objective] pass = 'p95 <= 10 %'; allowed:"),
        ("+10 %", "-10 %", ":6: [objective] pass"),
        ("+10 %", "+10", ":6: [objective] pass"),
        ("+20 %", "+5 %", ":7: [objective] warn = 'p95 <= +5 %'; allowed: a looser bound"),
        ('"p95 <= +20 %"', '"p95 <= 300"', ":7: [objective] warn"),
        ("p95 <= +10 %", "p95 >= -100 %", ":6: [objective] pass"),
        ("runs = 4", "runs = 0", ":8: [objective] runs = 0; allowed: a whole number from 3 to 100"),
        ("runs = 4", "weight = -1", ":8: [objective] weight = -1; allowed: a number from 0 to 100"),
        ("runs = 4", 'profiles = ["lunch"]', ":8: [objective] profiles = ['lunch']; allowed: a list of \""),
        (
            'pass = "p95 <= +10 %"\nwarn = "p95 <= +20 %"',
            'pass = "p95 <= 300"',
            "runs only beside a relative",
        ),
    ],
)
def test_a_slip_is_told_by_line_and_key(
    read: Callable[[str], tuple[Objective, ...]], old: str, new: str, told: str
) -> None:
    """Whoever edits the file learns where the slip is and what would be right."""
    with pytest.raises(BadFile) as caught:
        read(RELATIVE.replace(old, new))

    assert told in str(caught.value)


@pytest.mark.parametrize(("text", "usual", "limit"), [("p95 <= +10 %", 200, 220), ("ratio >= -20 %", 2, 1.6)])
def test_a_relative_bound_becomes_an_absolute_one(text: str, usual: float, limit: float) -> None:
    """Ten per cent more of 200 is 220."""
    assert Bound.parse(text).against(usual).limit == pytest.approx(limit)
    assert str(Bound.parse(text)) == text


@pytest.mark.parametrize(
    ("passes", "warns"),
    [
        ("ratio <= 2.5", "ratio >= 2"),
        ("ratio >= 1.5", "ratio <= 2"),
        ("count <= 2", "count == 0"),
        ("share >= 0.9", "share >= 0.95"),
    ],
)
def test_a_warning_bound_goes_the_same_way(passes: str, warns: str) -> None:
    """One that goes the other way would let through whatever breaks the pass bound."""
    assert not Bound.parse(warns).loosens(Bound.parse(passes))


@pytest.mark.parametrize("text", ["count == 3", "share >= -100 %", f"p95 <= {'9' * 400}"])
def test_a_bound_that_nothing_or_everything_keeps_is_refused(text: str) -> None:
    """It is a slip, and would never be noticed."""
    with pytest.raises(ValueError, match="p99 <= 300"):
        Bound.parse(text)
