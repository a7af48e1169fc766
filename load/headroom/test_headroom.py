"""The search for the highest rate, and what is said of it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.tables import BadFile
from load.capacity import Capacity, owed_headroom
from load.generator import LoadFailed
from load.headroom import steps
from load.headroom.knee import knee
from load.headroom.resources import GENERATOR, Use
from load.headroom.search import Found, Held, search
from load.headroom.steps import Step, judgement
from load.judging import Judgement, judge_all
from load.objectives import load_objectives
from load.profiles import CONTRACT, load_profile
from load.test_run import LENT

LATE = "it was 90 ms late itself"
IDLE = Use({"api": 0.2}, 0.1, 0.3, 2)


def up_to(limit: float, *, unknown_from: float = 1e9) -> Callable[[float, bool], Held]:
    """A system that carries so much."""

    def ask(rate: float, confirm: bool) -> Held:
        if rate >= unknown_from:
            return Held.UNKNOWN
        return Held.YES if rate <= limit else Held.NO

    return ask


@pytest.mark.parametrize("limit", [1.1, 4, 5, 17, 100, 450])
def test_the_highest_rate_is_found_to_within_its_range(limit: float) -> None:
    """Between what held and what broke lies the truth, and the two are close."""
    found = search(up_to(limit), 4)

    assert found.held is not None
    assert found.broke is not None
    assert found.held <= limit < found.broke
    assert found.broke <= 1.15 * found.held
    assert found.confirmed


def test_what_holds_only_for_a_moment_is_taken_back() -> None:
    """A rate that breaks in the longer window is not the capacity."""
    found = search(lambda rate, confirm: Held.YES if rate <= (15 if confirm else 17) else Held.NO, 4)

    assert found.confirmed
    assert found.held is not None
    assert 13 <= found.held <= 15


def test_an_untold_rate_ends_the_search() -> None:
    """Nobody knows which half to look into."""
    found = search(up_to(100, unknown_from=30), 4)

    assert (found.held, found.broke, found.unknown) == (16, None, 32)
    assert not found.confirmed


def test_a_system_that_carries_nothing_has_no_capacity() -> None:
    """Down to a quarter of the contract it broke; to look further takes long and changes nothing."""
    found = search(up_to(0), 4)

    assert found.held is None
    assert found.asked == [4, 2, 1]


@pytest.mark.parametrize(
    ("outcomes", "use", "held"),
    [
        ([], IDLE, Held.UNKNOWN),
        (["PASS", "WARN"], IDLE, Held.YES),
        (["PASS", "FAIL"], IDLE, Held.NO),
        (["FAIL", "UNKNOWN"], IDLE, Held.NO),
        (["PASS", "UNKNOWN"], IDLE, Held.UNKNOWN),
        (["PASS", "UNKNOWN"], Use({"api": 0.8, "mes": 0.7}, 0.2, 0.97, 2), Held.NO),
        (["PASS", "UNKNOWN"], Use({"api": 0.2}, 0.2, 0.97, 2), Held.UNKNOWN),
        (["PASS", "FAIL"], Use({"api": 0.2}, 0.2, 0.97, 2), Held.UNKNOWN),
        (["PASS", "PASS"], Use({"api": 0.2}, 0.2, 0.97, 2), Held.YES),
        (["PASS", "UNKNOWN"], Use({"api": 0.3}, 0.9, 0.7, 2), Held.UNKNOWN),
        (["PASS", "FAIL"], Use({"api": 0.3}, 0.9, 0.7, 2), Held.UNKNOWN),
    ],
)
def test_a_rate_holds_when_every_objective_does(outcomes: list[str], use: Use, held: Held) -> None:
    """A full generator makes it unknown; a system that takes its processors does not."""
    judged = [
        Judgement(
            f"o{at}", "o", each, 1, "ms", "p95 <= 1", None, None, 9, 1, True, "it was 90 ms late itself"
        )
        for at, each in enumerate(outcomes)
    ]

    assert judgement(judged, use)[0] is held


@pytest.mark.parametrize(
    ("use", "told"),
    [
        (IDLE, ""),
        (Use({"api": 0.2}, 0.9, 0.6, 2), GENERATOR),
        (Use({"api": 0.9, "mes": 0.2}, 0.2, 0.7, 2), "the processor of api"),
        (Use({"api": 0.2, "postgres": 1.8}, 0.1, 0.9, 2), "by the database"),
        (Use({"api": 0.2, "nats": 1.8}, 0.1, 0.9, 2), "by the broker"),
        (Use({"api": 0.6, "postgres": 0.7}, 0.3, 0.99, 2), "the machine's 2 processors"),
    ],
)
def test_what_is_full_is_named(use: Use, told: str) -> None:
    """A process on one processor, the database or the broker on all, the generator, or the machine."""
    assert told in use.full
    assert bool(use.full) == bool(told)


def a_step(rate: float, held: Held, p50_ms: float = 20, failed: float = 0) -> Step:
    """A rate that was applied."""
    return Step(rate, 16, held, "slow <orders>", IDLE, p50_ms, p50_ms * 3, p50_ms * 6, failed)


@pytest.mark.parametrize(
    ("found", "outcome", "ratio"),
    [
        (Found(8, 9, confirmed=True), "PASS", 2),
        (Found(5, 5.5, confirmed=True), "WARN", 1.25),
        (Found(4, 4.4, confirmed=True), "FAIL", 1),
        (Found(None, 1), "FAIL", 0),
        (Found(8, 9), "UNKNOWN", 2),
        (Found(64, None), "UNKNOWN", 16),
        (Found(), "UNKNOWN", None),
    ],
)
def test_headroom_is_an_objective(found: Found, outcome: str, ratio: float | None) -> None:
    """Capacity over contract; what was not confirmed, or never broke, is not told."""
    capacity = Capacity(4, found, (a_step(found.held, Held.YES),) if found.held else ())

    judged = judge_all(load_objectives(), capacity.document())

    assert [(each.outcome, each.value) for each in judged] == [(outcome, ratio)]


def test_an_unknown_step_makes_the_headroom_unknown() -> None:
    """The generator was full first: the system may carry more, and nobody knows how much."""
    steps = (a_step(8, Held.YES), a_step(16, Held.UNKNOWN))

    judged = judge_all(load_objectives(), Capacity(4, Found(8, None, unknown=16), steps).document())

    assert judged[0].outcome == "UNKNOWN"
    assert "at 16 orders a second" in judged[0].why


def test_the_knee_shows_every_rate() -> None:
    """As a picture that needs nothing else, and cannot be written into."""
    steps = [a_step(4, Held.YES), a_step(8, Held.YES, 30), a_step(16, Held.NO, 900, 0.07)]

    picture = knee(steps, 4, 8, 16)

    assert picture.count("<circle") == 9
    assert "7.0%" in picture
    assert "slow <orders>" not in picture
    assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")
    assert knee([], 4, None, None).startswith("<svg")


def test_rates_that_lie_close_are_written_in_lines_of_their_own() -> None:
    """Where the knee is, rates are dense, and each must be readable."""
    picture = knee([a_step(rate, Held.YES) for rate in (4, 22, 23, 24, 32)], 4, 24, 32)

    low = {
        rate: re.findall(rf'y="([\d.]+)" text-anchor="middle">{rate}<', picture)[0]
        for rate in (22, 23, 24, 32)
    }
    assert low[22] != low[23] != low[24]
    assert low[32] == low[22]


def test_a_contract_that_is_not_carried_is_known_whatever_is_not_told_of_lower_rates() -> None:
    """Four a second broke: how much less holds does not matter any more."""
    steps = (a_step(4, Held.NO), a_step(2, Held.UNKNOWN))

    judged = judge_all(load_objectives(), Capacity(4, Found(None, 4, unknown=2), steps).document())

    assert judged[0].outcome == "FAIL"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "has no objective with sli"),
        ('sli = "headroom"\npass = "ratio >= -10 %"', "an absolute bound for headroom"),
    ],
)
def test_objectives_without_a_headroom_are_refused_before_anything_is_loaded(
    tmp_path: Path, text: str, told: str
) -> None:
    """Not after minutes of search."""
    path = tmp_path / "objectives.toml"
    path.write_text(
        '[[objective]]\nname = "kept"\nneeds_samples = 1\nbecause = "x"\n'
        + (text or 'sli = "conservation"\npass = "count == 0"')
    )
    with pytest.raises(BadFile, match=told):
        owed_headroom(path)


@pytest.mark.parametrize(
    ("lost", "held", "why"), [(["A-1"], Held.NO, "1 lost"), ([], Held.UNKNOWN, "users could not begin")]
)
def test_a_load_that_was_not_all_applied_proves_a_fault_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, lost: list[str], held: Held, why: str
) -> None:
    """An order that is lost at half a load is lost."""
    kinds = {key: list[str]() for key in ("unexpected", "doubled", "mispriced", "leaked", "stuck")}
    balance = {**kinds, "lost": lost, "complete": True, "acknowledged": 50}

    def run(*_: object) -> None:
        raise LoadFailed("2 users could not begin", {"profile": CONTRACT, "conservation": balance})

    monkeypatch.setattr(steps, "run", run)
    kept = [each for each in load_objectives() if each.sli == "conservation"]
    step = steps.applied(LENT, None, load_profile(CONTRACT), kept, Path("load.json"), confirms=False)

    assert step.held is held
    assert why in step.why


def test_a_system_that_breaks_at_a_rate_is_a_step_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it answers to whoever makes the next step's partners."""

    def run(*_: object) -> None:
        raise KeyError("id")

    monkeypatch.setattr(steps, "run", run)
    step = steps.applied(LENT, None, load_profile(CONTRACT), (), Path("load.json"), confirms=False)

    assert (step.held, step.why) == (Held.UNKNOWN, "the load could not be applied: KeyError: 'id'")
