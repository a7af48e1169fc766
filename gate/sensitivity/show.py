"""Shows the defect matrix while it fills."""

from collections.abc import Callable
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from gate.display import COLOURS
from gate.outcome import Outcome
from gate.sensitivity.matrix import Row
from gate.tables import a_table


class Matrix:
    """The table of finished rows, with the running one at its end; on a terminal it is redrawn in place."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._rows: list[Row] = []
        self._now = ""
        self._live = Live(console=console, get_renderable=self._table, refresh_per_second=4)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start(refresh=True)
        return self

    def __exit__(self, *error: object) -> None:
        self._now = ""
        if self._console.is_terminal:
            self._live.stop()
        else:
            self._console.print(self._table())

    def begin(self, name: str) -> "InnerDisplay":
        """Begin a row; return what shows its stages."""
        if not self._console.is_terminal:
            self._console.print(f"{name} …", markup=False, highlight=False)
        return InnerDisplay(lambda text: setattr(self, "_now", f"{name}: {text}"))

    def end(self, row: Row) -> None:
        """Add a finished row."""
        self._now = ""
        self._rows.append(row)
        if not self._console.is_terminal:
            by = row.by or row.why
            line = f"{row.name}: {row.result} {row.stage} {by} {row.seconds:.0f} s"
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _table(self) -> Table:
        table = a_table("defect", "result", "stage", "caught by", "time", right=("time",))
        for row in self._rows:
            result = f"[{COLOURS[row.outcome]}]{row.result}[/]"
            table.add_row(row.name, result, row.stage, escape(row.by or row.why), f"{row.seconds:.0f} s")
        if self._now:
            name, _, text = self._now.partition(": ")
            table.add_row(name, "[dim]runs", "", f"[dim]{escape(text)}", "")
        return table


class InnerDisplay:
    """A run's display inside the matrix: one changing line."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        return

    def say(self, text: str) -> None:
        """Leave out what is said of single tests; the matrix names the one that catches."""

    def begin(self, step: str, text: str) -> None:
        """Show the step that begins."""
        self._show(f"{step} {text}")

    def update(self, step: str, text: str, seconds: float) -> None:
        """Show how far it is."""
        self._show(f"{step} {text} {seconds:.0f} s")

    def end(self, step: str, outcome: Outcome, text: str, seconds: float) -> None:
        """Show how it ended."""
        self._show(f"{step} {outcome} {text}")
