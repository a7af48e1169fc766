"""What a run shows while it goes on: a live table on a terminal, plain lines anywhere else."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, Self

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table

from gate.outcome import Outcome

COLOURS = {Outcome.PASS: "green", Outcome.WARN: "yellow", Outcome.FAIL: "red", Outcome.UNKNOWN: "magenta"}
HEARTBEAT_S = 10.0
LOG_WIDTH = 130
_Row = tuple[Outcome | None, str, float | None]


def a_console() -> Console:
    """Return the console that is printed to; a log has no width, so its tables get room."""
    console = Console()
    return console if console.is_terminal else Console(width=LOG_WIDTH)


def from_here(path: Path) -> Path:
    """Return a path as it is typed in this folder, if it lies below it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


class Display(Protocol):
    """What the line tells of itself while it runs."""

    def __enter__(self) -> Self:
        """Begin to show."""

    def __exit__(self, *error: object) -> None:
        """Leave the last state standing."""

    def say(self, text: str) -> None:
        """Show a line that stays."""

    def begin(self, step: str, text: str) -> None:
        """Show that a step has begun."""

    def update(self, step: str, text: str, seconds: float) -> None:
        """Show how far the step is."""

    def end(self, step: str, outcome: Outcome, text: str, seconds: float) -> None:
        """Show how the step ended."""


class PlainDisplay:
    """Lines only: when a step begins and ends, and a sign of life every ten seconds."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told_at: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        return

    def say(self, text: str) -> None:
        """Print a line."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def begin(self, step: str, text: str) -> None:
        """Print that a step has begun."""
        self._told_at[step] = time.monotonic()
        self.say(f"{step:<9} …        {text}")

    def update(self, step: str, text: str, seconds: float) -> None:
        """Print a sign of life, now and then."""
        if time.monotonic() - self._told_at[step] >= HEARTBEAT_S:
            self._told_at[step] = time.monotonic()
            self.say(f"{step:<9} …        {text}  {seconds:.0f} s")

    def end(self, step: str, outcome: Outcome, text: str, seconds: float) -> None:
        """Print how a step ended."""
        self.say(f"{step:<9} {outcome:<8} {text}  {seconds:.1f} s")


class LiveDisplay:
    """A table that is redrawn in place, with lines that stay above it."""

    def __init__(self, console: Console, steps: Iterable[str]) -> None:
        self._rows: dict[str, _Row] = dict.fromkeys(steps, (None, "", None))
        self._running: set[str] = set()
        self._spinner = Spinner("dots")
        self._console = console
        self._live = Live(console=console, get_renderable=self._table, refresh_per_second=8)

    def __enter__(self) -> Self:
        self._live.start(refresh=True)
        return self

    def __exit__(self, *error: object) -> None:
        self._running.clear()
        self._live.stop()

    def say(self, text: str) -> None:
        """Print a line above the table."""
        self._console.print(text, markup=False, highlight=False)

    def begin(self, step: str, text: str) -> None:
        """Mark a step as running."""
        self._running.add(step)
        self._rows[step] = (None, text, 0.0)

    def update(self, step: str, text: str, seconds: float) -> None:
        """Redraw a step's row."""
        self._rows[step] = (None, text, seconds)

    def end(self, step: str, outcome: Outcome, text: str, seconds: float) -> None:
        """Draw a step's row for the last time."""
        self._running.discard(step)
        self._rows[step] = (outcome, text, seconds)

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for step, (outcome, text, seconds) in self._rows.items():
            spent = "" if seconds is None else f"{seconds:.1f} s"
            state: object = f"[{COLOURS[outcome]}]{outcome}" if outcome else "[dim]waits"
            if step in self._running:
                state = self._spinner
            table.add_row(step, state, f"{spent:>8}", escape(text))  # type: ignore[arg-type]  # all renderables
        return table


def a_display(console: Console, steps: Iterable[str]) -> Display:
    """Return what suits the place that is written to."""
    return LiveDisplay(console, steps) if console.is_terminal else PlainDisplay(console)
