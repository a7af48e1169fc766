"""When things arrive, as pure arithmetic: evenly or by chance, at one rate or by a schedule of rates.

`constant(200)`, `poisson(200, seed=7)`, `schedule(Step(20, 50), Step(10, 250), Step(30, 50))`.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, chain
from random import Random
from typing import NamedTuple


class Share(NamedTuple):
    """Which part of all arrivals one generator applies: the `number`-th, from 0, of `of` equal ones."""

    number: int = 0
    of: int = 1


WHOLE = Share()


@dataclass(frozen=True)
class Step:
    """A rate for some time; with `to_per_s` it changes evenly to that. Units: s, arrivals per s."""

    seconds: float
    rate_per_s: float
    to_per_s: float | None = None

    def __post_init__(self) -> None:
        for name, value in (
            ("seconds", self.seconds),
            ("rate_per_s", self.rate_per_s),
            ("to_per_s", self._ends),
        ):
            if math.isnan(value) or value < 0 or (math.isinf(value) and name != "seconds"):
                raise ValueError(f"{name} of a step is {value}; allowed: a number of at least 0")

    @property
    def peak_per_s(self) -> float:
        """The highest rate that the step reaches."""
        return max(self.rate_per_s, self._ends)

    @property
    def arrivals(self) -> float:
        """How many arrivals it holds."""
        return self.by(self.seconds)

    def by(self, elapsed_s: float) -> float:
        """Return how many arrivals are due by a moment of the step."""
        elapsed_s = min(elapsed_s, self.seconds)
        if elapsed_s <= 0 or not self.peak_per_s:
            return 0.0
        even = self.rate_per_s * elapsed_s
        return even + self._bend * elapsed_s * elapsed_s if self._bend else even

    def when(self, arrivals: float) -> float:
        """Return by when so many are due; the inverse of `by`."""
        if not self._bend:
            return arrivals / self.rate_per_s
        under_root = max(0.0, self.rate_per_s**2 + 4 * self._bend * arrivals)
        return 2 * arrivals / (self.rate_per_s + math.sqrt(under_root)) if arrivals else 0.0

    @property
    def _ends(self) -> float:
        return self.rate_per_s if self.to_per_s is None else self.to_per_s

    @property
    def _bend(self) -> float:
        return 0.0 if math.isinf(self.seconds) else (self._ends - self.rate_per_s) / (2 * self.seconds)


@dataclass(frozen=True)
class Pace:
    """Rates over time, and whether arrivals keep equal distances or come by chance (Poisson)."""

    steps: tuple[Step, ...]
    is_random: bool = False
    seed: int = 0

    @property
    def seconds(self) -> float:
        """How long it lasts; infinite where it does not end."""
        return sum(step.seconds for step in self.steps)

    @property
    def peak_per_s(self) -> float:
        """The highest rate."""
        return max(step.peak_per_s for step in self.steps)

    def scaled_to(self, peak_per_s: float) -> "Pace":
        """Return the same course with another highest rate."""
        factor = peak_per_s / self.peak_per_s
        steps = (Step(step.seconds, step.rate_per_s * factor, step._ends * factor) for step in self.steps)
        return schedule(*steps, by_chance=self.is_random, seed=self.seed)

    def planned(self, elapsed_s: float) -> float:
        """Return how many arrivals are due by then, of all shares together; by chance it is their mean."""
        due = 0.0
        for step in self.steps:
            due += step.by(elapsed_s)
            elapsed_s -= step.seconds
            if elapsed_s <= 0:
                break
        return due

    def offsets(self, share: Share = WHOLE, since_s: float = 0.0) -> Iterator[float]:
        """Yield when each arrival of a share is due, from `since_s` on. Units: s after the start."""
        dues = self._dues(share, self.planned(since_s))
        begins = list(accumulate((step.seconds for step in self.steps), initial=0.0))
        firsts = list(accumulate((step.arrivals for step in self.steps), initial=0.0))
        due = next(dues)
        for step, begins_s, first in zip(self.steps, begins, firsts, strict=False):
            if math.isinf(step.seconds) and step.rate_per_s:  # most often; it must cost little
                yield from (begins_s + (each - first) / step.rate_per_s for each in chain((due,), dues))
            while due < first + step.arrivals:
                yield begins_s + step.when(due - first)
                due = next(dues)

    def _dues(self, share: Share, since: float) -> Iterator[float]:
        """Yield the places of a share's arrivals among all, counted from the start."""
        if not self.is_random:
            due = math.ceil(since - 1e-9)
            due += (share.number - due) % share.of
            while True:
                yield due
                due += share.of
        chance = Random(f"{self.seed} {share.number} of {share.of} since {since}")  # noqa: S311 - no secret
        come = since
        while True:
            come += chance.expovariate(1 / share.of)
            yield come


def constant(rate_per_s: float) -> Pace:
    """Return arrivals at equal distances, for ever."""
    return schedule(Step(math.inf, rate_per_s))


def at_rate(given: Pace | float, peak_per_s: float | None) -> Pace:
    """Return a pace, or a number as a constant one, with another highest rate where one is given."""
    pace = given if isinstance(given, Pace) else constant(given)
    return pace.scaled_to(float(peak_per_s)) if peak_per_s else pace


def poisson(rate_per_s: float, seed: int = 0) -> Pace:
    """Return arrivals that know nothing of each other, at a mean rate, for ever; a seed repeats them."""
    return schedule(Step(math.inf, rate_per_s), by_chance=True, seed=seed)


def schedule(*steps: Step, by_chance: bool = False, seed: int = 0) -> Pace:
    """Return rates one after another; it ends with its last step.

    Raises:
        ValueError: there is nothing to arrive.
    """
    pace = Pace(steps, by_chance, seed)
    if not any(step.arrivals for step in steps):
        raise ValueError("nothing arrives at this pace: it needs a rate above 0")
    return pace
