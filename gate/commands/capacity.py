"""`capacity`: how much more than its contract does the system carry, and what is full then?"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from fixtures.testbed.interface import TestbedFailed
from fixtures.testbed.native import NativeTestbed
from fixtures.testbed.runs import REPOSITORY, new_run_dir
from fixtures.testbed.signals import end_in_order_when_terminated
from fixtures.testbed.system import SystemTestbed
from fixtures.testbed.target import BadTarget, Target
from gate.display import COLOURS, a_console
from gate.outcome import Outcome
from gate.stages import HISTORY_ORDERS
from gate.tables import a_table
from gate.usage import WrongUse, a_release, a_target
from load.capacity import CONFIRMED_FOR_S, PICTURE, SECONDS, Capacity, capacity
from load.headroom.search import Held
from load.judging import Judgement
from load.run import refuse_strangers

EXAMPLES = """examples:
  ./assay capacity                            of the reference system, on this machine
  ./assay capacity --sut ../release-1.4       of another release of it
  ./assay capacity --target staging.toml      of a running system that is yours to load
  ./assay capacity --seconds 30               longer at each rate: takes longer, is surer

The load is the profile «contract» of load/profiles.toml at more and more times its rate: doubled until an
objective breaks, then between what held and what broke, then confirmed for twice as long. The picture shows
rate against latency.

exit codes: 0 the headroom is kept (or only nearly), 1 it is not, 2 unknown (the load generator was full
first, or nothing could be told), 64 wrong use, 130 interrupted
"""
_TONES = {Held.YES: "green", Held.NO: "red", Held.UNKNOWN: "magenta"}


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of capacity."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--target", type=a_target, metavar="FILE", help="a running system, by its target file")
    which.add_argument(
        "--sut", type=a_release, default=REPOSITORY, metavar="DIR", help="directory with the release's sut/"
    )
    parser.add_argument(
        "--seconds", type=_seconds, default=SECONDS, metavar="S", help=f"time at each rate ({SECONDS:g})"
    )


def run(options: argparse.Namespace) -> int:
    """Search, print the table, and leave a picture."""
    end_in_order_when_terminated()
    console, folder = a_console(), new_run_dir()
    try:
        with _system(options, folder) as (target, testbed):
            longer = options.seconds * CONFIRMED_FOR_S / SECONDS
            with console.status("starting") as status:

                def told(text: str) -> None:
                    status.update(text)
                    if not console.is_terminal:
                        console.print(f"capacity  {text}", markup=False, highlight=False, soft_wrap=True)

                found, judged = capacity(
                    target, testbed, folder, seconds=options.seconds, confirmed_for_s=longer, told=told
                )
    except BadTarget as error:
        raise WrongUse(str(error)) from None
    except TestbedFailed as error:
        console.print(f"capacity: {error}", markup=False, highlight=False, soft_wrap=True)
        return Outcome.UNKNOWN.exit_code
    _print(console, found, judged)
    console.print(f"picture  {_shown(folder / PICTURE)}", markup=False, highlight=False, soft_wrap=True)
    return Outcome(judged.outcome).exit_code


@contextmanager
def _system(options: argparse.Namespace, folder: Path) -> Iterator[tuple[Target, SystemTestbed | None]]:
    if options.target:
        target = Target.load(options.target)
        refuse_strangers(target)
        yield target, None
        return
    with NativeTestbed(run_dir=folder, sut_root=options.sut, history_orders=HISTORY_ORDERS) as testbed:
        yield testbed.target, testbed


def _print(console: Console, found: Capacity, judged: Judgement) -> None:
    table = a_table(
        "orders a second", "for", "", "p50", "p95", "p99", "failed", "why",
        right=("orders a second", "for", "p50", "p95", "p99", "failed"),
    )  # fmt: skip
    for step in found.steps:
        times = [f"{value:.0f} ms" if value else "-" for value in (step.p50_ms, step.p95_ms, step.p99_ms)]
        tone = _TONES[step.held]
        table.add_row(
            f"{step.rate_per_s:g}",
            f"{step.seconds:.0f} s",
            f"[{tone}]{step.held}[/]",
            *times,
            f"{step.failed_share:.2%}",
            step.why.replace("[", "\\["),
        )
    console.print(table)
    outcome = Outcome(judged.outcome)
    console.print(f"[bold {COLOURS[outcome]}]{outcome}[/]  {judged.title}: {judged.why}", highlight=False)
    if found.found.held and found.found.broke:
        told = (
            f"capacity {found.found.held:g} to {found.found.broke:g} orders a second; full then: {found.full}"
        )
        console.print(told, markup=False, highlight=False, soft_wrap=True)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 5 <= value <= 600:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 5 to 600")
    return value


def _shown(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
