"""The report: it opens from a file, tells the truth about the run, and names nobody outside."""

import base64
import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from gate import example_runs
from gate.outcome import Outcome
from gate.report import allure as allure_report
from gate.report.build import build_report
from gate.report.install import AllureUnavailable, install
from gate.report.offline import cleaned, outside_hosts
from gate.report.results import GLOBALS, add
from gate.report.trimmed import CARRIED_BYTES, LONGEST_VALUE, lay_out
from gate.run_files import read_evidence
from gate.stages import PYTEST
from gate.verdict import Evidence, Verdict, judge
from load.objectives import load_objectives

SUITE = """
import pytest

@pytest.mark.parametrize("n", range(3))
def test_passes(n):
    "A sentence."

def test_fails():
    assert 1 == 2

def test_breaks(no_such_fixture):
    pass

@pytest.mark.skip(reason="not today")
def test_skipped():
    pass
"""
COUNTED = {"passed": 3, "failed": 1, "error": 1, "skipped": 1}


def a_run(folder: Path, outcome: Outcome = Outcome.PASS) -> tuple[Path, Verdict, Evidence]:
    """A run that is judged so, with nothing but evidence."""
    run_dir = folder / "20261122T120000-a1b2c3"
    example_runs.write(run_dir, outcome)
    evidence = read_evidence(run_dir)
    return run_dir, judge(evidence, load_objectives()), evidence


def built(folder: Path, outcome: Outcome) -> Path:
    """The summary page of such a run, without Allure."""
    run_dir, verdict, evidence = a_run(folder, outcome)
    return build_report(run_dir, verdict, evidence, state=folder / "state", with_allure=False)


