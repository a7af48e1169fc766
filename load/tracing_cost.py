"""Measures what tracing costs the intake of orders: `python -m load.tracing_cost`.

Two systems of our own stand side by side, one that records and sends every trace and one without a collector.
They take turns: a window of orders to the one, then a window to the other, and the next pair the other way
round. Both `api` are pinned to one processor; what sends orders, the databases, the brokers and what
receives the spans are on the others. What follows on an order is stopped in both: it would go on during the
other's window. The cost is the share of throughput per second of processor time that the traced `api` lacks.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles

from fixtures.testbed.interface import Process
from fixtures.testbed.kinds import KINDS
from fixtures.testbed.own import own_testbed
from fixtures.testbed.runs import current_run_dir
from fixtures.testbed.system import SystemTestbed
from gate.usage import Parser
from load.intake import WARM_UP_S, Intake, Window, pin

MOST_SHARE = 0.05
SERVICES: tuple[Process, ...] = ("shop", "api", "mes", "pricing", "flow")
FOLLOWERS: tuple[Process, ...] = ("shop", "flow", "pricing", "mes")
OFF = {"OTEL_EXPORTER_OTLP_ENDPOINT": ""}


@dataclass(frozen=True)
class Pair:
    """Two windows that followed each other."""

    traced: Window
    untraced: Window

    @property
    def cost_share(self) -> float:
        """What tracing takes of the orders per second of processor time."""
        return 1 - self.traced.per_cpu_s / self.untraced.per_cpu_s

    @property
    def cost_by_clock_share(self) -> float:
        """What it takes of the orders per second of the clock."""
        return 1 - self.traced.per_s / self.untraced.per_s

    @property
    def cost_us(self) -> float:
        """What it takes of processor time for each order. Units: µs."""
        return 1e6 * (1 / self.traced.per_cpu_s - 1 / self.untraced.per_cpu_s)


def measured(traced: Intake, untraced: Intake, *, seconds: float, pairs: int) -> Iterator[Pair]:
    """Yield pairs of windows, each begun by the one that ended the last."""
    pin(traced.api.pid, untraced.api.pid)
    for intake in (traced, untraced):
        intake.window(WARM_UP_S)
    for number in range(pairs):
        order = (traced, untraced) if number % 2 == 0 else (untraced, traced)
        windows = {intake: intake.window(seconds) for intake in order}
        yield Pair(windows[traced], windows[untraced])


@contextmanager
def systems() -> Iterator[tuple[SystemTestbed, SystemTestbed]]:
    """Lend a traced system and one that is not, both with nothing but what takes orders in."""
    folder = current_run_dir()
    with ExitStack() as stack:
        traced = stack.enter_context(own_testbed(KINDS[0], run_dir=folder / "traced"))
        off = dict.fromkeys(SERVICES, OFF)
        untraced = stack.enter_context(own_testbed(KINDS[0], run_dir=folder / "untraced", settings=off))
        for system in (traced, untraced):
            for process in FOLLOWERS:
                system.kill(process)
        yield traced, untraced


def main(arguments: list[str] | None = None) -> int:
    """Measure and tell; 0 where the median cost is within the bound and no order was refused, else 1."""
    options = _options().parse_args(arguments)
    pairs: list[Pair] = []
    with systems() as (traced, untraced):
        intakes = [Intake(system, connections=options.connections) for system in (traced, untraced)]
        for pair in measured(*intakes, seconds=options.seconds, pairs=options.pairs):
            pairs.append(pair)
            print(
                f"orders per second of api's processor: {pair.traced.per_cpu_s} traced, "
                f"{pair.untraced.per_cpu_s} not: {pair.cost_share:+.1%}, {pair.cost_us:+.0f} µs an order; by "
                f"the clock {pair.traced.per_s} and {pair.untraced.per_s}: {pair.cost_by_clock_share:+.1%}",
                flush=True,
            )
    share = told("of orders per second of api's processor", [pair.cost_share for pair in pairs])
    told("of orders per second of the clock", [pair.cost_by_clock_share for pair in pairs])
    refused = sum(pair.traced.failures + pair.untraced.failures for pair in pairs)
    reached = share <= MOST_SHARE and not refused
    print(f"{'reached' if reached else 'MISSED'}: at most {MOST_SHARE:.0%}; {refused} orders refused")
    print(f"evidence: {_kept(pairs, share)}")
    return 0 if reached else 1


def told(of_what: str, shares: list[float]) -> float:
    """Tell the median and the spread of what was measured; return the median."""
    low, _, high = quantiles(shares, n=4) if len(shares) > 1 else (shares[0],) * 3
    middle = median(shares)
    print(f"median cost: {middle:+.1%} {of_what} (half of the pairs {low:+.1%} to {high:+.1%})")
    return middle


def _kept(pairs: list[Pair], share: float) -> Path:
    path = current_run_dir() / "evidence" / "tracing-cost.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{**asdict(pair), "cost_share": pair.cost_share, "cost_us": pair.cost_us} for pair in pairs]
    path.write_text(json.dumps({"median_cost_share": share, "pairs": rows}, indent=2), encoding="utf-8")
    return path


def _options() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m load.tracing_cost", description=__doc__)
    parser.add_argument(
        "--connections", type=int, default=16, metavar="N", help="how many order at once (16)"
    )
    parser.add_argument("--seconds", type=float, default=3.0, metavar="S", help="length of a window (3)")
    parser.add_argument("--pairs", type=int, default=12, metavar="N", help="how many pairs of windows (12)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
