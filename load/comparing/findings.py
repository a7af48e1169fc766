"""What the samples of a comparison say: pure, from pairs of windows to claims and an outcome."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from load.comparing.pairs import Difference, Measure, Pairs, Said, evened, of_percentile, of_windows
from load.comparing.rounds import FIRST, Samples

SEED = 20261122
FAMILY_LEVEL = 0.95
"""How sure we are of all claims of one comparison together."""
CPU = Measure("processor time", "ms", higher_is_worse=True, ignored_share=0.03)
P50 = Measure("p50", "ms", higher_is_worse=True, ignored_share=0.04)
P95 = Measure("p95", "ms", higher_is_worse=True, ignored_share=0.10, told_share=0.50)
RATE = Measure("throughput", "a second", higher_is_worse=False, ignored_share=0.04)
DECIDING = (CPU.name, P50.name)
"""Where these are unclear, a change of a tenth may have been missed."""


@dataclass(frozen=True)
class Comparison:
    """Every difference with its interval, and what it comes to."""

    differences: tuple[Difference, ...]
    refused: Mapping[str, str]
    rounds: int
    elapsed_s: float
    missing: tuple[str, ...] = ()
    """Which operations gave nothing, such as whole orders where no price ever comes in time."""

    @property
    def worse(self) -> list[Difference]:
        """What has become worse, by claims that hold together."""
        return [each for each in self.differences if each.said is Said.WORSE]

    @property
    def better(self) -> list[Difference]:
        """What has become better."""
        return [each for each in self.differences if each.said is Said.BETTER]

    @property
    def unclear(self) -> list[Difference]:
        """Where a change of a tenth may hide: neither figure that decides has seen enough."""
        by_operation: dict[str, list[Difference]] = {}
        for each in self.differences:
            if each.measure.name in DECIDING:
                by_operation.setdefault(each.operation, []).append(each)
        return [
            found[0] for found in by_operation.values() if all(each.said is Said.UNCLEAR for each in found)
        ]

    @property
    def outcome(self) -> str:
        """FAIL where something became worse, UNKNOWN where that could not be told, else PASS."""
        if "before" in self.refused:
            return "UNKNOWN"
        if self.worse or "after" in self.refused:
            return "FAIL"
        return "UNKNOWN" if self.unclear or self.missing or not self.differences else "PASS"


def compared(samples: Samples, operations: Sequence[str] = ()) -> Comparison:
    """Return what the samples say of all operations; the level is shared among all that is compared."""
    asked = [
        (operation, measure, pairs)
        for operation, sampled in samples.by_operation.items()
        for measure, measured in (
            (CPU, sampled.cpu_ms), (P50, sampled.times_ms),
            (P95, sampled.times_ms), (RATE, sampled.rate_per_s),
        )
        for pairs in (evened(measured, FIRST),)
        if pairs.before and len(pairs.before[0]) and all(each[0] > 0 for each in pairs.before)
    ]  # fmt: skip
    level = 1 - (1 - FAMILY_LEVEL) / max(len(asked), 1)
    found = tuple(_difference(*each, level) for each in asked)
    told = {each.operation for each in found}
    missing = () if samples.refused else tuple(each for each in operations if each not in told)
    return Comparison(found, dict(samples.refused), samples.rounds, samples.elapsed_s, missing)


def _difference(operation: str, measure: Measure, pairs: Pairs, level: float) -> Difference:
    if measure is P95:
        return of_percentile(operation, measure, pairs, 95, level, SEED)
    return of_windows(operation, measure, pairs, level, SEED)
