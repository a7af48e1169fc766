"""What the gate adds to Allure's results: load figures as metrics, the summary page, the environment."""

import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from gate.record import RunRecord
from gate.report.figures import Operation, operations
from gate.verdict import Evidence, Verdict

METRICS = "load-perf.json"
SUMMARY = "release-summary-attachment.html"
GLOBALS = "release-summary-globals.json"
ENVIRONMENT = "environment.properties"
LATENCY, THROUGHPUT = "latency", "throughput"


def add(results: Path, verdict: Verdict, evidence: Evidence, summary: str) -> dict[str, Any]:
    """Write our files among Allure's results, and return the settings that explain the metrics."""
    results.mkdir(parents=True, exist_ok=True)
    samples, settings = metrics(evidence)
    _write(results / METRICS, samples)
    (results / SUMMARY).write_text(summary, encoding="utf-8")
    attachment = {"name": f"Release summary: {verdict.outcome}", "source": SUMMARY, "type": "text/html"}
    _write(results / GLOBALS, {"attachments": [attachment, *_broken_traces(results, evidence)], "errors": []})
    (results / ENVIRONMENT).write_text(_properties(verdict.record), encoding="utf-8")
    return settings


def _broken_traces(results: Path, evidence: Evidence) -> Iterator[dict[str, str]]:
    """Attach the pages of traces that were found broken only after their scenarios had passed."""
    broken = (evidence.traces or {}).get("broken")
    for number, each in enumerate(broken if isinstance(broken, list) else ()):
        page = results.parent / str(each.get("page") or "none") if isinstance(each, Mapping) else results
        if page.is_file():
            source = f"trace-{number}-attachment.html"
            shutil.copyfile(page, results / source)
            name = f"Broken trace of order {each.get('number')}: {each.get('test')}"
            yield {"name": name, "source": source, "type": "text/html"}


def metrics(evidence: Evidence) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the load figures as Allure's metrics, and what they are called there."""
    load = evidence.load or {}
    start, stop = _milliseconds(load.get("started_at")), _milliseconds(load.get("finished_at"))
    samples, named = [], {}
    for operation in operations(evidence.load):
        for figure, value in _figures(operation, load).items():
            key = f"{operation.name} {figure}"
            unit, group, better = _KINDS[figure]
            named[key] = {"title": key, "unit": unit, "better": better, "group": group}
            samples.append({"id": key, "key": key, "value": value, "start": start, "stop": stop})
    groups = {LATENCY: {"title": "Latency under load"}, THROUGHPUT: {"title": "Throughput under load"}}
    return samples, {"groups": groups, "metrics": named}


def _figures(operation: Operation, load: Mapping[str, Any]) -> dict[str, float]:
    entry = load.get("operations", {}).get(operation.name, {})
    rate = entry.get("rate_per_s") if isinstance(entry, Mapping) else None
    return operation.told() | ({"rate": float(rate)} if isinstance(rate, int | float) else {})


def _properties(record: RunRecord) -> str:
    known = {"profile": record.profile, "seed": str(record.seed), **record.release, **record.environment}
    return "".join(f"{name} = {value}\n" for name, value in known.items() if value)


def _milliseconds(moment: object) -> int:
    try:
        return int(datetime.fromisoformat(str(moment)).timestamp() * 1000)
    except ValueError:
        return 0


def _write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


_KINDS = dict.fromkeys(("p50", "p95", "p99"), ("ms", LATENCY, "lower"))
_KINDS["rate"] = ("1/s", THROUGHPUT, "higher")
