"""Times the operators' dashboard: `python -m load.browser`, alone on the machine.

It starts three systems: one with a short history, one with a long one, and one with the long history in which
what makes the dashboard fast is undone (one table without an index, OFFSET pages, count(*)). It looks at the
same pages of all three in turn, so that a busy moment hits all alike, and prints when the first byte came and
when the rows were seen in Chromium, how both grow with the history, and how much slower the undone one is.
The figures are kept as JSON.
"""

import argparse
import itertools
import json
import os
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from fixtures.tables import BadFile
from fixtures.testbed.runs import ASSAY_DIR
from gate.usage import Parser
from load.page_times import Window, summary, windows
from load.targets import Figures, Judged, Summary, judged
from load.variants import Dashboard, Variant, running

EX_MISSED, EX_UNKNOWN = 1, 2
PAGES = {
    "all open": "/orders",
    "closed": "/orders?state=CLOSED",
    "closed, one material, old": "/orders?state=CLOSED&material=AL&age=over-week",
    "closed, one customer": "/orders?state=CLOSED&customer=history-0",
    "closed, fifth page": "/orders?state=CLOSED",
}
BEHIND = {"closed, fifth page": 4}
WARM_UP_ROUNDS = 2
FIRST_BYTES_A_ROUND = 2
Times = dict[str, dict[str, list[float]]]


def main(arguments: list[str] | None = None) -> int:
    """Measure, show, keep; return 0 where every target was met."""
    options = _parser().parse_args(arguments)
    variants = [Variant("short", options.few), Variant("long", options.orders)]
    if not options.without_undone:
        variants.append(Variant("undone", options.orders, is_undone=True))
    try:
        with TemporaryDirectory(dir=_folder(), prefix="browser-") as folder:
            with running(variants, Path(folder)) as dashboards, windows(dashboards) as shown:
                first, rows = _measured(dashboards, shown, options.rounds)
            filled_s = {one.variant.name: round(one.filled_s, 1) for one in dashboards}
    except (BadFile, RuntimeError) as error:
        print(f"browser  {error}", file=sys.stderr)
        return EX_UNKNOWN
    figures = Figures(
        orders={each.name: each.orders for each in variants},
        filled_s=filled_s,
        first_byte_ms={name: summary(_all(pages)) for name, pages in first.items()},
        rows_visible_ms={name: summary(_all(pages)) for name, pages in rows.items()},
    )
    targets = judged(figures)
    _show(figures, first, rows, targets)
    _keep(options.json, figures, first, rows, targets)
    return 0 if all(each.is_met for each in targets) else EX_MISSED


def _measured(dashboards: list[Dashboard], shown: list[Window], rounds: int) -> tuple[Times, Times]:
    """Look at every page of every dashboard in turn; return first bytes and rows by variant and page."""
    paths = [
        {page: each.behind(path, BEHIND.get(page, 0)) for page, path in PAGES.items()} for each in dashboards
    ]
    first: Times = defaultdict(lambda: defaultdict(list))
    rows: Times = defaultdict(lambda: defaultdict(list))
    places = list(zip(dashboards, shown, paths, strict=True))
    for turn in range(-WARM_UP_ROUNDS, rounds):
        if turn % 5 == 0:
            print(f"browser  round {turn} of {rounds}", flush=True)
        places.append(places.pop(0))  # so that none is always measured behind the same other
        for page, (dashboard, window, path) in itertools.product(PAGES, places):
            bytes_ms = [dashboard.first_byte_ms(path[page]) for _ in range(FIRST_BYTES_A_ROUND)]
            seen_ms = window.rows_visible_ms(path[page])
            if turn >= 0:
                first[dashboard.variant.name][page] += bytes_ms
                rows[dashboard.variant.name][page].append(seen_ms)
    return first, rows


def _show(figures: Figures, first: Times, rows: Times, targets: list[Judged]) -> None:
    console = Console(highlight=False)
    for title, times, whole in (
        ("first byte, ms", first, figures.first_byte_ms),
        ("rows visible in Chromium, ms", rows, figures.rows_visible_ms),
    ):
        table = Table("page", title=f"{title} (median / p95)", title_justify="left")
        for name in times:
            table.add_column(f"{name}: {figures.orders[name]:,} orders", justify="right")
        for page in PAGES:
            table.add_row(page, *(_cell(summary(times[name][page])) for name in times))
        table.add_section()
        table.add_row("every page", *(_cell(whole[name]) for name in times))
        console.print(table)
    table = Table("target", "seen", "wanted", "", title="targets", title_justify="left")
    for each in targets:
        table.add_row(
            each.name, f"{each.seen:g}", each.wanted, "met" if each.is_met else "[bold red]MISSED[/]"
        )
    console.print(table)


def _cell(figures: Summary) -> str:
    return f"{figures['p50']:.1f} / {figures['p95']:.1f}"


def _keep(path: Path, figures: Figures, first: Times, rows: Times, targets: list[Judged]) -> None:
    document = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cpus": os.cpu_count(), "load_1min": round(os.getloadavg()[0], 2)},
        **figures._asdict(),
        "pages": {
            "first_byte_ms": {
                name: {page: summary(t) for page, t in pages.items()} for name, pages in first.items()
            },
            "rows_visible_ms": {
                name: {page: summary(t) for page, t in pages.items()} for name, pages in rows.items()
            },
        },
        "targets": [each._asdict() for each in targets],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"browser  kept in {path}")


def _all(pages: dict[str, list[float]]) -> list[float]:
    return [each for times in pages.values() for each in times]


def _folder() -> Path:
    ASSAY_DIR.mkdir(exist_ok=True)
    return ASSAY_DIR


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m load.browser",
        description=__doc__,
        epilog="exit codes: 0 every target was met, 1 one was missed, 2 nothing could be measured",
    )
    parser.add_argument(
        "--orders", type=_count, default=1_000_000, metavar="N", help="the long history (1000000)"
    )
    parser.add_argument("--few", type=_count, default=10_000, metavar="N", help="the short history (10000)")
    parser.add_argument("--rounds", type=_count, default=20, metavar="N", help="looks at each page (20)")
    parser.add_argument("--without-undone", action="store_true", help="leave the undone variant out")
    parser.add_argument(
        "--json",
        type=Path,
        default=ASSAY_DIR / "browser.json",
        metavar="FILE",
        help="where the figures are kept",
    )
    return parser


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 5_000_000):
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to 5000000, not {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
