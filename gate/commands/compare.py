"""`compare`: is this release slower or dearer than another version, beyond noise?"""

import argparse
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from fixtures.testbed.interface import TestbedFailed
from fixtures.testbed.runs import REPOSITORY, new_run_dir
from fixtures.testbed.signals import end_in_order_when_terminated
from gate.display import COLOURS, a_console
from gate.outcome import Outcome
from gate.tables import a_table
from gate.usage import WrongUse, a_release, a_seed
from load.compare import PAGE, SECONDS, compare, told_of
from load.comparing.findings import Comparison
from load.comparing.pairs import Said
from load.comparing.versions import NoSuchVersion

EXAMPLES = """examples:
  ./assay compare v1.4.0                            this release against a tag, a branch or a commit
  ./assay compare HEAD                              what is not committed yet against what is
  ./assay compare n-plus-one-on-the-order-list      a planted defect against the release without it
  ./assay compare my-change.diff                    any diff against sut/, made with git diff
  ./assay compare ../release-1.4                    against a directory that holds sut/
  ./assay compare HEAD --seconds 60                 less time, less certainty

Both versions run on this machine and are asked in turn, in windows of some milliseconds. A difference is
claimed only where its whole interval lies beyond what two runs of one version differ by.

exit codes: 0 nothing became worse, 1 something did, 2 unknown (too noisy, or a version does not work),
64 wrong use, 130 interrupted
"""
_TONES = {Said.WORSE: "red", Said.BETTER: "green", Said.SAME: "default", Said.UNCLEAR: "magenta"}


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of compare."""
    parser.add_argument(
        "ref", metavar="REF", help="a git reference, a diff, a planted defect, or a directory"
    )
    parser.add_argument(
        "--sut",
        type=a_release,
        default=REPOSITORY,
        metavar="DIR",
        help="the release that REF is held against",
    )
    parser.add_argument(
        "--seconds",
        type=_seconds,
        default=SECONDS,
        metavar="S",
        help=f"how long both are asked ({SECONDS:g}); starting them comes on top",
    )
    parser.add_argument("--seed", type=a_seed, default=1, metavar="N", help="seed of the random order (1)")


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
    console.print(f"page     {_shown(folder / PAGE)}", markup=False, highlight=False, soft_wrap=True)
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


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 10 <= value <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 10 to 3600")
    return value


def _shown(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
