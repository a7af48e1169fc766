"""What a run prints at its end: the verdict table, the reasons, and where to look."""

from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gate.criteria import Criterion
from gate.display import COLOURS
from gate.outcome import Outcome
from gate.record import StageSummary
from gate.report import words
from gate.report.summary import sentence
from gate.verdict import Verdict


def print_verdict(console: Console, verdict: Verdict, *, page: Path | None, run_dir: Path) -> None:
    """Print the whole verdict."""
    console.print()
    console.print(_stages(verdict))
    judged = [item for item in verdict.criteria if item.pass_bound]
    if judged:
        console.print(_objectives(judged))
    console.print(f"[bold {COLOURS[verdict.outcome]}]{verdict.outcome}[/]  {escape(sentence(verdict))}")
    for line in verdict.why:
        console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)
    console.print(
        f"report   {page}" if page else f"evidence {run_dir}", markup=False, highlight=False, soft_wrap=True
    )


def badge(outcome: Outcome) -> str:
    """Return the outcome in its colour, for rich."""
    return f"[{COLOURS[outcome]}]{outcome}[/]"


def a_table(*columns: str, right: tuple[str, ...] = ()) -> Table:
    """Return an empty table in the style of all our tables."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return table


def _stages(verdict: Verdict) -> Table:
    table = a_table("stage", "outcome", "tests", "time", "memory", right=("time", "memory"))
    testbed = verdict.record.testbed
    started = next(item for item in verdict.criteria if item.id == "testbed.start")
    table.add_row(
        "testbed",
        badge(started.outcome),
        "",
        f"{testbed.seconds:.1f} s",
        words.megabytes(testbed.peak_rss_bytes),
    )
    for stage in verdict.stages:
        memory = words.megabytes(stage.peak_rss_bytes)
        table.add_row(stage.name, badge(stage.outcome), _tests(stage), f"{stage.seconds:.1f} s", memory)
    return table


def _tests(stage: StageSummary) -> str:
    counts = {
        "passed": stage.passed,
        "failed": stage.failed,
        "unclear": stage.unclear,
        "skipped": stage.skipped,
    }
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)


def _objectives(judged: list[Criterion]) -> Table:
    table = a_table(
        "objective", "outcome", "value", "passes", "headroom", "samples", right=("value", "samples")
    )
    for item in judged:
        headroom = "" if item.headroom_share is None else words.headroom(item.headroom_share)
        samples = "" if item.samples is None else str(item.samples)
        value, bound = words.value(item), words.bound(item.pass_bound)
        table.add_row(escape(words.capital(item.title)), badge(item.outcome), value, bound, headroom, samples)
    return table
