"""Builds the whole report of a run: Allure's part first, then the summary page in front of it."""

from pathlib import Path

from gate.history import Entry, last_good, recall
from gate.report.allure import build as build_allure
from gate.report.install import AllureUnavailable
from gate.report.results import add
from gate.report.summary import Allure, render
from gate.verdict import Evidence, Verdict

HISTORY = "history.jsonl"
ALLURE_HISTORY = "allure-history.jsonl"
PAGE = "report/index.html"


def build_report(
    run_dir: Path,
    verdict: Verdict,
    evidence: Evidence,
    *,
    state: Path,
    with_allure: bool = True,
    new: bool = True,
) -> Path:
    """Write RUN/report/index.html, the one file to open, and return its path.

    That Allure cannot be had is told on the page and changes no verdict. Only a `new` run is added to trends.
    """
    good = last_good(recall(state / HISTORY), Entry.of(verdict))
    allure = Allure(why_not="it was not asked for")
    if with_allure:
        allure = _allure(run_dir, verdict, evidence, good, state / ALLURE_HISTORY if new else None)
    page = run_dir / PAGE
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(render(verdict, evidence, good=good, allure=allure), encoding="utf-8")
    return page


def _allure(
    run_dir: Path, verdict: Verdict, evidence: Evidence, good: Entry | None, history: Path | None
) -> Allure:
    summary = render(verdict, evidence, good=good, allure=Allure(), links=False)
    performance = add(run_dir / "allure-results", verdict, evidence, summary)
    release = verdict.record.release.get("ref", "")
    variables = {"Verdict": verdict.outcome.value, "Release": release, "Profile": verdict.record.profile}
    try:
        path = build_allure(
            run_dir,
            name=f"Assay {verdict.outcome}: {release}",
            performance=performance,
            variables=variables,
            history=history,
        )
    except AllureUnavailable as error:
        return Allure(why_not=str(error))
    return Allure(path=path)
