"""Measures how well `./assay compare` tells a regression from noise: `python -m load.compare_rates`.

Each run compares two fresh systems. In every second nothing differs, so nothing may be claimed; in the others
one endpoint is made dearer by a tenth, of its processor time or of its latency, and that must be found. The
bar for both: 19 of 20, so forty runs tell it.
"""

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from fixtures.testbed.interface import TestbedFailed
from fixtures.testbed.runs import REPOSITORY, new_run_dir
from fixtures.testbed.signals import end_in_order_when_terminated
from gate.sensitivity.defect import copy_release
from gate.usage import Parser
from load.compare import HISTORY_ORDERS, told_of
from load.comparing.findings import CPU, P50, Comparison, compared
from load.comparing.plants import ENDPOINTS, KINDS, Endpoint, plant_dearer
from load.comparing.rounds import sampled
from load.comparing.versions import Versions
from load.lengths import COMPARISON_S

BAR_SHARE = 0.95
PLANTED_SHARE = 0.10
NOTHING = "nothing"
_FIGURE = {KINDS[0]: CPU.name, KINDS[1]: P50.name}
_FIRST_MS = {
    "GET /v1/orders/{order_id}": 1.4,
    "GET mes/orders": 11.0,
    "POST /v1/orders": 9.0,
    "GET shop/": 1.4,
}
"""What an operation is taken to cost until a comparison has measured it. Units: ms."""


@dataclass(frozen=True)
class Run:
    """One comparison: what was planted, and what was claimed."""

    planted: str
    operation: str
    planted_ms: float
    found: bool
    claimed: tuple[str, ...]
    outcome: str
    took_s: float


def main(arguments: list[str] | None = None) -> int:
    """Run the comparisons, tell the rates and keep them; 0 where both reach the bar, else 1, or 2."""
    options = _options().parse_args(arguments)
    end_in_order_when_terminated()
    folder, runs = new_run_dir(), list[Run]()
    known_ms = {kind: dict(_FIRST_MS) for kind in KINDS}
    for number in range(options.first, options.first + options.runs):
        kind = _turn(number) if options.only is None else options.only
        endpoint = ENDPOINTS[number // 4 % len(ENDPOINTS)]
        try:
            run = _one(folder / f"{number}", kind, endpoint, options.seconds, number, known_ms)
        except TestbedFailed as error:
            print(f"rates  run {number + 1} could not be made: {error}", file=sys.stderr)
            continue
        runs.append(run)
        _tell(number + 1, run)
        _keep(folder, runs)
    return _sum_up(runs, folder)


def _turn(number: int) -> str:
    return KINDS[number // 2 % len(KINDS)] if number % 2 else NOTHING


def _one(
    folder: Path,
    kind: str,
    endpoint: Endpoint,
    seconds: float,
    seed: int,
    known_ms: dict[str, dict[str, float]],
) -> Run:
    began = time.monotonic()
    here, there = folder / "this", folder / "other"
    copy_release(REPOSITORY, here)
    copy_release(REPOSITORY, there)
    planted_ms = 0.0
    if kind != NOTHING:
        planted_ms = PLANTED_SHARE * known_ms[kind].get(endpoint.operation, 3.0)
        plant_dearer(there, endpoint, kind, planted_ms / 1000)
    asked, chance = Versions("this", kind, here, there), Random(seed)  # noqa: S311 - an order
    samples = sampled(asked, folder, HISTORY_ORDERS, seconds, chance, lambda *_: None)
    found = compared(samples)
    _learn(found, known_ms)
    hit = any(each.operation == endpoint.operation for each in found.worse)
    claimed = [*found.worse, *found.better]
    told = tuple(told_of(found)) if claimed or found.refused else ()
    (folder / "compare.json").write_text(json.dumps([asdict(each) for each in found.differences], indent=1))
    name = "" if kind == NOTHING else endpoint.operation
    took_s = round(time.monotonic() - began, 1)
    return Run(kind, name, round(planted_ms, 3), hit, told, found.outcome, took_s)


def _learn(found: Comparison, known_ms: dict[str, dict[str, float]]) -> None:
    """Know from now on what each operation costs here, so that a tenth of it is a tenth."""
    for each in found.differences:
        for kind, figure in _FIGURE.items():
            if each.measure.name == figure:
                known_ms[kind][each.operation] = each.before


def _tell(number: int, run: Run) -> None:
    right = run.found if run.planted != NOTHING else not run.claimed
    planted = f"{run.planted} of {run.operation} +{run.planted_ms:g} ms" if run.operation else NOTHING
    print(
        f"rates  {number}: planted {planted}: {'right' if right else 'WRONG'} ({run.took_s:.0f} s)",
        flush=True,
    )
    for line in run.claimed:
        print(f"rates      {line}", flush=True)


def _sum_up(runs: list[Run], folder: Path) -> int:
    planted = [run for run in runs if run.planted != NOTHING]
    same = [run for run in runs if run.planted == NOTHING]
    found, quiet = sum(run.found for run in planted), sum(not run.claimed for run in same)
    print(f"rates  planted tenths found: {found} of {len(planted)}")
    print(f"rates  nothing claimed of a version against itself: {quiet} of {len(same)}")
    print(f"rates  longest run {max((run.took_s for run in runs), default=0):.0f} s; kept in {folder}")
    if not runs:
        return 2
    reached = found >= BAR_SHARE * len(planted) and quiet >= BAR_SHARE * len(same)
    return 0 if reached else 1


def _keep(folder: Path, runs: list[Run]) -> None:
    (folder / "rates.json").write_text(json.dumps([asdict(run) for run in runs], indent=1), encoding="utf-8")


def _options() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m load.compare_rates",
        description=__doc__,
        epilog="examples:\n  python -m load.compare_rates --runs 40\n"
        "  python -m load.compare_rates --runs 3 --seconds 60\n\n"
        "exit codes: 0 both rates reach 19 of 20, 1 one does not, 2 no run could be made",
    )
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="how many comparisons (3)")
    parser.add_argument(
        "--seconds", type=float, default=COMPARISON_S, metavar="S", help=f"length of each ({COMPARISON_S:g})"
    )
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the number to begin with (0)")
    parser.add_argument("--only", choices=(NOTHING, *KINDS), help="plant this alone, in every run")
    return parser


if __name__ == "__main__":
    sys.exit(main())
