"""Paired samples of two versions, and what they say with which certainty: pure.

Both versions are asked in turn, within moments of each other, so what the rest of the machine does hits both.
Each pair gives one ratio; an interval comes from drawing the pairs again and again (bootstrap by pairs). A
difference is claimed only where the whole interval lies beyond what two processes of one and the same version
differ by.  Source: Efron, Tibshirani, An Introduction to the Bootstrap (1993), ch. 8, 13.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

DRAWN = 2000
TRIMMED_SHARE = 0.2
FEWEST_PAIRS = 12
FEWEST_FOR_MUCH = 8
"""So few pairs tell only what lies wholly beyond the change that must be told."""


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

    rounds: list[int] = field(default_factory=list)
    before: list[Sequence[float]] = field(default_factory=list)
    after: list[Sequence[float]] = field(default_factory=list)

    def add(self, turn: int, before: Sequence[float], after: Sequence[float]) -> None:
        """Add a pair of windows of a round."""
        self.rounds.append(turn)
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
    def said(self) -> Said:
        """What is claimed: nothing unless the whole interval is beyond what is ignored."""
        if self.pairs < FEWEST_FOR_MUCH:
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


def of_windows(operation: str, measure: Measure, pairs: Pairs, level: float, seed: int) -> Difference:
    """Compare window by window, by the median of each, and then round by round."""
    before, after = (np.array([np.median(each) for each in side]) for side in (pairs.before, pairs.after))
    by_round = _by_round(pairs.rounds, np.log(after / before))
    chance = np.random.default_rng(seed)
    drawn = by_round[chance.integers(0, len(by_round), (DRAWN, len(by_round)))]
    low, high = np.expm1(np.quantile(_trimmed(drawn), _ends(level)))
    change = float(np.expm1(_trimmed(by_round[None, :])[0]))
    seen = float(np.median(before)), float(np.median(after))
    return Difference(operation, measure, *seen, change, float(low), float(high), len(by_round))


def of_percentile(
    operation: str, measure: Measure, pairs: Pairs, percentile: float, level: float, seed: int
) -> Difference:
    """Compare a percentile of all samples, drawing whole rounds: one of them has too few for its tail."""
    before, after = (_rows(pairs.rounds, side) for side in (pairs.before, pairs.after))
    chance = np.random.default_rng(seed)
    drawn = chance.integers(0, len(before), (DRAWN // 2, len(before)))
    one, other = (
        np.percentile(side[drawn].reshape(len(drawn), -1), percentile, axis=1) for side in (before, after)
    )
    low, high = np.quantile(other / one - 1, _ends(level))
    seen = float(np.percentile(before, percentile)), float(np.percentile(after, percentile))
    change = seen[1] / seen[0] - 1
    return Difference(operation, measure, *seen, change, float(low), float(high), len(before))


def _by_round(rounds: Sequence[int], values: "np.ndarray") -> "np.ndarray":
    """Return each round's middle: windows of one round share what the machine did."""
    of = np.array(rounds)
    return np.array([np.median(values[of == each]) for each in sorted(set(rounds))])


def _rows(rounds: Sequence[int], windows: Sequence[Sequence[float]]) -> "np.ndarray":
    found: dict[int, list[float]] = {}
    for each, window in zip(rounds, windows, strict=True):
        found.setdefault(each, []).extend(window)
    most = max(len(row) for row in found.values())
    return np.array([row for row in found.values() if len(row) == most])


def _trimmed(rows: "np.ndarray") -> "np.ndarray":
    """Return each row's mean without its most extreme values."""
    ordered = np.sort(rows, axis=1)
    cut = int(rows.shape[1] * TRIMMED_SHARE)
    inner: np.ndarray = ordered[:, cut : rows.shape[1] - cut].mean(axis=1)
    return inner


def _ends(level: float) -> tuple[float, float]:
    return (1 - level) / 2, (1 + level) / 2
