"""What an open load came to: figures, whether they can be trusted, a table, and files."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from load.account import Account
from load.hlog import write_hlog
from load.percentile_plot import percentile_page, percentile_svg
from load.recorder import Recorder, write_csv

HISTOGRAMS = "load.hlog.gz"
PLOTS = ("percentiles.svg", "percentiles.html")
TITLE = "Latency by percentile"
_COLUMNS = ("requests", "failures", "p50_ms", "p95_ms", "p99_ms", "p99.9_ms", "max_ms", "service_p99_ms")


class Results:
    """The figures of one run, of all generators together."""

    def __init__(
        self,
        recorder: Recorder,
        accounts: Mapping[str, Account],
        elapsed_s: float,
        faults: Sequence[str] = (),
        generators: int = 1,
    ) -> None:
        self.recorder, self.accounts, self.elapsed_s = recorder, accounts, elapsed_s
        self._faults, self._generators = faults, generators

    @property
    def doubt(self) -> str:
        """Why the figures cannot be trusted; empty where they can."""
        told = [f"{name}: {each.doubt}" for name, each in self.accounts.items() if each.doubt]
        return "; ".join([*self._faults, *told])

    def evidence(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "elapsed_s": round(self.elapsed_s, 3),
            **self.recorder.evidence(self.elapsed_s),
            "arrivals": {name: each.evidence() for name, each in self.accounts.items()},
            "generators": {"most": self._generators, "faults": list(self._faults)},
            "doubt": self.doubt,
        }

    def write(self, folder: Path) -> None:
        """Leave histograms (load.hlog.gz), figures (load.json, .csv) and plots (percentiles.svg, .html)."""
        folder.mkdir(parents=True, exist_ok=True)
        evidence = self.evidence()
        (folder / "load.json").write_text(json.dumps(evidence, indent=2), encoding="utf-8")
        write_csv(folder / "load.csv", evidence)
        write_hlog(folder / HISTOGRAMS, self.recorder.operations)
        write_plots(folder, self.recorder)

    def table(self) -> list[str]:
        """Return the figures for people, and the verdict on their own worth."""
        lines = [f"{'latency from the intended start':42s}" + "".join(f"{name:>15s}" for name in _COLUMNS)]
        evidence = self.recorder.evidence(self.elapsed_s)
        for name, figures in evidence["operations"].items():
            cells = "".join(f"{figures.get(column, ''):>15}" for column in _COLUMNS)
            lines.append(f"{name[:41]:42s}{cells}")
        lines += [
            f"failed {each['count']} times: {each['operation']}: {each['message']}"
            for each in evidence["failures"]
        ]
        for name, each in self.accounts.items():
            lasted_s = self.elapsed_s - each.begins_s
            rate_per_s = each.begun / lasted_s if lasted_s > 0 else 0.0
            lines.append(
                f"arrivals {name}: {each.begun} of {each.planned} begun ({rate_per_s:.1f}/s), "
                f"{each.shed} shed, {each.overdue} overdue, {each.cut_off} cut off, "
                f"{each.repeated} requests repeated, "
                f"lag p50 {each.lag.value_at(50):.2f} ms, p99 {each.lag_p99_ms:.2f} ms"
            )
        lines.append(f"UNKNOWN: {self.doubt}" if self.doubt else "the load was applied as planned")
        return lines


def write_plots(folder: Path, recorder: Recorder) -> None:
    """Draw the percentiles of every operation."""
    curves = {
        (name, kind): histogram
        for name, series in recorder.operations.items()
        for kind, histogram in (("latency", series.latency), ("service", series.service))
    }
    for name, drawn in zip(
        PLOTS, (percentile_svg(curves, TITLE), percentile_page(curves, TITLE)), strict=True
    ):
        (folder / name).write_text(drawn, encoding="utf-8")
