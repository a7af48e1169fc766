"""History: what is remembered of runs, and what counts as a change."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from gate.criteria import Criterion
from gate.history import KEPT, Entry, _kept, changes, earlier_figures, last_good, recall, remember
from gate.judge_load import judge_load
from gate.outcome import Outcome
from gate.record import Ended, StageRecord
from load.bounds import Bound
from load.judging import NO_HISTORY, SOFTENED
from load.objectives import Objective


def an_entry(run: str = "r1", outcome: Outcome = Outcome.PASS, **changed: Any) -> Entry:
    """A remembered full run."""
    entry = Entry(
        run, outcome, "abc", "", "pr", True, f"2026-11-22T12:00:0{run[1:]}+00:00", {"smoke": 3.0}, {}
    )
    return replace(entry, **changed)


def kept(
    value: float | None, outcome: Outcome = Outcome.PASS, bound: str = "<= 300"
) -> dict[str, dict[str, Any]]:
    """A remembered criterion."""
    told = {
        "id": "load.x",
        "title": "orders are fast",
        "outcome": outcome.value,
        "value": value,
        "unit": "ms",
        "metric": "p95",
        "broken": outcome is Outcome.FAIL,
    }
    return {"load.x": told | {"bound": bound}}


def test_runs_are_recalled_as_they_were_remembered(tmp_path: Path) -> None:
    """Nothing is lost on the way through the file."""
    entries = [an_entry("r1"), an_entry("r2", Outcome.FAIL, criteria=kept(5.0))]

    for entry in entries:
        remember(tmp_path / "history.jsonl", entry)

    assert recall(tmp_path / "history.jsonl") == entries


def test_broken_lines_are_passed_over(tmp_path: Path) -> None:
    """A line cut short by a crash does not end the history."""
    path = tmp_path / "history.jsonl"
    remember(path, an_entry())
    path.write_text(path.read_text() + '{"run": "r9"\n{"run": "r9"}\n[]\n')

    assert recall(path) == [an_entry()]


def test_history_does_not_grow_for_ever(tmp_path: Path) -> None:
    """The oldest runs are let go."""
    path = tmp_path / "history.jsonl"
    for number in range(KEPT + 5):
        remember(path, an_entry(run=f"r{number % 10}", ref=str(number)))

    assert [recall(path)[0].ref, recall(path)[-1].ref, len(recall(path))] == ["5", str(KEPT + 4), KEPT]


def test_last_good_release_is_the_latest_comparable_full_pass_before() -> None:
    """Failed, partial, other systems' and later runs are no good releases to compare with."""
    now = an_entry("r8")
    entries = [
        an_entry("r1"),
        an_entry("r2", Outcome.WARN),
        an_entry("r3", Outcome.FAIL),
        an_entry("r4", Outcome.UNKNOWN),
        an_entry("r5", full=False),
        an_entry("r6", profile="nightly"),
        an_entry("r7", target="staging"),
        an_entry("r9"),
        now,
    ]

    found = last_good(entries, now)

    assert found is not None
    assert found.run == "r2"
    assert last_good([], now) is None


def test_figure_that_moved_tellingly_is_a_change_and_noise_is_not() -> None:
    """Ten percent is where a change begins to be told."""
    before = an_entry("r1", criteria=kept(100.0))

    (slower,) = changes(before, an_entry("r2", criteria=kept(120.0)))
    (faster,) = changes(before, an_entry("r2", criteria=kept(80.0)))

    assert (slower.better, faster.better) == (False, True)
    assert (slower.before, slower.after) == ("PASS 100 ms", "PASS 120 ms")
    assert changes(before, an_entry("r2", criteria=kept(105.0))) == []


def test_more_of_what_must_be_high_is_better() -> None:
    """A share of successes that falls is worse."""
    before = an_entry("r1", criteria=kept(1.0, bound=">= 0.999"))

    (change,) = changes(before, an_entry("r2", criteria=kept(0.5, bound=">= 0.999")))

    assert change.better is False


