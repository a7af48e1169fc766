"""The one who breaks things: in time, and never without mending them."""

import threading
from typing import Any, cast

import pytest

from fixtures.testbed.interface import TestbedFailed
from fixtures.testbed.system import SystemTestbed
from load.chaos.nemesis import Happened, Nemesis
from load.chaos.picture import picture
from load.chaos.schedule import Fault, Schedule
from load.chaos.seconds import Second, felt, recovered_after_s, usual


class Noted:
    """A testbed that notes what is done to it; some processes cannot be broken or come back late."""

    def __init__(self, *, untouchable: str = "", slow: str = "", restarts_in_vain: int = 0) -> None:
        self.done: list[str] = []
        self.broken = threading.Event()
        self._untouchable, self._slow, self._left = untouchable, slow, restarts_in_vain

    def __getattr__(self, act: str) -> Any:
        """Note whatever is asked for."""

        def note(process: str) -> None:
            if act in ("kill", "pause", "end") and process == self._untouchable:
                raise ProcessLookupError("no such process")
            if act == "restart" and process == self._slow and self._left:
                self._left -= 1
                raise TestbedFailed(f"{process} ended with exit code 1")
            self.done.append(f"{act} {process}")
            self.broken.set()

        return note


def the_nemesis(testbed: Noted, *faults: Fault) -> Nemesis:
    """Somebody who does these faults."""
    return Nemesis(
        cast(SystemTestbed, testbed),
        Schedule("mine", 60, 20, "a test", faults),
        over=lambda: testbed.done.append("over"),
    )


def test_faults_are_done_and_mended_each_in_its_own_way() -> None:
    """What was killed or ended is started again, what was frozen goes on."""
    testbed = Noted()
    faults = Fault("kill", "api", 0, 0), Fault("pause", "mes", 0, 0), Fault("end", "shop", 0, 0)

    with the_nemesis(testbed, *faults) as nemesis:
        nemesis.begin()

    assert testbed.done[-1] == "over"
    assert {each.fault for each in nemesis.happened} == set(faults)
    assert sorted(testbed.done[:-1]) == [
        "end shop", "kill api", "pause mes", "restart api", "restart shop", "resume mes"
    ]  # fmt: skip


def test_process_that_does_not_come_up_at_once_is_started_again() -> None:
    """A service may end because its database is still away."""
    testbed = Noted(slow="mes", restarts_in_vain=2)

    with the_nemesis(testbed, Fault("kill", "mes", 0, 0)) as nemesis:
        nemesis.begin()

    assert testbed.done == ["kill mes", "restart mes", "over"]
    assert [each.unmended for each in nemesis.happened] == [""]


def test_fault_that_could_not_be_done_is_told() -> None:
    """Surviving it would prove nothing."""
    with the_nemesis(Noted(untouchable="api"), Fault("kill", "api", 0, 0)) as nemesis:
        nemesis.begin()

    [happened] = nemesis.happened
    assert happened.undone == "kill api: ProcessLookupError: no such process"


def test_what_is_broken_is_mended_at_once_where_the_run_ends_by_an_error() -> None:
    """And what was still to come is left out."""
    testbed = Noted()
    later = Fault("kill", "mes", 60, 1)

    def run() -> None:
        with the_nemesis(testbed, Fault("pause", "api", 0, 60), later) as nemesis:
            nemesis.begin()
            assert testbed.broken.wait(10)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run()

    assert testbed.done == ["pause api", "resume api"]


def test_nemesis_that_never_began_leaves_nothing_to_wait_for() -> None:
    """The load may fail before it begins."""
    with the_nemesis(testbed := Noted(), Fault("kill", "api", 0, 0)):
        pass

    assert testbed.done == []


def seconds(*told: tuple[int, float | None, float | None]) -> list[Second]:
    """Seconds from the first on: failures, p90 of answers and of ways to MES and price."""
    return [Second(at, 40, failures, p90_ms, waits) for at, (failures, p90_ms, waits) in enumerate(told)]


CALM, FAILS, SLOW, WAITS = (0, 20.0, 200.0), (3, 20.0, 200.0), (0, 900.0, 200.0), (0, 20.0, 2000.0)
KILL = Fault("kill", "api", 5, 2)


@pytest.mark.parametrize(
    ("worse", "how"),
    [(FAILS, "failures"), (SLOW, "slower than usual"), (WAITS, "slower than usual")],
    ids=["failures", "slow answers", "orders wait"],
)
def test_fault_is_felt_where_a_second_is_not_as_usual(worse: tuple[int, float, float], how: str) -> None:
    """One that nobody felt would have proved nothing."""
    shown = seconds(*[CALM] * 5, CALM, worse, *[CALM] * 8)
    of_usual = usual(shown, [happened := Happened(KILL, 5.2, 7.4)])
    assert of_usual is not None

    assert felt(happened, shown, of_usual) == how
    assert felt(Happened(KILL, 9.5, 11.0), shown, of_usual) == ""


def test_recovery_counts_from_the_end_of_the_last_fault_to_calm_seconds_in_a_row() -> None:
    """A calm second between two bad ones is no recovery."""
    bad, good = [FAILS] * 3, [CALM] * 4
    shown = seconds(*[CALM] * 5, *bad, CALM, FAILS, *good)
    happened = [Happened(KILL, 5.0, 7.5)]
    of_usual = usual(shown, happened)
    assert of_usual is not None

    assert recovered_after_s(shown, happened, of_usual) == 2.5
    assert recovered_after_s(shown[:11], happened, of_usual) is None


def test_what_is_usual_is_unknown_where_nothing_came_before_the_first_fault() -> None:
    """Everything would be as usual then."""
    assert usual(seconds(CALM, CALM, FAILS), [Happened(KILL, 1.0, 2.0)]) is None
    assert usual([], []) is None


def test_picture_shows_every_fault_and_breaks_its_lines_where_nothing_is_known() -> None:
    """Nobody knows how long an order would have taken in a second without one."""
    drawn = picture(
        "of <a file>", seconds(CALM, CALM, (2, 10.0, None), CALM, CALM), [Happened(KILL, 2.0, 3.0)]
    )

    assert "of &lt;a file&gt;: 1 fault<" in drawn
    assert "<title>kill api for 1.0 s</title>" in drawn
    assert drawn.count("<polyline") == 3  # one of answers, two of what waits
