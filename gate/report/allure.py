"""Builds Allure's report of a run's tests: one file that opens offline."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from gate.report.install import AllureUnavailable, install, node
from gate.report.offline import cleaned
from gate.report.trimmed import lay_out

HISTORY_KEPT = 30
_WITHIN_S = 120.0


def build(
    run_dir: Path, *, name: str, performance: dict[str, Any], variables: dict[str, str], history: Path | None
) -> str:
    """Build the report from RUN/allure-results, and return its path from RUN/report.

    With a history it shows trends, and adds this run to them.

    Raises:
        AllureUnavailable: Allure cannot be had here, or could not read the results.
    """
    report = run_dir / "report"
    report.mkdir(parents=True, exist_ok=True)
    settings = _settings(report / "allure", name, performance, variables, history)
    path = report / "allurerc.json"
    path.write_text(json.dumps(settings, indent=1, ensure_ascii=False), encoding="utf-8")
    _generate(run_dir, path)
    page = report / "allure" / "index.html"
    if not page.is_file():
        raise AllureUnavailable(f"Allure left no {page.name}")
    page.write_text(cleaned(page.read_text(encoding="utf-8")), encoding="utf-8")
    return "allure/index.html"


def _settings(
    output: Path, name: str, performance: dict[str, Any], variables: dict[str, str], history: Path | None
) -> dict[str, Any]:
    options = {"reportName": name, "singleFile": True, "reportLanguage": "en"}
    options["groupBy"] = ["parentSuite", "suite", "subSuite"]
    settings = {
        "name": name,
        "output": str(output),
        "plugins": {"awesome": {"options": options}},
        "performance": performance,
        "variables": variables,
        "appendHistory": history is not None,
    }
    if history is not None:
        history.parent.mkdir(parents=True, exist_ok=True)
        settings |= {"historyPath": str(history), "historyLimit": HISTORY_KEPT}
    return settings


def _generate(run_dir: Path, settings: Path) -> None:
    results = lay_out(run_dir / "allure-results", run_dir / "report" / "allure-input")
    command = [str(node()), str(install()), "generate", "--config", str(settings), str(results)]
    try:
        done = subprocess.run(
            command, cwd=run_dir, capture_output=True, text=True, timeout=_WITHIN_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AllureUnavailable(f"Allure could not be run: {error}") from None
    shutil.rmtree(results)
    (run_dir / "logs").mkdir(exist_ok=True)
    (run_dir / "logs" / "allure.log").write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode != 0:
        said = " ".join((done.stderr or done.stdout).split())[:300]
        raise AllureUnavailable(f"Allure ended with exit status {done.returncode}: {said}")
