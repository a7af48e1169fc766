"""Deadlines are data: the released file is complete, and a mistake in another one is named."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from sut.flow import deadlines
from sut.flow.board import late_of
from sut.flow.deadlines import RELEASED, BadDeadlines
from sut.flow.hops import HOPS, Mark
from sut.flow.projection import Order
from sut.flow.settings import FlowSettings
from sut.settings import SettingsError, load

START = datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_released_deadlines_cover_every_hop_and_give_their_reason() -> None:
    """No hop may be waited in for ever, and each number is explained."""
    released = deadlines.of_setting("1")

    assert list(released) == [hop.name for hop in HOPS]
    assert all(deadline.seconds > 0 and len(deadline.reason) > 20 for deadline in released.values())


def test_factor_scales_every_hop() -> None:
    """Drills shorten all deadlines alike."""
    shorter = deadlines.of_setting("0.5")

    assert shorter["intake"].seconds == deadlines.of_setting("1")["intake"].seconds / 2


def test_another_file_replaces_the_released_one(tmp_path: Path) -> None:
    """A file of one's own is used as it is."""
    own = tmp_path / "own.toml"
    own.write_text(RELEASED.read_text().replace("seconds = 10\n", "seconds = 0.25\n"))

    assert deadlines.of_setting(str(own))["intake"].seconds == 0.25


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("[intake]", "[entry]"), "[entry] is no hop"),
        (("[intake]", "[entry]"), "[intake] is missing"),
        (("seconds = 10\n", ""), "[intake] seconds must be a number"),
        (("seconds = 10\n", "seconds = 0\n"), "[intake] seconds must be a number above 0"),
        (("seconds = 10\n", 'seconds = "10"\n'), "[intake] seconds must be a number"),
        (("seconds = 10\n", "seconds = true\n"), "[intake] seconds must be a number"),
        (("seconds = 10\n", "seconds = nan\n"), "[intake] seconds must be a number"),
        (("seconds = 10\n", "seconds = inf\n"), "[intake] seconds must be a number"),
        (("seconds = 10\n", "seconds = 1e12\n"), "[intake] seconds must be a number"),
        (("seconds = 10\n", "seconds = 10\nhours = 3\n"), "[intake] hours is unknown"),
        (("seconds = 10\n", "seconds = ten\n"), "Invalid value"),
    ],
)
def test_mistake_in_a_file_is_named(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    """The text says which file, which hop, and what is wrong."""
    own = tmp_path / "own.toml"
    own.write_text(RELEASED.read_text().replace(*change))

    with pytest.raises(BadDeadlines, match=re.escape(told)) as bad:
        deadlines.of_setting(str(own))

    assert str(own) in str(bad.value)


@pytest.mark.parametrize("text", ["0", "-1", "1e9", "nan", "inf", "nowhere.toml"])
def test_setting_that_is_neither_factor_nor_file_ends_the_start(text: str) -> None:
    """The service names the variable and does not start."""
    with pytest.raises(SettingsError, match="FLOW_DEADLINES names no usable deadlines"):
        load(FlowSettings, {"FLOW_DEADLINES": text})


def test_order_is_late_after_its_deadline_and_not_before() -> None:
    """The clock of each hop begins at the mark before it, whatever came earlier."""
    quoted = START + timedelta(hours=1)
    order = Order(uuid4(), "K7F3-0192", marks={Mark.ACCEPTED: START, Mark.IN_MES: START, Mark.QUOTED: quoted})
    given = deadlines.of_setting("1")
    due = quoted + timedelta(seconds=given["approval"].seconds)

    assert late_of(order, given, due) is None
    late = late_of(order, given, due + timedelta(milliseconds=1))
    assert late
    assert (late.hop.name, late.since, late.due) == ("approval", quoted, due)