@pytest.fixture(scope="module")
def run_with_allure(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose tests were a small suite with every kind of end, reported by Allure itself."""
    try:
        install()
    except AllureUnavailable as unavailable:
        pytest.skip(f"Allure cannot be had here: {unavailable}")
    folder = tmp_path_factory.mktemp("allure")
    run_dir, verdict, evidence = a_run(folder)
    (folder / "test_suite.py").write_text(SUITE)
    results = ("--alluredir", str(run_dir / "allure-results"), "-p", "no:cacheprovider", "-p", "no:randomly")
    subprocess.run((*PYTEST, "test_suite.py", *results), cwd=folder, capture_output=True, check=False)
    build_report(run_dir, verdict, evidence, state=folder / "state")
    return run_dir


@pytest.mark.parametrize("outcome", list(Outcome))
def test_example_runs_are_judged_as_they_are_named(tmp_path: Path, outcome: Outcome) -> None:
    """The pictures of the README show what they say."""
    _, verdict, _ = a_run(tmp_path, outcome)

    assert verdict.outcome is outcome


@pytest.mark.parametrize("outcome", list(Outcome))
def test_summary_says_verdict_reasons_and_figures(tmp_path: Path, outcome: Outcome) -> None:
    """A release manager finds verdict, why, orders, objectives, stages and what changed on one page."""
    page = built(tmp_path, outcome).read_text()

    assert f"<h1>{outcome}</h1>" in page
    words = (
        "Why",
        "Lost",
        "Doubled",
        "Mispriced",
        "Stuck",
        "Slowest dashboard",
        "Objectives",
        "Stages",
        "Since",
    )
    assert [word for word in words if word not in page] == []
    assert "POST /v1/orders" in page or outcome is Outcome.UNKNOWN


def test_percentile_is_told_of_requests_enough_alone(tmp_path: Path) -> None:
    """The p99 of 29 requests is the slowest of them under another name, so it is not shown."""
    page = built(tmp_path, Outcome.PASS).read_text()

    of_few = page.split(">GET /v1/orders</th>")[1].split("</tr>")[0]
    of_many = page.split(">POST /v1/orders</th>")[1].split("</tr>")[0]
    assert ("14 ms" in of_few, "22 ms" in of_few, ">–<" in of_few) == (True, False, True)
    assert ("41 ms" in of_many, "77 ms" in of_many, ">–<" in of_many) == (True, True, False)


def test_summary_of_a_failure_names_test_message_rerun_and_lost_orders(tmp_path: Path) -> None:
    """Whoever has to mend it can begin at once."""
    page = built(tmp_path, Outcome.FAIL).read_text()

    assert "Second operator cannot take a taken order" in page
    assert "expect.to_have_text with timeout 5000ms" in page
    assert "./assay test &#39;e2e/ordering/test_example.py::test_second" in page
    assert "K7F3-0192" in page


def test_messages_of_the_system_cannot_become_part_of_the_page(tmp_path: Path) -> None:
    """What a broken page said is shown, never run."""
    run_dir, _, _ = a_run(tmp_path)
    path = run_dir / "evidence" / "e2e.json"
    document: dict[str, Any] = json.loads(path.read_text())
    document["tests"][0] |= {"outcome": "failed", "message": "assert '<script>alert(1)</script>'"}
    path.write_text(json.dumps(document))
    evidence = read_evidence(run_dir)

    page = build_report(run_dir, judge(evidence, []), evidence, state=tmp_path, with_allure=False).read_text()

    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("width", [400, 1280])
def test_summary_fits_its_window_and_asks_nobody_for_anything(
    tmp_path: Path, chromium: Browser, outcome: Outcome, width: int
) -> None:
    """It reads on a phone and on a desk, from a file, without a network."""
    page = chromium.new_page(viewport={"width": width, "height": 800})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    path = built(tmp_path, outcome)

    page.goto(path.as_uri())

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert asked == [path.as_uri()]
    page.close()


def test_summary_is_made_and_says_so_when_allure_cannot_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A registry that does not answer is no matter for a verdict."""

    def unavailable() -> Path:
        raise AllureUnavailable("the registry does not answer")

    monkeypatch.setattr(allure_report, "install", unavailable)
    run_dir, verdict, evidence = a_run(tmp_path)

    page = build_report(run_dir, verdict, evidence, state=tmp_path / "state").read_text()

    assert "No Allure report: the registry does not answer" in page
    assert "<h1>PASS</h1>" in page


def test_report_names_no_outside_host(run_with_allure: Path) -> None:
    """Every generated page, with the scripts inside of it, stays at home."""
    pages = [*(run_with_allure / "report").rglob("*.html")]

    assert len(pages) == 2
    assert [outside_hosts(page.read_text()) for page in pages] == [set(), set()]


def test_report_counts_as_pytest_does(run_with_allure: Path) -> None:
    """No test vanishes between pytest and the report, for example as a retry of another."""
    counts = _widget(run_with_allure, "widgets/statistic.json")

    told = {"passed": counts["passed"], "failed": counts["failed"], "error": counts["broken"]}
    assert told | {"skipped": counts["skipped"]} == COUNTED
    assert counts["total"] == sum(COUNTED.values())


def test_report_carries_load_figures_as_metrics_and_the_summary(run_with_allure: Path) -> None:
    """Allure's own page of metrics has them, and the summary is attached to the run."""
    metrics = {
        item["title"]: item["value"] for item in _widget(run_with_allure, "widgets/metrics.json")["current"]
    }
    attached = [item["name"] for item in _widget(run_with_allure, "widgets/globals.json")["attachments"]]

    assert metrics["POST /v1/orders p99"] == 77.0
    assert attached == ["Release summary: PASS"]


def test_report_opens_from_a_file_without_a_network(run_with_allure: Path, chromium: Browser) -> None:
    """The summary leads to Allure's page, which shows its tests and asks nobody."""
    page = chromium.new_page()
    outside: list[str] = []
    page.on(
        "request", lambda one: outside.append(one.url) if not one.url.startswith(("file:", "data:")) else None
    )

    page.goto((run_with_allure / "report" / "index.html").as_uri())
    page.get_by_role("link", name="Every test").click()
    page.get_by_text("test_fails").first.wait_for()

    assert outside == []
    page.close()


def test_cleaning_is_needed_and_finds_what_is_hidden_in_scripts() -> None:
    """The check above would see analytics, plain or inside of an embedded script."""
    hidden = base64.b64encode(b"fetch('https://tracker.example.com/x')").decode()
    page = (
        '<html><head><script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>\n'
        "<script>gtag('config', 'G-1')</script></head>"
        f'<script src="data:text/javascript;base64,{hidden}"></script>'
        '<svg xmlns="http://www.w3.org/2000/svg"></svg></html>'
    )

    assert outside_hosts(page) == {"www.googletagmanager.com", "tracker.example.com"}
    assert outside_hosts(cleaned(page)) == set()
    assert "gtag" not in cleaned(page)
    assert 'xmlns="http://www.w3.org/2000/svg"' in cleaned(page)


def test_results_that_are_too_large_are_named_instead_of_carried(tmp_path: Path) -> None:
    """A model of ten megabytes as a parameter, or a hundred recordings, do not end the report."""
    results = tmp_path / "results"
    results.mkdir()
    long = {"name": "t", "parameters": [{"name": "model", "value": "x" * 100_000}]}
    (results / "a-result.json").write_text(json.dumps(long))
    (results / "b-attachment.png").write_bytes(b"picture")
    with (results / "c-attachment.zip").open("wb") as recording:
        recording.truncate(CARRIED_BYTES)

    laid = lay_out(results, tmp_path / "laid")

    assert (
        len(json.loads((laid / "a-result.json").read_text())["parameters"][0]["value"]) == LONGEST_VALUE + 1
    )
    assert (laid / "b-attachment.png").read_bytes() == b"picture"
    assert "left out" in (laid / "c-attachment.zip").read_text()
    assert (results / "c-attachment.zip").stat().st_size == CARRIED_BYTES


def test_traces_that_were_found_broken_afterwards_are_attached_to_the_run(tmp_path: Path) -> None:
    """Their scenarios had passed by then; the page is in the report, under the order and the scenario."""
    run_dir, verdict, evidence = a_run(tmp_path)
    page = run_dir / "evidence" / "traces" / "7F3K-0192.html"
    page.parent.mkdir()
    page.write_text("the waterfall")
    drawn = {"number": "7F3K-0192", "test": "e2e/test_a.py::test_b", "page": "evidence/traces/7F3K-0192.html"}
    found = replace(evidence, traces={"broken": [drawn, {"number": "BBBB-0002", "page": ""}]})

    add(run_dir / "allure-results", verdict, found, "summary")

    attached = json.loads((run_dir / "allure-results" / GLOBALS).read_text())["attachments"]
    assert [item["name"] for item in attached[1:]] == [
        "Broken trace of order 7F3K-0192: e2e/test_a.py::test_b"
    ]
    assert (run_dir / "allure-results" / attached[1]["source"]).read_text() == "the waterfall"


def _widget(run_dir: Path, name: str) -> Any:
    page = (run_dir / "report" / "allure" / "index.html").read_text()
    found = re.search(rf'd\("{re.escape(name)}","([^"]+)"', page)
    assert found, f"the report has no {name}"
    return json.loads(base64.b64decode(found[1]))
