"""Follows a stage while it runs: the events its tests leave in the feed, the last line of its log."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from gate.stage_evidence import StageEvidence, Telling

_TAIL_BYTES = 2000


@dataclass
class Feed:
    """Reads a growing file of events, each line once."""

    path: Path
    _known: Telling = field(default_factory=Telling)
    _offset: int = 0
    _rest: bytes = b""

    def read(self) -> StageEvidence:
        """Return what is known by now."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._offset)
                new = file.read()
        except OSError:
            new = b""
        self._offset += len(new)
        *lines, self._rest = (self._rest + new).split(b"\n")
        for line in lines:
            try:
                self._known.add(json.loads(line))
            except ValueError:
                continue
        return self._known.evidence()


def last_line(log: Path) -> str:
    """Return the last line of a log that says anything."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def told(evidence: StageEvidence) -> str:
    """Say in a few words how far a stage's tests are."""
    if not evidence.collected:
        return "collecting" if not evidence.tests else f"{len(evidence.tests)} tests"
    words = [f"{len(evidence.tests)} of {evidence.collected} tests"]
    failed = sum(test.is_violation for test in evidence.tests)
    unclear = sum(test.is_unclear for test in evidence.tests)
    words += [f"{failed} failed"] if failed else []
    words += [f"{unclear} unclear"] if unclear else []
    return ", ".join(words)
