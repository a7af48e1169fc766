"""What the gate itself did in a run: the testbed it started, the stages it ran; kept as evidence/run.json."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from gate.outcome import Outcome

RECORD = "evidence/run.json"


class Ended(StrEnum):
    """How a stage came to its end."""

    ITSELF = "itself"
    TIME_LIMIT = "time limit"
    INTERRUPT = "interrupt"
    NOT_RUN = "not run"


class Start(StrEnum):
    """What became of starting the testbed."""

    STARTED = "started"
    REFUSED = "refused"  # the system under test did not come up
    IMPOSSIBLE = "impossible"  # our own tools are missing or broken
    NOT_TRIED = "not tried"


@dataclass(frozen=True)
class StageRecord:
    """How one stage ran, whatever it found."""

    name: str
    ended: Ended = Ended.NOT_RUN
    why: str = ""
    exit_status: int | None = None
    started_at: str = ""
    seconds: float = 0.0
    limit_s: float = 0.0
    peak_rss_bytes: int = 0
    command: str = ""

    @property
    def log(self) -> str:
        """Path of the stage's output, from the run's directory."""
        return f"logs/stage-{self.name}.log"


@dataclass(frozen=True)
class TestbedRecord:
    """How the system under test came up."""

    __test__ = False  # its name is no test's

    start: Start = Start.NOT_TRIED
    kind: str = ""
    why: str = ""
    seconds: float = 0.0
    breakdown: Mapping[str, float] = field(default_factory=dict)
    log_lines: tuple[str, ...] = ()
    died: tuple[str, ...] = ()
    peak_rss_bytes: int = 0
    traces: bool = False
    """Whether the system's spans can be read, so that its orders' traces are owed."""


@dataclass(frozen=True)
class RunRecord:
    """What the gate did in one run."""

    run: str
    profile: str
    seed: int
    release: Mapping[str, str]
    environment: Mapping[str, str]
    planned: tuple[str, ...]
    full: bool
    started_at: str
    finished_at: str = ""
    interrupted: str = ""
    testbed: TestbedRecord = TestbedRecord()
    stages: tuple[StageRecord, ...] = ()

    def stage(self, name: str) -> StageRecord:
        """Return the record of a planned stage; one that was never reached did not run."""
        return next((stage for stage in self.stages if stage.name == name), StageRecord(name))

    def write(self, run_dir: Path) -> None:
        """Keep the record with the run's evidence."""
        path = run_dir / RECORD
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read a record back.

        Raises:
            KeyError, TypeError, ValueError: the document is not such a record.
        """
        testbed = dict(stored["testbed"])
        testbed["start"] = Start(testbed["start"])
        for name in ("log_lines", "died"):
            testbed[name] = tuple(testbed[name])
        stages = tuple(_stage(stage) for stage in stored["stages"])
        read = {"testbed": TestbedRecord(**testbed), "stages": stages, "planned": tuple(stored["planned"])}
        return cls(**{**stored, **read})


def _stage(stored: Mapping[str, Any]) -> StageRecord:
    return StageRecord(**{**stored, "ended": Ended(stored["ended"])})


@dataclass(frozen=True)
class StageSummary:
    """A stage as the verdict tells it: its outcome and what it cost."""

    name: str
    outcome: Outcome
    ended: Ended
    seconds: float
    peak_rss_bytes: int
    passed: int = 0
    failed: int = 0
    unclear: int = 0
    skipped: int = 0
