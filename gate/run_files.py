"""Reads a run's directory into evidence, and keeps the verdict there as verdict.json."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gate.record import RECORD, RunRecord
from gate.stage_evidence import StageEvidence, from_document, from_feed
from gate.verdict import CONSERVATION, DRILLS, TRACES, Evidence, Verdict

VERDICT = "verdict.json"
CHAOS = "verdict-chaos.json"
EARLIER = "evidence/earlier.json"
"""What criteria read in earlier good runs, kept with the run: judged again, it gives the same verdict."""


class NoSuchRun(LookupError):  # noqa: N818 - named for what happened, as our errors are
    """The directory holds no run; the message says what was looked for."""


def feed_path(run_dir: Path, stage: str) -> Path:
    """Return where a stage's live feed is kept."""
    return run_dir / "evidence" / f"{stage}.feed.jsonl"


def read_evidence(run_dir: Path) -> Evidence:
    """Read everything that is judged; files that are missing or broken are simply no evidence.

    Raises:
        NoSuchRun: the directory holds no readable record of a run.
    """
    stored = read_json(run_dir / RECORD)
    if stored is None and (run_dir / CHAOS).exists():
        raise NoSuchRun(
            f"{run_dir} is a run of chaos, of which no report is made: see chaos.svg and {CHAOS} there"
        )
    if stored is None:
        raise NoSuchRun(f"{run_dir} is no run's directory: it holds no readable {RECORD}")
    try:
        record = RunRecord.from_json(stored)
    except (KeyError, TypeError, ValueError) as error:
        raise NoSuchRun(
            f"{run_dir / RECORD} is no record of a run: {type(error).__name__}: {error}"
        ) from None
    stages = {name: _stage(run_dir, name) for name in record.planned if name != "load"}
    return Evidence(
        record,
        {name: found for name, found in stages.items() if found},
        load=read_json(run_dir / "evidence" / "load.json"),
        conservation=read_json(run_dir / CONSERVATION),
        traces=read_json(run_dir / TRACES),
        drills=read_json(run_dir / DRILLS),
        earlier=read_json(run_dir / EARLIER) or {},
    )


def write_verdict(run_dir: Path, verdict: Verdict) -> Path:
    """Keep the verdict with its run."""
    path = run_dir / VERDICT
    path.write_text(json.dumps(to_document(verdict), indent=1, ensure_ascii=False), encoding="utf-8")
    return path


def to_document(verdict: Verdict) -> dict[str, object]:
    """Return the verdict as it stands in verdict.json."""
    record = verdict.record
    return {
        "run": record.run,
        "outcome": verdict.outcome.value,
        "exit_code": verdict.exit_code,
        "full": record.full,
        "profile": record.profile,
        "seed": record.seed,
        "release": dict(record.release),
        "environment": dict(record.environment),
        "started_at": record.started_at,
        "finished_at": record.finished_at,
        "interrupted": record.interrupted,
        "why": verdict.why,
        "testbed": asdict(record.testbed),
        "stages": [asdict(stage) for stage in verdict.stages],
        "criteria": [criterion.to_json() for criterion in verdict.criteria],
    }


def read_json(path: Path) -> Mapping[str, Any] | None:
    """Return a JSON object kept in a file, or None where there is none that can be read."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None


def read_feed(path: Path) -> Iterator[Mapping[str, object]]:
    """Return the events of a stage's live feed; a last line cut short by a crash is left out."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            yield event


def _stage(run_dir: Path, name: str) -> StageEvidence | None:
    document = read_json(run_dir / "evidence" / f"{name}.json")
    if document is not None:
        return from_document(document)
    events = list(read_feed(feed_path(run_dir, name)))
    return from_feed(events) if events else None
