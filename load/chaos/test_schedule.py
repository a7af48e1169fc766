"""Schedules of faults: read strictly, drawn by chance, written so that they can be repeated."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from fixtures.tables import BadFile
from load.chaos.schedule import APART_S, CALM_S, DRAWN, FIRST_S, SCHEDULES, by_chance, load_schedule

HEAD = '[[schedule]]\nname = "mine"\nseconds = 40\nrecovers_within_s = 10\nbecause = "a reason"\n'
A_FAULT = '[[fault]]\nkind = "kill"\nprocess = "nats"\nat_s = 5\nfor_s = 3\n'
FILES = sorted(SCHEDULES.glob("*.toml"))


@pytest.fixture
def complaint_of(tmp_path: Path) -> Callable[[str], str]:
    """What is said of a text that is no schedule, behind the file's name."""

    def of(text: str) -> str:
        path = tmp_path / "mine.toml"
        path.write_text(text)
        with pytest.raises(BadFile) as bad:
            load_schedule(path)
        return str(bad.value).removeprefix(str(path))

    return of


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (HEAD, ":1: holds no [[fault]]; allowed: at least one"),
        (A_FAULT, ":1: holds no [[schedule]]; allowed: at least one"),
        (
            HEAD + A_FAULT.replace("kill", "drown"),
            ':7: [fault] kind = \'drown\'; allowed: "kill", "pause", "end"',
        ),
        (HEAD + A_FAULT.replace("nats", "kafka"), ":8: [fault] process = 'kafka'; allowed: \"postgres\""),
        (HEAD + A_FAULT.replace("= 5", '= "5"'), ":9: [fault] at_s = '5'; allowed: a number from 5 to 3600"),
        (
            HEAD + A_FAULT + "often = 2\n",
            "[fault] often = 2; allowed: one of the keys kind, process, at_s, for_s",
        ),
        (
            HEAD + A_FAULT.replace("= 3", "= 30"),
            "allowed: faults that are over after 25 s, as the last 15 of 40 s",
        ),
        (HEAD + A_FAULT + A_FAULT, "allowed: at least 4 s from the end of one fault of nats"),
        (
            HEAD + A_FAULT.replace("= 5", "= 30"),
            ":9: [fault] at_s = 30; allowed: faults that are over after 25 s",
        ),
        (HEAD.replace("40", "18") + A_FAULT, ":3: [schedule] seconds = 18; allowed: more than 20, as 15 are"),
        (HEAD + HEAD + A_FAULT, "allowed: one [[schedule]] in a file"),
    ],
)
def test_slip_of_the_pen_is_told_with_its_line(
    complaint_of: Callable[[str], str], text: str, complaint: str
) -> None:
    """Nobody finds out after a minute of load that a fault was never done."""
    assert complaint in complaint_of(text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_schedules_that_come_with_assay_can_be_read_and_repeated(path: Path, tmp_path: Path) -> None:
    """What is written beside a run does the same again."""
    schedule = load_schedule(path)
    (tmp_path / "again.toml").write_text(schedule.as_toml())

    again = load_schedule(tmp_path / "again.toml")

    assert again.as_toml() == schedule.as_toml()
    assert len(again.faults) == len(schedule.faults) >= 6


@pytest.mark.parametrize("seed", range(20))
def test_faults_by_chance_leave_room_at_both_ends_and_between_them(seed: int) -> None:
    """So that what is usual is known, and the recovery can be seen."""
    schedule = by_chance(seed, 8, 75, 20)

    assert len(schedule.faults) == 8
    assert all(each.at_s >= FIRST_S and each.ends_s <= 75 - 20 - CALM_S for each in schedule.faults)
    for process in DRAWN:
        of_one = schedule.of(process)
        for before, after in pairwise(of_one):
            assert before.ends_s + APART_S <= after.at_s


def test_the_same_seed_draws_the_same_faults() -> None:
    """Another one draws others."""
    assert by_chance(7, 8, 75) == by_chance(7, 8, 75) != by_chance(8, 8, 75)


def test_more_faults_than_there_is_room_for_are_refused() -> None:
    """Rather than drawn for ever."""
    with pytest.raises(BadFile, match=r"150 faults do not fit into 40 s.*fewer faults, or more seconds"):
        by_chance(1, 150, 40)