def test_changed_outcomes_come_worst_first_and_single_tests_may_come_and_go() -> None:
    """A test is judged by itself only while it fails; its disappearance is good news."""
    test = {"id": "t.py::test_a", "title": "a", "outcome": "FAIL", "value": None, "unit": "", "bound": ""}
    before = an_entry("r1", criteria=kept(1.0, Outcome.FAIL) | {"t.py::test_a": test})
    after = an_entry("r2", criteria=kept(1.0) | {"t.py::test_b": test | {"id": "t.py::test_b", "title": "b"}})

    found = [(change.title, change.better) for change in changes(before, after)]

    assert found == [("b", False), ("orders are fast", True), ("a", True)]


def test_bound_of_a_criterion_is_remembered_with_its_way() -> None:
    """Without it nobody could tell later whether more was better."""
    assert _kept(Criterion("x", "load", "t", Outcome.PASS, pass_bound="p95 <= 300"))["bound"] == "<= 300"


def test_usual_figures_come_from_comparable_runs_in_which_nothing_failed() -> None:
    """A run that lacked nothing but history counts, or there would never be any."""
    unknown = Criterion(
        "load.x", "load", "orders are fast", Outcome.UNKNOWN, value=3.0, pass_bound="p95 <= +10 %"
    )
    lacking = {"load.x": _kept(replace(unknown, why=f"2 {NO_HISTORY}, 3 are needed to say what is usual"))}
    doubted = {"load.x": _kept(replace(unknown, why="2 samples, 20 are needed to tell"))}
    entries = [
        an_entry("r2", criteria=kept(2.0)),
        an_entry("r1", criteria=kept(1.0)),
        an_entry("r3", Outcome.UNKNOWN, criteria=lacking),
        an_entry("r4", Outcome.UNKNOWN, criteria=kept(4.0, Outcome.UNKNOWN)),
        an_entry("r5", Outcome.FAIL, criteria=kept(5.0, Outcome.FAIL)),
        an_entry("r6", criteria=kept(6.0), profile="nightly"),
        an_entry("r7", criteria=kept(7.0), full=False),
        an_entry("r8", criteria=kept(None)),
        an_entry("r9", Outcome.UNKNOWN, criteria=doubted),
    ]

    assert earlier_figures(entries, "pr", "") == {"load.x p95": [1.0, 2.0, 3.0]}


def test_a_broken_bound_that_a_score_made_a_warning_is_not_usual() -> None:
    """Or a release that grows slower by and by would move the bound along."""
    why = f"p95 is 400 ms; allowed p95 <= 300{SOFTENED} 1 of 8 in the score"
    softened = Criterion("load.x", "load", "t", Outcome.WARN, why, value=400.0, pass_bound="p95 <= 300")
    entries = [an_entry("r1", criteria=kept(1.0)), an_entry("r2", criteria={"load.x": _kept(softened)})]

    assert earlier_figures(entries, "pr", "") == {"load.x p95": [1.0]}


def test_another_figure_of_the_same_objective_has_a_history_of_its_own() -> None:
    """Whoever changes p95 into p99 is not told that it has become slower."""
    entries = [
        an_entry(f"r{number}", criteria={"load.x": kept(1.0)["load.x"] | {"metric": metric}})
        for number, metric in enumerate(["p95", "p99", "p99"])
    ]

    assert earlier_figures(entries, "pr", "") == {"load.x p95": [1.0], "load.x p99": [1.0, 1.0]}


def test_what_runs_remember_is_what_later_ones_are_held_against() -> None:
    """Three good runs, each judged and remembered as the gate does it, say what is usual in the fourth."""
    bound = Bound("p95", "<=", 10, relative=True)
    objective = Objective("x", "latency", "GET /", bound, None, 1, False, "why")
    ran = StageRecord("load", Ended.ITSELF, exit_status=0)
    entries: list[Entry] = []
    for number, p95_ms in enumerate([100, 110, 105, 200]):
        evidence = {"operations": {"GET /": {"requests": 9, "failures": 0, "p95_ms": p95_ms}}}
        criteria = judge_load(ran, evidence, [objective], earlier_figures(entries, "pr", ""))
        [found] = [each for each in criteria if each.id == objective.id]
        entries.append(an_entry(f"r{number}", found.outcome, criteria={found.id: _kept(found)}))

    assert [entry.outcome for entry in entries] == [*[Outcome.UNKNOWN] * 3, Outcome.FAIL]
