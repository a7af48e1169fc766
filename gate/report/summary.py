"""The page a release manager opens: built from evidence and verdict alone, so that it can be built again."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gate.criteria import Criterion
from gate.history import Change, Entry, changes
from gate.outcome import WORST_FIRST, Outcome
from gate.record import RunRecord, Start
from gate.report import figures, plots, words
from gate.verdict import Evidence, Verdict

TEMPLATE = "summary.html.j2"
PROBLEMS_SHOWN = 25
SENTENCES = {
    Outcome.PASS: "This release may go out.",
    Outcome.WARN: "This release may go out. Look at the warnings first.",
    Outcome.FAIL: "This release must not go out.",
    Outcome.UNKNOWN: "Nobody can tell yet. On this evidence the release must not go out.",
}
PARTIAL = {
    Outcome.PASS: "What was run passed.",
    Outcome.WARN: "What was run passed, with warnings.",
}


@dataclass(frozen=True)
class Allure:
    """Allure's part of the report: where it is, or why there is none."""

    path: str = ""
    why_not: str = ""


@dataclass(frozen=True)
class Problem:
    """A criterion that did not pass, with what helps to look into it."""

    criterion: Criterion
    rerun: str


def render(
    verdict: Verdict, evidence: Evidence, *, good: Entry | None, allure: Allure, links: bool = True
) -> str:
    """Return the page as HTML; without `links` it can stand where the run's other files are not beside it."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= _FILTERS
    page = _page(verdict, evidence, good) | {"allure": allure, "links": links}
    return environment.get_template(TEMPLATE).render(page)


def sentence(verdict: Verdict) -> str:
    """Say what the verdict means for the release, honestly also for a run of some stages only."""
    if verdict.record.full or verdict.outcome not in PARTIAL:
        return SENTENCES[verdict.outcome]
    stages = " and ".join(verdict.record.planned)
    return f"{PARTIAL[verdict.outcome]} Only {stages} ran, so this is no verdict on the whole release."


def _page(verdict: Verdict, evidence: Evidence, good: Entry | None) -> dict[str, Any]:
    measured = figures.operations(evidence.load)
    judged = [item for item in verdict.criteria if item.pass_bound]
    problems = _problems(verdict, evidence)
    return {
        "verdict": verdict,
        "record": verdict.record,
        "sentence": sentence(verdict),
        "css": Markup((Path(__file__).parent / "summary.css").read_text(encoding="utf-8")),  # noqa: S704 - ours
        "order_tiles": figures.order_tiles(evidence),
        "tiles_wide": figures.other_tiles(verdict, measured),
        "problems": problems[:PROBLEMS_SHOWN],
        "why_passed": _why_passed(verdict),
        "problems_left": max(len(problems) - PROBLEMS_SHOWN, 0),
        "objectives": [(item, _bar(item)) for item in judged],
        "stages": [(stage, _share_bar(stage.seconds, verdict)) for stage in verdict.stages],
        "operations": [(one, one.told(), plots.latency_plot(one.told())) for one in measured],
        "axis": plots.latency_axis(),
        "good": good,
        "changes": _changes(verdict, good),
        "environment": _environment(verdict.record),
    }


def _why_passed(verdict: Verdict) -> str:
    """Say in a sentence what a release that passed has been measured by."""
    tests = sum(stage.passed for stage in verdict.stages)
    passed = sum(item.outcome is Outcome.PASS for item in verdict.criteria)
    return f"{passed} of {len(verdict.criteria)} criteria passed, among them the {tests} tests that ran."


def _problems(verdict: Verdict, evidence: Evidence) -> list[Problem]:
    reruns = {test.id: test.rerun for stage in evidence.stages.values() for test in stage.tests}
    told = [
        item
        for item in verdict.criteria
        if item.outcome is not Outcome.PASS and not verdict.is_told_by_others(item)
    ]
    return [
        Problem(item, reruns.get(item.id, ""))
        for rank in WORST_FIRST
        for item in told
        if item.outcome is rank
    ]


def _changes(verdict: Verdict, good: Entry | None) -> list[Change]:
    return changes(good, Entry.of(verdict)) if good else []


def _bar(criterion: Criterion) -> Markup:
    tone = figures.TONES[criterion.outcome]
    return plots.value_bar(criterion.value, criterion.pass_bound, criterion.warn_bound, tone)


def _share_bar(seconds: float, verdict: Verdict) -> Markup:
    longest = max((stage.seconds for stage in verdict.stages), default=0.0)
    return plots.share_bar(seconds / longest if longest else 0.0, label=f"{seconds:.1f} s")


def _environment(record: RunRecord) -> Mapping[str, str]:
    testbed = record.testbed
    told = {"Run": record.run, "Profile": record.profile, "Seed": str(record.seed)}
    told |= {name.capitalize().replace("_", " "): value for name, value in record.release.items() if value}
    told |= {
        name.capitalize().replace("_", " "): value for name, value in record.environment.items() if value
    }
    if testbed.start is Start.STARTED:
        steps = ", ".join(f"{name} {seconds:.1f}" for name, seconds in testbed.breakdown.items())
        told["Testbed"] = f"{testbed.kind}, ready in {testbed.seconds:.1f} s" + (
            f" ({steps})" if steps else ""
        )
        told["Memory of the testbed"] = f"at most {words.megabytes(testbed.peak_rss_bytes)}"
    return told | {"Started": record.started_at, "Finished": record.finished_at}


_FILTERS = {
    "ms": words.milliseconds,
    "mb": words.megabytes,
    "tone": figures.TONES.__getitem__,
    "value": words.value,
    "bound": words.bound,
    "headroom": words.headroom,
    "capital": words.capital,
}
