"""`trace`: an order's way through the services, as lines in the terminal and as a page."""

import argparse
import sys
import uuid
import webbrowser
from pathlib import Path

from fixtures.testbed.runs import ASSAY_DIR, REPOSITORY, RUNS
from fixtures.testbed.target import Target
from fixtures.traces.folders import folders_of
from fixtures.traces.hops import released
from fixtures.traces.lines import told
from fixtures.traces.recorded import Recorded
from fixtures.traces.source import SpanSource, SpansUnreadable
from fixtures.traces.story import Story
from fixtures.traces.tracing import hops_of, source_of
from fixtures.traces.waterfall import page
from gate.outcome import Outcome
from gate.usage import WrongUse

_LATEST = 20


def trace(options: argparse.Namespace) -> int:
    """Show an order's traces."""
    try:
        story, folder = _of_target(options) if options.target else _of_run(options)
    except SpansUnreadable as unreadable:
        print(f"UNKNOWN: {unreadable}", file=sys.stderr)
        return Outcome.UNKNOWN.exit_code
    name = f"{story.name if _is_plain(story.name) else story.order_id}.html"
    # a page that is there may be what a verdict rests on
    path = ASSAY_DIR / "traces" / name if (folder / name).exists() else folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(story), encoding="utf-8")
    print("\n".join(told(story)))
    print(f"page  {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")
    if options.open and not webbrowser.open(path.as_uri()):
        print("no browser could be opened; open that file yourself", file=sys.stderr)
    return 0


def _of_run(options: argparse.Namespace) -> tuple[Story, Path]:
    for run in [options.run] if options.run else _latest():
        story = _story(options.order, Recorded(*folders_of(run)))
        if story:
            return story, run / "evidence" / "traces"
    where = options.run or f"the latest {_LATEST} runs under {RUNS.relative_to(REPOSITORY)}"
    raise WrongUse(f"no span in {where} names an order {options.order!r}; --run names another run")


def _latest() -> list[Path]:
    """Return the latest runs that received spans, newest first."""
    runs = sorted(RUNS.glob("*/traces"), key=lambda folder: folder.stat().st_mtime, reverse=True)
    if not runs:
        raise WrongUse(f"no run under {RUNS.relative_to(REPOSITORY)} received spans; ./assay up starts one")
    return [folder.parent for folder in runs[:_LATEST]]


def _of_target(options: argparse.Namespace) -> tuple[Story, Path]:
    target = Target.load(options.target)
    source = source_of(target)
    if source is None:
        raise WrongUse(f"{options.target} does not say where traces are: it has no [traces]")
    story = _story(options.order, source, target)
    if story is None:
        raise WrongUse(f"no span of {target.name} names an order {options.order!r}")
    return story, ASSAY_DIR / "traces"


def _story(order: str, source: SpanSource, target: Target | None = None) -> Story | None:
    order_id = str(uuid.UUID(order)) if _is_id(order) else source.id_of(order.upper())
    spans = source.of_order(order_id) if order_id else []
    if not order_id or not spans:
        return None
    return Story(order_id, spans, hops=hops_of(target) if target else released())


def _is_id(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False


def _is_plain(name: str) -> bool:
    return name.replace("-", "").isalnum()
