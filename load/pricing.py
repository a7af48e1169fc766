"""Measures order-to-price by size of model, against a release without parallel pricing.

Two systems run side by side on this machine: this release, and a copy with a planted defect that undoes it.
Orders go to both in turn, so that whatever else the machine does hits both.
Example: `python -m load.pricing --rounds 3`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

from fixtures import models
from fixtures.models import LARGEST_TRIANGLE_COUNT
from fixtures.tables import BadFile
from fixtures.testbed.interface import TestbedFailed
from fixtures.testbed.native import NativeTestbed
from fixtures.testbed.runs import REPOSITORY, current_run_dir
from gate.sensitivity import defect
from load.order_to_price import CASES, Customer, NoPrice, Sample

EX_USAGE = 64
EX_UNKNOWN = 2
SIZES = (1_000, 20_000, LARGEST_TRIANGLE_COUNT)
UNDONE = "sequential-pricing"
THIS = "parallel"

Samples = Mapping[str, Sequence[Sample]]


def main(arguments: list[str] | None = None) -> int:
    """Measure and print the table; return 0 once everything was measured."""
    try:
        asked = _options().parse_args(arguments)
        [undone] = defect.read(REPOSITORY / "sut" / "defects", [asked.undone])
    except (argparse.ArgumentError, BadFile) as error:
        print(error, file=sys.stderr)
        return EX_USAGE
    folder = current_run_dir()
    try:
        samples = measured(undone, asked.sizes, asked.rounds, folder)
    except (TestbedFailed, NoPrice, defect.DoesNotApply) as error:
        print(error, file=sys.stderr)
        return EX_UNKNOWN
    evidence = folder / "pricing.json"
    evidence.write_text(json.dumps(samples, indent=1), encoding="utf-8")
    print("\n".join([*table(samples, asked.sizes), f"every sample: {evidence}"]))
    return 0


def measured(undone: defect.Defect, sizes: Sequence[int], rounds: int, folder: Path) -> Samples:
    """Start both systems and order from them in turn.

    Raises:
        TestbedFailed: one of them did not come up.
        NoPrice: an order was never priced.
    """
    defect.plant(undone, REPOSITORY, folder / undone.name)
    releases = {THIS: REPOSITORY, undone.name: folder / undone.name}
    samples: dict[str, list[Sample]] = {name: [] for name in releases}
    with ExitStack() as running:
        customers = {}
        for name, release in releases.items():
            _tell(f"starting the system with {name} pricing")
            testbed = NativeTestbed(run_dir=folder / "private" / name, sut_root=release)
            customers[name] = Customer(running.enter_context(testbed).target)
        for customer in customers.values():
            list(customer.measure(sizes[0], CASES[0]))  # the first order pays for what is loaded late
        for number in range(1, rounds + 1):
            for size in sizes:
                _tell(f"round {number} of {rounds}: models of {size:,} triangles")
                for case in CASES:
                    # Who comes first takes turns, too.
                    for name in sorted(customers, reverse=number % 2 == 0):
                        samples[name] += customers[name].measure(size, case)
    return samples


def table(samples: Samples, sizes: Iterable[int]) -> list[str]:
    """Lay out medians and spread of each size and case, and what the second release is slower by."""
    names = list(samples)
    head = f"{'triangles':>9}  {'order':<16}" + "".join(f"  {f'{name}, ms':>28}" for name in names)
    lines = [f"order-to-price, median [lowest to highest]; {THIS} is this release", head + "   ratio"]
    for size in sizes:
        for case in CASES:
            found = {
                name: [each.waited_s * 1000 for each in samples[name] if each[:2] == (size, case)]
                for name in names
            }
            medians = [statistics.median(waits) for waits in found.values()]
            cells = "".join(f"  {_spread(waits):>28}" for waits in found.values())
            lines.append(f"{size:>9,}  {case:<16}{cells}  {medians[-1] / medians[0]:5.2f}x")
    return lines


def _spread(waits: Sequence[float]) -> str:
    return f"{statistics.median(waits):.0f} [{min(waits):.0f} to {max(waits):.0f}]"


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class _Options(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise argparse.ArgumentError(None, f"{message} (--help shows what there is)")


def _count(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def _size(text: str) -> int:
    size = min(_count(text), LARGEST_TRIANGLE_COUNT)
    try:
        models.ball(size)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return size


def _options() -> argparse.ArgumentParser:
    parser = _Options(
        prog="python -m load.pricing",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--rounds", type=_count, default=5, help="how often each case is measured (default: 5)"
    )
    parser.add_argument(
        "--sizes",
        type=_size,
        nargs="+",
        default=list(SIZES),
        metavar="TRIANGLES",
        help="sizes of models (default: %(default)s; the largest is what an upload may be)",
    )
    parser.add_argument(
        "--undone", default=UNDONE, metavar="DEFECT", help="the defect of sut/defects/ to compare with"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
