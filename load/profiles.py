"""Load profiles, as data: who does what, how often and for how long."""

import math
from dataclasses import dataclass, replace
from pathlib import Path

from fixtures.tables import BadFile, Table, read_tables
from load.paces import Pace, Step, constant, schedule

PROFILES = Path(__file__).parent / "profiles.toml"
TASKS = {
    "partner": ("order", "read", "list"),
    "shopper": ("order", "browse", "look_up"),
    "operator": ("work", "filter", "next_page"),
}
"""What each kind of user can do; `mix` weighs these."""
ARRIVALS = ("journey", "order", "listing", "work_orders", "storefront", "slow_upload")
"""What can arrive at a rate of its own; see load/steady.py."""
CONTRACT = "contract"
"""The profile whose journeys a second are what was promised to carry."""
ORDERS_ARRIVE_AS = "journey"


@dataclass(frozen=True)
class Crowd:
    """Users of one kind: how many, how long they think between tasks, what they do how often."""

    user: str
    count: int
    think_s: tuple[float, float]
    mix: dict[str, int]
    because: str


@dataclass(frozen=True)
class Arrival:
    """What arrives at a constant rate, however slowly it is answered."""

    what: str
    rate_per_s: float
    because: str


@dataclass(frozen=True)
class Browsers:
    """Operators in real browsers: how many windows, and how long each rests between visits."""

    windows: int
    every_s: float
    because: str


@dataclass(frozen=True)
class Surge:
    """A stretch in which everything arrives so many times as often."""

    after_s: float
    seconds: float
    times: float


@dataclass(frozen=True)
class Profile:
    """A planned load.

    Units: seconds; `max_orders` bounds what one run may leave behind in a deployment; `times` is what the
    rates of all arrivals are multiplied by.
    """

    name: str
    seconds: float
    drain_s: float
    max_orders: int
    seed: int
    because: str
    crowds: tuple[Crowd, ...]
    arrivals: tuple[Arrival, ...] = ()
    times: float = 1.0
    surge: Surge | None = None
    largest_triangles: int = 2000
    browsers: Browsers | None = None

    @property
    def users(self) -> int:
        """How many users there are in all."""
        return sum(crowd.count for crowd in self.crowds)

    @property
    def partners(self) -> int:
        """How many partners are played: one for each user, and one who orders at a rate."""
        crowd = self.crowd("partner")
        return (crowd.count if crowd else 0) + bool(self.arrivals)

    def crowd(self, user: str) -> Crowd | None:
        """The crowd of one kind of user, where the profile has one."""
        return next((crowd for crowd in self.crowds if crowd.user == user), None)

    def pace(self, arrival: Arrival) -> Pace:
        """Return when something arrives: at its rate, and in a surge more often."""
        rate_per_s, surge = arrival.rate_per_s * self.times, self.surge
        if surge is None:
            return constant(rate_per_s)
        return schedule(
            Step(surge.after_s, rate_per_s),
            Step(surge.seconds, rate_per_s * surge.times),
            Step(float("inf"), rate_per_s),
        )

    def orders_per_s(self) -> float:
        """Return how many orders arrive in a second, beside those of users."""
        kinds = (ORDERS_ARRIVE_AS, "order")
        return self.times * sum(each.rate_per_s for each in self.arrivals if each.what in kinds)

    def changed(self, *, times: float | None = None, seconds: float | None = None) -> "Profile":
        """Return the profile at another rate or for another time; more of it may leave more behind."""
        changed = replace(self, times=self.times if times is None else times, seconds=seconds or self.seconds)
        grown = max(1.0, changed.seconds / self.seconds) * max(1.0, changed.times / self.times)
        return replace(changed, max_orders=math.ceil(self.max_orders * grown))


def load_profile(name: str, path: Path = PROFILES) -> Profile:
    """Read one profile, strictly; the others of the file must be right, too.

    Raises:
        BadFile: file, line, key and what is allowed.
    """
    profiles = load_profiles(path)
    if name not in profiles:
        raise BadFile(f"{path}:1: has no profile {name!r}; allowed: {', '.join(profiles)}")
    return profiles[name]


