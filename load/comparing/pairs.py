"""Paired samples of two versions, and what they say with which certainty: pure.

Both versions are asked in turn, within moments of each other, so what the rest of the machine does hits both.
Each pair gives one ratio; an interval comes from drawing the rounds of each sitting again and again
(bootstrap by pairs, in strata). A difference is claimed only where the whole interval lies beyond what two
processes of one and the same version differ by.
Source: Efron, Tibshirani, An Introduction to the Bootstrap (1993), ch. 8, 13.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import numpy as np

DRAWN = 2000
TRIMMED_SHARE = 0.2
FEWEST_PAIRS = 12
FEWEST_FOR_MUCH = 8
"""So few pairs tell only what lies wholly beyond the change that must be told."""


class Turn(NamedTuple):
    """When a pair was measured: in which sitting of both versions, and in which round of it."""

    sitting: int
    round: int


class Said(StrEnum):
    """What an interval says of a change."""

    WORSE = "worse"
    BETTER = "better"
    SAME = "same"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Measure:
    """A figure that is compared.

    Units: `ignored_share` is the change that is no difference yet; `told_share` the one that must be told.
    """

    name: str
    unit: str
    higher_is_worse: bool
    ignored_share: float
    told_share: float = 0.10


@dataclass
class Pairs:
    """Samples of one operation: for each pair, what the version before and the one after it gave."""

    turns: list[Turn] = field(default_factory=list)
    before: list[Sequence[float]] = field(default_factory=list)
    after: list[Sequence[float]] = field(default_factory=list)

    def add(self, turn: Turn, before: Sequence[float], after: Sequence[float]) -> None:
        """Add a pair of windows of a round."""
        self.turns.append(turn)
        self.before.append(before)
        self.after.append(after)


@dataclass(frozen=True)
class Difference:
    """How much a figure changed: the ratio after ÷ before, with its interval."""

    operation: str
    measure: Measure
    before: float
    after: float
    change_share: float
    low_share: float
    high_share: float
    pairs: int

    @property
    def has_interval(self) -> bool:
        """Whether there are rounds enough for its interval to mean anything."""
        return self.pairs >= FEWEST_FOR_MUCH

    @property
    def said(self) -> Said:
        """What is claimed: nothing unless the whole interval is beyond what is ignored."""
        if not self.has_interval:
            return Said.UNCLEAR
        is_little = self.pairs < FEWEST_PAIRS
        ignored = self.measure.told_share if is_little else self.measure.ignored_share
        up, down = self.low_share > ignored, self.high_share < -ignored
        if up or down:
            return Said.WORSE if up == self.measure.higher_is_worse else Said.BETTER
        return Said.SAME if self._would_have_been_told and not is_little else Said.UNCLEAR

    @property
    def _would_have_been_told(self) -> bool:
        """Whether the interval leaves no room for a change that must be told."""
        worst = self.high_share if self.measure.higher_is_worse else -self.low_share
        return worst < self.measure.told_share


def evened(pairs: Pairs, firsts: Sequence[str]) -> Pairs:
    """Return the pairs of as many sittings of each order of starting as of every other.

    What one order does to both versions is undone only by the other, so a sitting that gave nothing of an
    operation takes one of the other order with it. `firsts` says which version was started first, by sitting.
    """
    by_first: dict[str, list[int]] = {first: [] for first in firsts}
    for sitting in sorted({turn.sitting for turn in pairs.turns}):
        by_first[firsts[sitting]].append(sitting)
    fewest = min(len(each) for each in by_first.values())
    kept, even = {sitting for each in by_first.values() for sitting in each[:fewest]}, Pairs()
    for turn, before, after in zip(pairs.turns, pairs.before, pairs.after, strict=True):
        if turn.sitting in kept:
            even.add(turn, before, after)
    return even


def of_windows(operation: str, measure: Measure, pairs: Pairs, level: float, seed: int) -> Difference:
    """Compare window by window, by the median of each, then round by round, then sitting by sitting.

    Each sitting counts alike: what the order of their start does to both is undone only by the sitting where
    it was the other way round.
    """
    before, after = (np.array([np.median(each) for each in side]) for side in (pairs.before, pairs.after))
    sittings = _by_round(pairs.turns, np.log(after / before))
    chance = np.random.default_rng(seed)
    drawn = np.mean([_trimmed(_drawn(each, chance, DRAWN)) for each in sittings], axis=0)
    low, high = np.expm1(np.quantile(drawn, _ends(level)))
    change = float(np.expm1(np.mean([_trimmed(each[None, :])[0] for each in sittings])))
    seen = float(np.median(before)), float(np.median(after))
    return Difference(
        operation, measure, *seen, change, float(low), float(high), sum(len(each) for each in sittings)
    )


def of_percentile(
    operation: str, measure: Measure, pairs: Pairs, percentile: float, level: float, seed: int
) -> Difference:
    """Compare a percentile of all samples, drawing whole rounds: one of them has too few for its tail."""
    whole = _whole_rounds(pairs.turns, pairs.before)
    before, after = (_rows(pairs.turns, side, whole) for side in (pairs.before, pairs.after))
    chance, of = np.random.default_rng(seed), np.array([each.sitting for each in whole])
    drawn = np.concatenate(
        [_drawn(np.flatnonzero(of == each), chance, DRAWN // 2) for each in np.unique(of)], axis=1
    )
    one, other = (
        np.percentile(side[drawn].reshape(len(drawn), -1), percentile, axis=1) for side in (before, after)
    )
    low, high = np.quantile(other / one - 1, _ends(level))
    seen = float(np.percentile(before, percentile)), float(np.percentile(after, percentile))
    change = seen[1] / seen[0] - 1
    return Difference(operation, measure, *seen, change, float(low), float(high), len(before))


def _by_round(turns: Sequence[Turn], values: "np.ndarray") -> "list[np.ndarray]":
    """Return each sitting's rounds by their middle: windows of one round share what the machine did."""
    found: dict[int, dict[int, list[float]]] = {}
    for turn, value in zip(turns, values, strict=True):
        found.setdefault(turn.sitting, {}).setdefault(turn.round, []).append(value)
    return [np.array([np.median(each) for each in rounds.values()]) for rounds in found.values()]


