"""`compare`: is this release slower or dearer than another version, beyond noise?"""

import argparse

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from fixtures.testbed.interface import TestbedFailed
from fixtures.testbed.runs import new_run_dir
from fixtures.testbed.signals import end_in_order_when_terminated
from gate.display import COLOURS, a_console, from_here
from gate.outcome import Outcome
from gate.tables import a_table
from gate.usage import WrongUse
from load.compare import PAGE, compare, told_of
from load.comparing.findings import Comparison
from load.comparing.pairs import Said
from load.comparing.versions import NoSuchVersion

_TONES = {Said.WORSE: "red", Said.BETTER: "green", Said.SAME: "default", Said.UNCLEAR: "magenta"}


def run(options: argparse.Namespace) -> int:
    """Compare, print the table, and leave a page."""
    end_in_order_when_terminated()
    console, folder = a_console(), new_run_dir()
    try:
        with _progress(console) as progress:
            bar = progress.add_task("starting both", total=1.0)

            def told(text: str, share: float) -> None:
                progress.update(bar, description=text, completed=share)

            asked, found = compare(
                options.ref, options.sut, folder, seconds=options.seconds, seed=options.seed, told=told
            )
    except NoSuchVersion as error:
        folder.rmdir() if not [*folder.iterdir()] else None
        raise WrongUse(str(error)) from None
    except TestbedFailed as error:
        console.print(f"compare: {error}", markup=False, highlight=False, soft_wrap=True)
        return Outcome.UNKNOWN.exit_code
    _print(console, asked.before, asked.after, found)
    console.print(f"page     {from_here(folder / PAGE)}", markup=False, highlight=False, soft_wrap=True)
    return Outcome(found.outcome).exit_code


def _print(console: Console, before: str, after: str, found: Comparison) -> None:
    table = a_table(
        "operation",
        "figure",
        before,
        after,
        "change",
        "interval",
        right=(before, after, "change", "interval"),
    )
    for each in found.differences:
        tone = _TONES[each.said]
        table.add_row(
            escape(each.operation),
            each.measure.name,
            f"{each.before:.3g}",
            f"{each.after:.3g} {each.measure.unit}",
            f"[{tone}]{each.change_share:+.1%}[/]",
            f"[{tone}]{each.low_share:+.1%} to {each.high_share:+.1%}[/]",
        )
    console.print(table)
    outcome = Outcome(found.outcome)
    console.print(f"[bold {COLOURS[outcome]}]{outcome}[/]  {escape(before)} → {escape(after)}")
    for line in told_of(found):
        console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
