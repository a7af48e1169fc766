"""How long an order may wait in each hop: data, read once at the start, all mistakes named at once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sut.flow.hops import BY_NAME, HOPS, Hop

RELEASED = Path(__file__).with_name("deadlines.toml")
_LONGEST_S = 366 * 86_400
_SMALLEST_FACTOR, _LARGEST_FACTOR = 1e-6, 1e3


class BadDeadlines(ValueError):  # noqa: N818 - named for what it is, as our errors are
    """Deadlines that cannot be used; the text names everything that is wrong."""


@dataclass(frozen=True)
class Deadline:
    """The budget of a hop and why it is what it is."""

    hop: Hop
    seconds: float
    reason: str

    def due(self, since: datetime) -> datetime:
        """Return when an order that waits since then becomes overdue."""
        return since + timedelta(seconds=self.seconds)


Deadlines = Mapping[str, Deadline]


def of_setting(text: str) -> Deadlines:
    """Return the deadlines that FLOW_DEADLINES asks for: a file, or a factor for ours.

    Raises:
        BadDeadlines: it is neither a factor nor a usable file.
    """
    try:
        factor = float(text)
    except ValueError:
        return read(Path(text))
    if not _SMALLEST_FACTOR <= factor <= _LARGEST_FACTOR:
        raise BadDeadlines(f"a factor must be from {_SMALLEST_FACTOR} to {_LARGEST_FACTOR}, not {text}")
    return scaled(read(RELEASED), factor)


def scaled(deadlines: Deadlines, factor: float) -> Deadlines:
    """Return the deadlines, each `factor` times as long."""
    return {
        name: replace(deadline, seconds=deadline.seconds * factor) for name, deadline in deadlines.items()
    }


def read(path: Path) -> Deadlines:
    """Read a file of deadlines.

    Raises:
        BadDeadlines: it cannot be read, lacks a hop, or holds something that is no deadline.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadDeadlines(f"{path}: {error}") from None
    if faults := _faults(data):
        raise BadDeadlines(f"{path}: {'; '.join(faults)}")
    return {
        hop.name: Deadline(hop, float(data[hop.name]["seconds"]), data[hop.name]["reason"]) for hop in HOPS
    }


def _faults(data: dict[str, Any]) -> list[str]:
    unknown = [f"[{name}] is no hop (hops: {', '.join(BY_NAME)})" for name in data if name not in BY_NAME]
    missing = [f"[{name}] is missing" for name in BY_NAME if name not in data]
    wrong = [fault for name in BY_NAME if name in data for fault in _faults_of(name, data[name])]
    return unknown + missing + wrong


def _faults_of(name: str, entry: object) -> list[str]:
    if not isinstance(entry, dict):
        return [f"{name} must be a table with seconds and reason"]
    faults = [f"[{name}] {key} is unknown" for key in entry if key not in ("seconds", "reason")]
    seconds, reason = entry.get("seconds"), entry.get("reason")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 < seconds <= _LONGEST_S:
        faults.append(f"[{name}] seconds must be a number above 0, at most {_LONGEST_S}")
    if not isinstance(reason, str) or not reason.strip():
        faults.append(f"[{name}] reason must be a text")
    return faults
