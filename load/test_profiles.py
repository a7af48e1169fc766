"""Profiles: read strictly, bounded, with a reason for every number of users."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.tables import BadFile
from load.profiles import Arrival, Browsers, Crowd, Profile, load_profile, load_profiles

GOOD = """
[[profile]]
name = "smoke"
seconds = 20
drain_s = 15
max_orders = 100
seed = 1
because = "quick"

[[crowd]]
profile = "smoke"
user = "partner"
count = 4
think_s = [0.1, 0.4]
mix = { order = 6, read = 3 }
because = "few"
"""


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], dict[str, Profile]]:
    """Read profiles from a text."""

    def from_text(text: str) -> dict[str, Profile]:
        path = tmp_path / "profiles.toml"
        path.write_text(text)
        return load_profiles(path)

    return from_text


def test_the_projects_profiles_are_read() -> None:
    """Every shipped profile is valid and `smoke` has all three kinds of users."""
    smoke = load_profile("smoke")

    assert {crowd.user for crowd in smoke.crowds} == {"partner", "shopper", "operator"}
    assert smoke.users == sum(crowd.count for crowd in smoke.crowds)
    assert smoke.crowd("partner") in smoke.crowds


def test_an_unknown_profile_is_told_what_there_is() -> None:
    """A slip in --profile names the profiles."""
    with pytest.raises(BadFile, match="has no profile 'smok'; allowed: smoke"):
        load_profile("smok")


def test_a_good_file_is_read(read: Callable[[str], dict[str, Profile]]) -> None:
    """Every field arrives."""
    crowd = Crowd("partner", 4, (0.1, 0.4), {"order": 6, "read": 3}, "few")

    assert read(GOOD) == {"smoke": Profile("smoke", 20, 15, 100, 1, "quick", (crowd,))}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "seconds = 20",
            "seconds = 99999",
            ":4: [profile] seconds = 99999; allowed: a number from 1 to 86400",
        ),
        ("max_orders = 100", "", ":2: [profile] max_orders is missing"),
        ('user = "partner"', 'user = "robot"', ":12: [crowd] user = 'robot'"),
        ("order = 6", "orders = 6", ":15: [crowd] mix"),
        ("order = 6", "order = 0", "whole weights from 1 to 1000"),
        ("[0.1, 0.4]", "[0.4, 0.1]", ":14: [crowd] think_s"),
        ("[0.1, 0.4]", '["a", 1]', ":14: [crowd] think_s"),
        ('profile = "smoke"', 'profile = "peak"', ":11: [crowd] profile = 'peak'; allowed: \"smoke\""),
        (
            "[[crowd]]",
            "[[crowds]]",
            "'crowds' is not known here; allowed: [[profile]] and [[crowd]] and [[arrival]] and",
        ),
        ("count = 4", "count = 4\nspeed = 1", ":14: [crowd] speed = 1; allowed: one of the keys"),
    ],
)
def test_a_slip_is_told_by_line_and_key(
    read: Callable[[str], dict[str, Profile]], old: str, new: str, told: str
) -> None:
    """Whoever edits the file learns where the slip is and what would be right."""
    with pytest.raises(BadFile) as caught:
        read(GOOD.replace(old, new))

    assert told in str(caught.value)


def test_arrivals_are_read(read: Callable[[str], dict[str, Profile]]) -> None:
    """What comes at a constant rate is part of the profile that names it."""
    arrival = '[[arrival]]\nprofile = "smoke"\nwhat = "order"\nrate_per_s = 3\nbecause = "steady"\n'

    assert read(GOOD + arrival)["smoke"].arrivals == (Arrival("order", 3, "steady"),)
    with pytest.raises(BadFile, match="each kind of arrival once in profile 'smoke'"):
        read(GOOD + arrival + arrival)
    with pytest.raises(BadFile, match=r":20: \[arrival\] rate_per_s = 0; allowed: a number from 0.01"):
        read(GOOD + arrival.replace("= 3", "= 0"))


def test_a_file_without_profiles_is_told(read: Callable[[str], dict[str, Profile]]) -> None:
    """Nothing to run is a slip, not a success."""
    with pytest.raises(BadFile, match=r"holds no \[\[profile\]\]"):
        read("")


def test_a_profile_without_users_is_refused(read: Callable[[str], dict[str, Profile]]) -> None:
    """A load of nobody would pass."""
    second = (
        '[[profile]]\nname = "empty"\nseconds = 1\ndrain_s = 1\nmax_orders = 1\nseed = 1\nbecause = "x"\n'
    )

    with pytest.raises(BadFile, match="at least one"):
        read(GOOD + second)


def test_a_crowd_is_stated_once(read: Callable[[str], dict[str, Profile]]) -> None:
    """Two crowds of partners in one profile are a copy left behind."""
    crowd = GOOD[GOOD.index("[[crowd]]") :]

    with pytest.raises(BadFile, match="each kind of user once in profile 'smoke'"):
        read(GOOD + crowd)


def test_a_profile_may_be_like_another(read: Callable[[str], dict[str, Profile]]) -> None:
    """A peak has the users of its model, and everything arrives more often."""
    arrival = '[[arrival]]\nprofile = "smoke"\nwhat = "order"\nrate_per_s = 4\nbecause = "steady"\n'
    peak = (
        '[[profile]]\nname = "peak"\nlike = "smoke"\ntimes = 1.5\nseconds = 9\ndrain_s = 1\nmax_orders = 1\n'
        'seed = 1\nbecause = "x"\n'
    )

    profiles = read(GOOD + arrival + peak)

    assert profiles["peak"].crowds == profiles["smoke"].crowds
    assert profiles["peak"].orders_per_s() == 6
    assert profiles["peak"].changed(times=3).pace(profiles["peak"].arrivals[0]).peak_per_s == 12
    with pytest.raises(BadFile, match=r"\[profile\] like = 'smoke'; allowed: no profile that has users"):
        read(GOOD + arrival + peak + arrival.replace("smoke", "peak"))


def test_a_surge_is_a_stretch_of_more(read: Callable[[str], dict[str, Profile]]) -> None:
    """Five times as much for ten seconds, and then as before."""
    arrival = Arrival("order", 4, "steady")
    surge = "surge_times = 5\nsurge_after_s = 20\nsurge_s = 10\nseed = 1"

    pace = read(GOOD.replace("seed = 1", surge))["smoke"].pace(arrival)

    assert [pace.planned(at) for at in (20, 30, 40)] == [80, 280, 320]
    with pytest.raises(BadFile, match="surge_s is missing"):
        read(GOOD.replace("seed = 1", surge.replace("surge_s = 10\n", "")))


def test_the_projects_profiles_cover_what_may_happen() -> None:
    """The contract's rate, half as much again, five times for a moment, and a long time."""
    profiles = load_profiles()
    contract = profiles["contract"].orders_per_s()

    assert {"smoke", "steady", "contract", "mixed", "peak", "spike", "soak"} == set(profiles)
    assert profiles["peak"].orders_per_s() == 1.5 * contract
    assert profiles["spike"].surge is not None
    assert (profiles["spike"].surge.times, profiles["spike"].surge.seconds) == (5, 10)


def test_operators_in_browsers_are_part_of_a_profile(read: Callable[[str], dict[str, Profile]]) -> None:
    """Also of one that is like another."""
    browser = '[[browser]]\nprofile = "smoke"\nwindows = 2\nevery_s = 1\nbecause = "seen"\n'

    assert read(GOOD + browser)["smoke"].browsers == Browsers(2, 1, "seen")
    with pytest.raises(BadFile, match=r"one \[\[browser\]\] for each profile"):
        read(GOOD + browser + browser)
    with pytest.raises(BadFile, match=r":19: \[browser\] windows = 0; allowed: a whole number from 1 to 20"):
        read(GOOD + browser.replace("windows = 2", "windows = 0"))


def test_who_asks_for_more_load_may_leave_more_behind() -> None:
    """Eight hours of a load that was planned for two are four times its orders."""
    soak = load_profile("soak")

    assert soak.changed(seconds=soak.seconds * 4).max_orders == 4 * soak.max_orders
    assert soak.changed(times=2 * soak.times).max_orders == 2 * soak.max_orders
    assert soak.changed(seconds=soak.seconds / 4).max_orders == soak.max_orders