def _whole_rounds(turns: Sequence[Turn], windows: Sequence[Sequence[float]]) -> list[Turn]:
    """Return the rounds that came to their end: a version that refuses ends one in its midst."""
    sizes: dict[Turn, int] = {}
    for turn, window in zip(turns, windows, strict=True):
        sizes[turn] = sizes.get(turn, 0) + len(window)
    return [turn for turn, size in sizes.items() if size == max(sizes.values())]


def _rows(turns: Sequence[Turn], windows: Sequence[Sequence[float]], whole: Sequence[Turn]) -> "np.ndarray":
    """Return all samples of each round as a row."""
    found: dict[Turn, list[float]] = {turn: [] for turn in whole}
    for turn, window in zip(turns, windows, strict=True):
        if turn in found:
            found[turn].extend(window)
    return np.array(list(found.values()))


def _drawn(values: "np.ndarray", chance: np.random.Generator, times: int) -> "np.ndarray":
    drawn: np.ndarray = values[chance.integers(0, len(values), (times, len(values)))]
    return drawn


def _trimmed(rows: "np.ndarray") -> "np.ndarray":
    """Return each row's mean without its most extreme values."""
    ordered = np.sort(rows, axis=1)
    cut = int(rows.shape[1] * TRIMMED_SHARE)
    inner: np.ndarray = ordered[:, cut : rows.shape[1] - cut].mean(axis=1)
    return inner


def _ends(level: float) -> tuple[float, float]:
    return (1 - level) / 2, (1 + level) / 2
