"""Targets whose truth is known: how long each answer takes is computed, so every percentile can be, too."""

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

KINDS = ("lognormal", "bimodal", "freezing")
PERCENTILES = (50, 90, 95, 99, 99.9)
FREEZES_EVERY_S, FREEZES_FOR_S, THAWED_MS = 5.0, 1.0, 2.0
_GOLDEN = (math.sqrt(5) - 1) / 2
FAST_SHARE = 0.92  # not one of the percentiles: at a step a percentile is either side of it
_MEDIAN_MS, _SIGMA = 20.0, 0.5


def delay_ms(kind: str, number: int) -> float:
    """Return how long the answer to the so-many-th request takes, which fills the distribution evenly."""
    if kind == "freezing":
        return THAWED_MS
    share = (0.5 + number * _GOLDEN) % 1.0
    share = min(max(share, 1e-6), 1 - 1e-6)
    if kind == "lognormal":
        return _MEDIAN_MS * math.exp(_SIGMA * NormalDist().inv_cdf(share))
    if share < FAST_SHARE:
        return 2.0 + share
    return 80.0 + 500.0 * (share - FAST_SHARE)


def truth_ms(times_ms: Sequence[float]) -> dict[float, float]:
    """Return the percentiles of these times, exactly."""
    ordered = np.sort(np.asarray(times_ms))
    ranks = {each: max(1, math.ceil(each / 100 * ordered.size - 1e-6)) for each in PERCENTILES}
    return {each: float(ordered[rank - 1]) for each, rank in ranks.items()}


def frozen_ms(intended: float, freezes: Sequence[tuple[float, float]]) -> float:
    """Return how long a request takes that is meant to begin at that moment, by the server's freezes."""
    for begins, ends in freezes:
        if begins <= intended < ends:
            return (ends - intended) * 1000 + THAWED_MS
        if intended < begins < intended + THAWED_MS / 1000:
            return (ends - intended) * 1000
    return THAWED_MS
