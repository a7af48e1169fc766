"""`capacity`: how much more than its contract does the system carry, and what is full then?"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from fixtures.testbed.interface import TestbedFailed
from fixtures.testbed.native import NativeTestbed
from fixtures.testbed.runs import new_run_dir
from fixtures.testbed.signals import end_in_order_when_terminated
from fixtures.testbed.system import SystemTestbed
from fixtures.testbed.target import BadTarget, Target
from gate.display import COLOURS, a_console, from_here
from gate.outcome import Outcome
from gate.stages import HISTORY_ORDERS
from gate.tables import a_table
from gate.usage import WrongUse
from load.capacity import PICTURE, Capacity, capacity, owed_headroom
from load.headroom.search import Held
from load.judging import Judgement
from load.lengths import CAPACITY_CONFIRMED_S, CAPACITY_STEP_S
from load.strangers import refuse_strangers

_TONES = {Held.YES: "green", Held.NO: "red", Held.UNKNOWN: "magenta"}


def run(options: argparse.Namespace) -> int:
    """Search, print the table, and leave a picture."""
    end_in_order_when_terminated()
    console, folder = a_console(), new_run_dir()
    try:
        owed_headroom()  # who has a slip in a file need not wait for the system
        with _system(options, folder) as (target, testbed):
            longer = options.seconds * CAPACITY_CONFIRMED_S / CAPACITY_STEP_S
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
    console.print(f"picture  {from_here(folder / PICTURE)}", markup=False, highlight=False, soft_wrap=True)
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