def load_profiles(path: Path = PROFILES) -> dict[str, Profile]:
    """Read every profile of the file by name, strictly.

    Raises:
        BadFile: file, line, key and what is allowed.
    """
    tables = read_tables(path, "profile", "crowd", "arrival", "browser", may_be_empty=True)
    if not tables["profile"]:
        raise BadFile(f"{path}:1: holds no [[profile]]; allowed: at least one")
    names = [table.word("name") for table in tables["profile"]]
    crowds: dict[str, list[Crowd]] = {name: [] for name in names}
    for table in tables["crowd"]:
        profile = table.word("profile", allowed=names)
        crowd = _crowd(table)
        if any(other.user == crowd.user for other in crowds[profile]):
            raise table.error("user", f"each kind of user once in profile {profile!r}")
        crowds[profile].append(crowd)
    arrivals: dict[str, list[Arrival]] = {name: [] for name in names}
    for table in tables["arrival"]:
        profile = table.word("profile", allowed=names)
        arrival = _arrival(table)
        if any(other.what == arrival.what for other in arrivals[profile]):
            raise table.error("what", f"each kind of arrival once in profile {profile!r}")
        arrivals[profile].append(arrival)
    browsers: dict[str, Browsers] = {}
    for table in tables["browser"]:
        profile = table.word("profile", allowed=names)
        if profile in browsers:
            raise table.error("profile", "one [[browser]] for each profile")
        browsers[profile] = _browsers(table)
    profiles: dict[str, Profile] = {}
    for table in tables["profile"]:
        profile_read = replace(_profile(table, crowds, arrivals), browsers=browsers.get(table.word("name")))
        if profile_read.name in profiles:
            raise table.error("name", "a name that no other profile has")
        profiles[profile_read.name] = profile_read
    return profiles


def _profile(table: Table, crowds: dict[str, list[Crowd]], arrivals: dict[str, list[Arrival]]) -> Profile:
    name = table.word("name")
    of = table.word("like", allowed=crowds, default=name)
    if of != name and (crowds[name] or arrivals[name]):
        raise table.error("like", "no profile that has users of its own, or users of its own alone")
    if not crowds[of]:
        raise table.error("name", "a name that at least one [[crowd]] states as its profile")
    profile = Profile(
        name=name,
        seconds=table.number("seconds", low=1, high=86_400),
        drain_s=table.number("drain_s", low=1, high=600),
        max_orders=table.whole("max_orders", low=1, high=1_000_000),
        seed=table.whole("seed", low=0, high=2**31),
        because=table.word("because"),
        crowds=tuple(crowds[of]),
        arrivals=tuple(arrivals[of]),
        times=table.number("times", low=0.01, high=1000, default=1.0),
        surge=_surge(table),
        largest_triangles=table.whole("largest_triangles", low=200, high=200_000, default=2000),
    )
    table.done()
    return profile


def _surge(table: Table) -> Surge | None:
    if not table.has("surge_times"):
        return None
    return Surge(
        after_s=table.number("surge_after_s", low=1, high=3600),
        seconds=table.number("surge_s", low=1, high=3600),
        times=table.number("surge_times", low=1, high=1000),
    )


def _crowd(table: Table) -> Crowd:
    user = table.word("user", allowed=TASKS)
    crowd = Crowd(
        user=user,
        count=table.whole("count", low=1, high=10_000),
        think_s=table.span("think_s", low=0, high=600),
        mix=table.weights("mix", allowed=TASKS[user]),
        because=table.word("because"),
    )
    table.done()
    return crowd


def _browsers(table: Table) -> Browsers:
    browsers = Browsers(
        windows=table.whole("windows", low=1, high=20),
        every_s=table.number("every_s", low=0.1, high=600),
        because=table.word("because"),
    )
    table.done()
    return browsers


def _arrival(table: Table) -> Arrival:
    arrival = Arrival(
        what=table.word("what", allowed=ARRIVALS),
        rate_per_s=table.number("rate_per_s", low=0.01, high=1000),
        because=table.word("because"),
    )
    table.done()
    return arrival
