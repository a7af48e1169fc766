"""Tells a regression from noise: runs two versions of the system on this machine and asks them in turn.

Both are asked for the same things in windows of a few requests, by turns in random order, so what else the
machine does hits both alike, and each is started first as often as the other. Of each pair of windows the
change is taken; its interval comes from drawing rounds again and again. Figures: processor time (of the
processes behind an operation, and of all for a whole order), p50, p95 and throughput of one caller.
"""

import json
import time
from dataclasses import asdict
from pathlib import Path
from random import Random

from load.comparing.blocks import OPERATIONS
from load.comparing.findings import Comparison, compared
from load.comparing.pairs import Difference
from load.comparing.picture import page
from load.comparing.rounds import Told, sampled
from load.comparing.versions import Versions, versions
from load.lengths import COMPARISON_S

HISTORY_ORDERS = 100_000
"""What an index saves shows only where there is much to read."""
EVIDENCE, PAGE = "compare.json", "compare.html"


def compare(
    reference: str,
    release: Path,
    folder: Path,
    *,
    seconds: float = COMPARISON_S,
    history_orders: int = HISTORY_ORDERS,
    seed: int = 1,
    told: Told = lambda *_: None,
) -> tuple[Versions, Comparison]:
    """Compare a release with another version; leave compare.json and compare.html in the folder.

    Raises:
        NoSuchVersion: there is no such version.
        TestbedFailed: one of the two does not come up.
    """
    asked = versions(reference, release, folder / "versions")
    chance = Random(seed)  # noqa: S311 - an order, not a secret
    samples = sampled(asked, folder, history_orders, seconds, chance, told)
    found = compared(samples, OPERATIONS)
    _keep(folder, asked, found)
    return asked, found


def told_of(found: Comparison) -> list[str]:
    """Say in sentences what a comparison has found, worst first."""
    lines = [f"{side} did not answer as it must: {why}" for side, why in found.refused.items()]
    lines += [f"{_sentence(each)}: worse" for each in _by_size(found.worse)]
    lines += [f"{_sentence(each)}: better" for each in _by_size(found.better)]
    lines += [
        f"{each.operation}: too much noise to see a change of {each.measure.told_share:.0%}"
        for each in found.unclear
    ]
    lines += [f"{operation}: nothing was measured" for operation in found.missing]
    return lines or ["no difference"]


def _by_size(differences: list[Difference]) -> list[Difference]:
    return sorted(differences, key=lambda each: -abs(each.change_share))


def _sentence(each: Difference) -> str:
    return (
        f"{each.operation}: {each.measure.name} {each.before:.3g} → {each.after:.3g} {each.measure.unit}, "
        f"{each.change_share:+.1%} ({each.low_share:+.1%} to {each.high_share:+.1%})"
    )


def _keep(folder: Path, asked: Versions, found: Comparison) -> None:
    document = {
        "before": asked.before,
        "after": asked.after,
        "outcome": found.outcome,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "rounds": found.rounds,
        "elapsed_s": found.elapsed_s,
        "refused": dict(found.refused),
        "told": told_of(found),
        "differences": [{**asdict(each), "said": each.said.value} for each in found.differences],
    }
    (folder / EVIDENCE).write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")
    (folder / PAGE).write_text(page(found, asked.before, asked.after, told_of(found)), encoding="utf-8")
